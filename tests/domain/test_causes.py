"""What the service does by itself carries a cause and its numbers; the words come when it is shown."""

from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from app.queries.event_view import event_view
from app.queries.visibility import Seen
from domain.cause import Cause, CauseCode
from domain.complaint import events
from domain.titles import LANGUAGES, Language
from eventlog.log import Recorded
from tests.facts import COMPLAINT_ID, MONDAY_9AM, followed, happened
from tests.spec import kf0001
from wording.causes import CAUSES, cause_in_words


def shown(event: events.ComplaintEvent, seen: Seen, language: Language = "zh") -> dict[str, Any]:
    recorded = Recorded(7, COMPLAINT_ID, 1, event.TOPIC, b"", "system", datetime(2026, 3, 2, tzinfo=UTC))
    return event_view(event, recorded, seen, frozenset(), language).data


@pytest.mark.parametrize("code", get_args(CauseCode))
def test_every_cause_is_said_in_both_languages_with_all_that_it_names(code: CauseCode) -> None:
    said = [cause_in_words(Cause.of(code, count=2, subject="severe"), kf0001(), language) for language in LANGUAGES]
    assert len(set(said)) == 2
    assert not any("None" in words or "{" in words for words in said)


def test_no_words_are_left_of_a_cause_that_is_gone() -> None:
    assert set(CAUSES) == set(get_args(CauseCode))


def test_a_cause_says_how_often_and_names_things_as_the_procedure_does() -> None:
    severe, clock = Cause.of("severity", subject="severe"), Cause.of("missed", subject="settle")
    rule = kf0001().clock_named("settle")
    assert rule is not None
    assert cause_in_words(severe, kf0001(), "zh") == "严重投诉，第一时间反馈"
    assert cause_in_words(clock, kf0001(), "en") == f"{rule.title.en}: time limit missed"
    assert cause_in_words(Cause.of("dissatisfied", count=2), kf0001(), "zh") == "回访时客户第2次不满意"


def test_a_cause_calls_the_clock_that_was_missed_by_its_own_rule_where_several_share_its_name() -> None:
    missed, procedure = Cause.of("missed", subject="whole-case"), kf0001()
    rules = [place for place, rule in enumerate(procedure.clocks) if rule.name == "whole-case"]
    said = [
        cause_in_words(missed, procedure, language, rule=rule) for language in LANGUAGES for rule in rules
    ]  # fmt: skip
    assert said == [
        "一般投诉全程处理超时", "重大/严重投诉全程处理超时",
        "Whole case, general: time limit missed", "Whole case, major or severe: time limit missed",
    ]  # fmt: skip


def test_a_cause_of_before_the_rule_was_noted_names_all_that_may_be_meant() -> None:
    said = cause_in_words(Cause.of("missed", subject="whole-case"), kf0001(), "zh")
    assert said == "一般投诉全程处理／重大/严重投诉全程处理超时"


def test_a_history_is_shown_also_where_it_names_a_rule_that_the_procedure_has_not() -> None:
    event = happened(events.Supervised, cause=Cause.of("missed", subject="settle"), rule=1000).event(1)
    assert shown(event, Seen("all", kf0001()), "en")["text"].endswith(": time limit missed")


def test_a_cause_that_only_a_newer_version_knows_stands_for_itself() -> None:
    assert cause_in_words(Cause("moon", 3), kf0001(), "zh") == "moon"


@pytest.mark.parametrize("sight", ["all", "texts", "none"])
def test_a_history_shows_the_cause_and_its_words_to_all_who_see_the_event(sight: Any) -> None:
    cause = Cause.of("dissatisfied", count=2)
    event = followed(events.Escalated, to_role="manager", cause=cause).at(MONDAY_9AM).event(1)
    assert shown(event, Seen(sight, kf0001())) == {
        "to_role": "manager", "reason": "回访时客户第2次不满意", "cause": cause,
    }  # fmt: skip
    assert shown(event, Seen(sight, kf0001()), "en")["reason"] == "Dissatisfied callbacks: 2"


def test_what_a_person_said_stays_as_they_said_it() -> None:
    event = happened(events.Supervised, text="请抓紧").event(1)
    assert shown(event, Seen("all", kf0001()))["text"] == "请抓紧"
    assert shown(event, Seen("none", kf0001()))["text"] == "***"
