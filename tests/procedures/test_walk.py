"""A procedure is walked through before it is published: what a walk finds in ready files, and in ones with a fault."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli.procedures import app
from domain.clocks.moments import Moment
from domain.complaint.deadlines import judge_clocks
from domain.limits.calendar import Calendar
from domain.procedure.procedure import Procedure
from domain.titles import LANGUAGES
from procedures.library import Library
from procedures.reader import read_procedure
from procedures.walk import dead_ends
from procedures.walk.asks import ROWS
from procedures.walk.check import check
from procedures.walk.findings import Finding, Report, found_in
from procedures.walk.standing import twin_of
from procedures.walk.walk import LONG_AFTER, MOST_TURNS, walk_through
from wording.walks import FINDINGS

CN = Library.ready().calendar("cn")
CORRECTIONS = ("redirect", "recall", "add-unit")
FOR_COMPLAINTS = [code for code, one in Library.ready().procedures.items() if one.incidents is None]


def text_of(code: str) -> str:
    return (files("procedures") / f"{code}.yaml").read_text("utf-8")


def without(text: str, *steps: str) -> str:
    """The text in which nobody may take these steps."""
    rows = tuple(f"  {step}: [" for step in steps)
    kept = [line for line in text.splitlines(keepends=True) if not line.startswith(rows)]
    assert len(kept) == len(text.splitlines()) - len(steps)
    return "".join(kept)


def without_clock(text: str, name: str) -> str:
    """The text in which no limit of this name runs."""
    kept = re.sub(rf"^  - name: {name}\n(    .*\n)+", "", text, flags=re.MULTILINE)
    assert kept != text
    return kept


def read(text: str) -> Procedure:
    return read_procedure(text, calendars=("cn", "cn-office"))


def walked(text: str, most_states: int = 200, most_seconds: float = 60) -> Report:
    return check(read(text), CN, most_turns=MOST_TURNS, most_seconds=most_seconds, most_states=most_states)


@cache
def ready(code: str) -> Report:
    """What is found in a ready file, walked once for all who ask."""
    procedure = Library.ready().procedure(code)
    return check(procedure, Library.ready().calendar(procedure.calendar), most_turns=1, most_states=600)


def found(report: Report, code: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.code == code]


def example(finding: Finding) -> list[str]:
    """The steps of the example, without who took them."""
    return [title.en.partition(" (")[0] for title in finding.example]


@pytest.mark.parametrize("code", FOR_COMPLAINTS)
def test_a_ready_procedure_has_an_end_and_somebody_who_may_act_wherever_its_decisions_lead(code: str) -> None:
    told = [found_in(text_of(code), finding).in_words("en") for finding in ready(code).errors]
    assert told == []


def test_an_incident_of_the_ready_plan_has_an_end_a_limit_and_somebody_who_may_act_wherever_it_stands() -> None:
    report = check(Library.ready().procedure("emergency"), CN)
    assert report.findings == ()
    assert report.walked.is_whole
    assert report.walked.states > 100


@pytest.mark.parametrize("step", ["inform", "restore", "close"])
def test_an_incident_that_nobody_may_bring_to_its_record_is_a_dead_end(step: str) -> None:
    [dead] = found(walked(without(text_of("emergency"), step)), "dead-end")
    assert example(dead) == ["open incident"]
    assert not dead.is_warning


def test_a_step_of_incidents_that_nothing_leads_to_is_named() -> None:
    [never] = found(walked(without(text_of("emergency"), "restore")), "step-never-taken")
    assert never.place == "steps.close"


@pytest.mark.parametrize(
    ("limit", "way"), [("restored", ["open incident"]), ("recorded", ["open incident", "restore"])]
)
def test_an_open_incident_in_which_no_limit_runs_keeps_the_file_from_being_published(
    limit: str, way: list[str]
) -> None:
    [idle] = found(walked(without_clock(text_of("emergency"), limit)), "no-limit-runs")
    assert example(idle) == way
    assert not idle.is_warning


def test_a_limit_of_incidents_that_nobody_meets_is_named() -> None:
    unmet = found(walked(without(text_of("emergency"), "close")), "limit-never-met")
    rules = Library.ready().procedure("emergency").clocks
    assert [rules[int(one.place[7:-1])].name for one in unmet] == ["recorded"]


def test_a_dispute_that_nobody_may_rule_on_is_a_dead_end_though_the_customer_may_withdraw() -> None:
    text = without(text_of("kf0001"), "issue-ruling", *CORRECTIONS)
    ends = found(walked(text, 350), "dead-end")
    assert "  withdraw: [" in text
    assert example(ends[0]) == ["receive", "classify", "draft opinion", "dispatch", "dispute opinion"]
    assert not ends[0].is_warning
    assert "opinion final" in [title.en for title in ends[0].facts["missing"]]


@pytest.mark.parametrize(
    ("code", "left_out", "before"),
    [
        ("general", "pay-compensation", "approve-compensation"),
        ("general", "approve-compensation", "propose-compensation"),
        ("telecom-hall", "propose-compensation", "verify-charge"),
    ],
)
def test_money_that_nobody_may_bring_to_its_end_is_a_fault_however_far_the_walk_came(
    code: str, left_out: str, before: str
) -> None:
    text = without(text_of(code), left_out)
    [undone] = found(walked(text, 1), "money-left-undone")
    assert (undone.place, undone.is_warning) == (f"steps.{before}", False)
    line = found_in(text, undone).line
    assert text.splitlines()[line - 1].strip().startswith(f"{before}:")
    assert found(walked(text_of(code), 1), "money-left-undone") == []


def test_a_complaint_that_was_sent_to_the_wrong_unit_must_get_to_the_right_one() -> None:
    [wrong] = found(walked(without(text_of("market-30min"), *CORRECTIONS)), "wrong-unit")
    assert example(wrong) == ["receive", "classify", "dispatch"]


def test_a_step_that_nothing_leads_to_is_named_with_its_line() -> None:
    text = without(text_of("hotline-12345"), "exclude-from-scoring")
    [never] = found(walked(text), "step-never-taken")
    line = found_in(text, never).line
    assert text.splitlines()[line - 1].strip().startswith("include-in-scoring:")


def test_a_step_that_the_text_does_not_have_is_named_where_it_would_stand() -> None:
    text = text_of("general")
    assert "unlink" in read(text).steps
    line = found_in(text, Finding("step-never-taken", "steps.unlink")).line
    assert text.splitlines()[line - 1].strip().startswith("receive:")


@pytest.mark.parametrize("code", FOR_COMPLAINTS)
def test_whoever_may_link_can_take_a_link_back(code: str) -> None:
    assert "steps.unlink" not in [finding.place for finding in found(ready(code), "step-never-taken")]


def test_a_step_that_nobody_can_ever_take_is_a_fault_though_the_first_walk_is_cut_short() -> None:
    text = without(text_of("market-30min"), "exclude-from-scoring")
    assert walk_through(read(text), CN, most_states=60).turns < 1
    report = walked(text, 60)
    [never] = found(report, "step-never-taken")
    assert (never.place, never.is_warning, report.walked.turns) == ("steps.include-in-scoring", False, 1)


def test_a_walk_that_has_no_time_to_look_further_only_warns() -> None:
    text = without(text_of("market-30min"), "exclude-from-scoring")
    never = found(walked(text, most_seconds=0), "step-never-taken")
    assert "steps.include-in-scoring" in [one.place for one in never]
    assert all(one.is_warning for one in never)


@pytest.mark.parametrize("code", ["after-sales", "telecom-hall"])
def test_what_a_machine_took_down_is_nobody_s_so_it_can_be_assigned(code: str) -> None:
    assert found(ready(code), "step-never-taken") == []


def test_where_people_take_everything_down_nobody_can_assign_it() -> None:
    text = text_of("after-sales").replace(", integration]", "]").replace("  integration: none\n", "")
    assert [one.place for one in found(walked(text, 60), "step-never-taken")] == ["steps.assign"]


def test_what_the_customer_system_does_not_know_is_set_aside_by_somebody() -> None:
    assert found(ready("dealer-4s"), "step-never-taken") == []


def test_a_refund_is_made_good_by_one_who_proposes_another_who_approves_and_one_who_pays() -> None:
    assert found(ready("telecom-hall"), "limit-never-met") == []


def test_a_limit_that_no_step_of_the_file_stops_is_owed_by_nobody_who_can_act() -> None:
    text = without(text_of("dealer-4s"), "report-progress")
    place = [rule.name for rule in read(text).clocks].index("result-report")
    assert [one.place for one in found(walked(text), "limit-never-met")] == [f"clocks[{place}]"]


def test_an_open_complaint_in_which_no_limit_runs_keeps_the_file_from_being_published() -> None:
    [idle] = found(walked(without_clock(text_of("kf0001"), "classify"), 60, most_seconds=5), "no-limit-runs")
    assert example(idle) == ["receive"]
    assert not idle.is_warning


def test_a_limit_that_is_never_missed_binds_nobody() -> None:
    text = without_clock(text_of("kf0001"), "close-out")
    assert [clock.name for clock in read(text).clocks if clock.soft] == ["whole-case"]
    idle = found(walked(text, 300, most_seconds=60), "no-limit-runs")[0]
    assert example(idle)[-2:] == ["confirm opinion", "execute"]  # somebody anonymous is owed no word of it


def test_limits_that_cannot_be_kept_together_are_a_warning() -> None:
    together = found(ready("kf0001"), "limits-not-kept-together")
    others = {one.facts["clock"].en: [other.en for other in one.facts["others"]] for one in together}
    assert others["Whole case, general"][-3:] == [
        "Handling record sent 1 working day",
        "Unit answers the opinion 1 working day",
        "Opinion executed 2 working days",
    ]
    assert {one.is_warning for one in together} == {True}


def test_a_walk_gives_the_same_answer_every_time() -> None:
    first, second = (walked(text_of("general"), 60) for _ in range(2))
    assert first == second


def parts_written_to(value: Any) -> Iterator[Any]:
    """Whatever of a complaint may change, down to the last part; its rules and moments are only ever replaced."""
    if isinstance(value, Procedure | Calendar | Moment):
        return
    if isinstance(value, list | set | dict) or (is_dataclass(value) and type(value).__hash__ is None):
        yield value
    parts = value if isinstance(value, list | set | tuple) else value.values() if isinstance(value, dict) else ()
    if is_dataclass(value):
        parts = [getattr(value, field.name) for field in fields(value)]
    for part in parts:
        yield from parts_written_to(part)


def test_a_twin_remembers_the_same_and_shares_nothing_that_is_written_to() -> None:
    kinds = Counter[str]()
    procedure = read(text_of("kf0001"))
    for state in walk_through(procedure, CN, most_states=300).states:
        complaint = state.complaint.governed_by(procedure, CN)
        judge_clocks(complaint, state.at + LONG_AFTER)
        twin = twin_of(complaint)
        assert vars(twin) == vars(complaint)
        of_twin = {id(part) for part in parts_written_to(vars(twin))}
        shared = [part for part in parts_written_to(vars(complaint)) if id(part) in of_twin]
        assert shared == []
        kinds.update(type(part).__name__ for part in parts_written_to(vars(complaint)))
    assert {"UnitState", "Opinion", "Standing", "Miss", "RoundState", "Owner"} <= kinds.keys()


def test_a_walk_that_was_cut_short_says_how_far_it_came() -> None:
    report = walked(text_of("courier"), 60)
    assert not report.walked.is_whole
    assert report.walked.states >= 60


def test_a_dead_end_behind_a_turn_is_found_though_every_further_turn_was_cut_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dead_ends, "MOST_EXAMPLES", 1)
    monkeypatch.setattr(dead_ends, "MOST_SEARCHED", 100)
    text = without(text_of("kf0001"), "submit-capa", "reject", "settle")
    text = text.replace("    front_line: true", "    close_needs: [capa-issued]\n    front_line: true", 1)
    [dead] = found(check(read(text), CN, most_turns=1), "dead-end")
    assert example(dead)[-1] == "request CAPA"  # a turn: nobody submits the report
    assert not dead.is_warning


def test_a_dead_end_behind_what_the_customer_system_says_is_found_and_told_in_words() -> None:
    text = without(text_of("dealer-4s"), "reject", "override")
    for line in ("  overridable: [customer-known]\n", "    reject: [compensation-settled] #"):
        assert line in text
    text = re.sub(r"  overridable: .*\n|    reject: \[compensation-settled\].*\n", "", text)
    dead = found(check(read(text), CN, most_turns=1), "dead-end")[0]
    assert [title.en for title in dead.example] == [
        "receive", "check customer (Group call centre, The customer system has no such customer)"
    ]  # fmt: skip
    assert not dead.is_warning


def test_what_makes_no_difference_is_walked_once() -> None:
    walk = walk_through(read(text_of("general")), CN, most_turns=1)
    assert walk.turns == 1
    assert len(walk.states) < 1000  # six times as many, with what was measured and paid on the way


def test_a_walk_ends_when_its_time_is_over() -> None:
    walk = walk_through(read(text_of("general")), CN, most_seconds=0)
    assert not walk.is_whole


def test_every_step_of_a_ready_procedure_is_asked_in_a_way_of_its_own() -> None:
    steps = {step for code in FOR_COMPLAINTS for step in Library.ready().procedure(code).steps} - {"receive"}
    assert steps - ROWS.keys() <= {"match-accused"}


def test_everything_that_is_found_has_its_words_and_none_has_words_for_nothing() -> None:
    made = {
        code
        for file in (Path(str(files("procedures"))) / "walk").glob("*.py")
        for code in re.findall(r'Finding\(\s*"([a-z-]+)"', file.read_text("utf-8"))
    }
    assert made == FINDINGS.keys()


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "mine.yaml"
        path.write_text(text, "utf-8")
        return path

    return write


def test_check_tells_how_far_it_walked_what_to_think_of_and_that_the_file_is_right(file: Callable[[str], Path]) -> None:
    asked = ["check", str(file(text_of("kf0001"))), "--turns", "0"]
    result = CliRunner().invoke(app, asked, env={"REDRESS_LANGUAGE": "en"})
    assert result.exit_code == 0
    assert "Walked" in result.output
    assert "cannot be kept where the limits before it are used up" in result.output
    assert "is right." in result.output


def test_check_ends_with_1_where_a_complaint_gets_nowhere(file: Callable[[str], Path]) -> None:
    wrong = file(without(text_of("market-30min"), *CORRECTIONS))
    result = CliRunner().invoke(app, ["check", str(wrong), "--turns", "0"], env={"REDRESS_LANGUAGE": "en"})
    assert result.exit_code == 1
    assert "neither gets to the right one nor to an end. For example: receive → classify" in result.output


def test_what_is_missing_at_a_dead_end_is_called_by_its_name_and_by_no_code() -> None:
    """Where nobody lets a case go, a major plan may wait for ever: a manager reads what for."""
    text = without(text_of("market-30min"), "redirect", "recall", "withdraw", "reject")
    findings = [found_in(text, one) for one in check(read(text), CN, most_turns=1).findings]
    words = [one.in_words(language) for one in findings for language in LANGUAGES]
    assert any("部门经理对处理方法的审批" in said for said in words)
    assert [said for said in words if "plan-approved" in said] == []
