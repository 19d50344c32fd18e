"""What a procedure file may say about time: named dates, how long a pause may last, who is told at a second miss."""

from datetime import date, time

import pytest

from domain.limits.limits import Absolute, WorkingDays
from domain.procedure.procedure import ClockRule, Procedure
from procedures.description.rules import rules_told
from procedures.reader import ProcedureErrors, read_procedure
from tests.procedures.test_procedure_reader import SHOP
from wording.limits import spoken_limit

PAUSING = SHOP.replace("  dispatch: [agent]\n", "  dispatch: [agent]\n  pause: [keeper]\n  resume: [agent, keeper]\n")


def read(text: str) -> Procedure:
    return read_procedure(text, calendars=("cn",))


def mistakes(text: str) -> list[tuple[str, str]]:
    with pytest.raises(ProcedureErrors) as told:
        read(text)
    return [(found.field, found.in_words("en")) for found in told.value.mistakes]


def clock(text: str, **fields: str) -> tuple[str, ClockRule]:
    """The file with these fields in its first clock, and that clock."""
    changed = text
    for name, value in fields.items():
        if name == "limit":
            changed = changed.replace("    limit: 24 h\n", f"    limit: {value}\n", 1)
        else:
            changed = changed.replace("    limit: ", f"    {name}: {value}\n    limit: ", 1)
    return changed, read(changed).clocks[0]


@pytest.mark.parametrize(
    ("written", "limit"),
    [
        ("by 2026-12-31", Absolute(date(2026, 12, 31))),
        ("by 2026-12-31 18:00", Absolute(date(2026, 12, 31), time(18))),
        ('"by 2026-12-31 18:00"', Absolute(date(2026, 12, 31), time(18))),
    ],
)
def test_a_clock_may_end_by_a_named_date(written: str, limit: Absolute) -> None:
    assert clock(SHOP, limit=written)[1].limit == limit


def test_a_date_that_does_not_exist_is_told_with_its_place() -> None:
    wrong = SHOP.replace("    limit: 24 h\n", "    limit: by 2026-02-30\n", 1)
    assert mistakes(wrong) == [("clocks[0].limit", "'by 2026-02-30' is no limit: there is no such date or time.")]


def test_a_pause_lasts_ten_working_days_at_most_or_what_the_file_says() -> None:
    assert read(PAUSING).longest_pause == WorkingDays(10)
    with_rule = PAUSING.replace("rules:\n", "rules:\n  longest_pause: 72 h\n")
    assert with_rule != PAUSING
    assert str(read(with_rule).longest_pause) == "72 h"
    wrong = PAUSING.replace("rules:\n", "rules:\n  longest_pause: long\n")
    [(field, message)] = mistakes(wrong)
    assert field == "rules.longest_pause"
    assert message.startswith("'long' is no limit: write")


def test_the_roles_told_at_a_second_miss_are_roles_of_the_file_and_of_a_clock_that_can_be_missed() -> None:
    text, rule = clock(SHOP, tell_at_second_miss="[keeper]")
    assert rule.tell_at_second_miss == ("keeper",)
    [(field, _)] = mistakes(text.replace("second_miss: [keeper]", "second_miss: [kepper]"))
    assert field == "clocks[0].tell_at_second_miss[0]"
    soft = mistakes(text.replace("    limit: ", "    soft: true\n    limit: ", 1))
    never = "A soft clock is never missed, so it has no second miss either."
    assert ("clocks[0].tell_at_second_miss", never) in soft


def test_pauses_and_second_misses_are_told_among_the_rules() -> None:
    procedure = read(clock(PAUSING, tell_at_second_miss="[keeper]")[0])
    assert ("pause", "10 working days at a time") in rules_told(procedure, "en")
    assert ("暂停计时", "每次最长 10 个工作日") in rules_told(procedure, "zh")
    assert ("missed again", "Answer: Shopkeeper too") in rules_told(procedure, "en")
    assert ("再次超时", "答复：另告知店长") in rules_told(procedure, "zh")
    assert not {"pause", "missed again"} & {subject for subject, _ in rules_told(read(SHOP), "en")}


def test_a_named_date_is_spoken_in_both_languages() -> None:
    assert spoken_limit(Absolute(date(2026, 12, 31)), "zh") == "2026-12-31 前"
    assert spoken_limit(Absolute(date(2026, 12, 31), time(18)), "zh") == "2026-12-31 18:00 前"
    assert spoken_limit(Absolute(date(2026, 12, 31), time(18)), "en") == "by 2026-12-31 18:00"
