"""Whom incidents and reports tell, and in which words; and what a message says of money and of pauses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import uuid4

import pytest

from domain.complaint import events
from domain.incident import events as happenings
from domain.incident.incident import Incident
from domain.notices import incidents as notices_of_incidents
from domain.notices import reports as notices_of_reports
from domain.notices.notices import Addressee, Notice
from domain.procedure.compensation_rule import Authority
from domain.procedure.procedure import Procedure
from domain.reporting.reports import RUNNER, PeriodReported, ReportedFigure, counts_of, stream_of
from domain.titles import LANGUAGES, Language
from domain.values import ActedBy
from eventlog.streams import INCIDENT
from procedures.library import Library
from tests.facts import MONDAY_9AM, TUESDAY_9AM, classified, dispatched, drafted, happened, received
from tests.spec import given, kf0001
from wording.notices import incidents as words_of_incidents
from wording.notices.complaints import words_for_staff
from wording.notices.message import Words
from wording.notices.reports import words_of_report

LIBRARY: Final = Library.ready()
AGENT: Final = ActedBy("agent-7", "agent")
CLOCK: Final[dict[str, Any]] = {"clock": "inform-manager", "started_at": MONDAY_9AM, "due_at": TUESDAY_9AM}
INFORMED: Final[dict[str, Any]] = {"to_role": "manager", "means": "phone", "text": "张三来电称系统坏了"}
SENT_OUT: Final = (received(), classified(), drafted(), dispatched("settlement", "trading"))


@dataclass
class Found:
    """An incident and its last event, of which somebody may have to be told."""

    incident: Incident
    event: happenings.IncidentEvent

    def told(self) -> tuple[Notice, ...]:
        return notices_of_incidents.notices_of(self.event, self.incident)

    def words(self, language: Language, *, with_title: bool = False) -> Words:
        return words_of_incidents.words_of_incident(self.event, self.incident, language, with_title=with_title)

    def head(self, language: Language) -> str:
        return words_of_incidents.head_of(self.event, self.incident, language)


def incident(*later: tuple[type[happenings.IncidentEvent], dict[str, Any]], **opening: Any) -> Found:
    """An ACD that failed on Monday at nine, and what happened then."""
    id, rules = uuid4(), LIBRARY.procedure("emergency")
    facts: dict[str, Any] = {
        "number": "EMERGENCY-20260302-000001", "procedure": "emergency", "procedure_version": rules.version,
        "calendar": "cn", "calendar_version": "1", "kind": "acd-failure", "occurred_at": MONDAY_9AM,
        "key_id": uuid4(), "title": "ACD失灵", "text": "张三来电", "actor": AGENT, **opening,
    }  # fmt: skip
    stream: list[happenings.IncidentEvent] = [
        happenings.IncidentOpened(
            originator_id=id, originator_version=1, originator_topic=Incident.TOPIC, timestamp=MONDAY_9AM, **facts
        )
    ]
    for version, (event, more) in enumerate(later, 2):
        at = MONDAY_9AM + timedelta(minutes=version)
        stream.append(event(originator_id=id, originator_version=version, timestamp=at, **{"actor": AGENT, **more}))
    return Found(INCIDENT.folded(stream).governed_by(rules, LIBRARY.calendar("cn")), stream[-1])


def roles(notices: tuple[Notice, ...]) -> list[str]:
    assert {notice.to.kind for notice in notices} <= {"role"}
    return [notice.to.code for notice in notices]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, ["supervisor", "it", "manager"]),
        ({"actor": ActedBy("gu-fang", "supervisor")}, ["it", "manager"]),
        ({"kind": "fire"}, ["supervisor", "manager"]),
        ({"kind": "call-surge", "actor": ActedBy("system", "system")}, ["supervisor", "manager"]),
    ],
)
def test_an_incident_is_told_to_those_the_plan_names_and_else_to_those_who_close_it(
    facts: dict[str, Any], expected: list[str]
) -> None:
    found = incident(**facts)
    assert roles(found.told()) == expected


def test_who_is_informed_is_told_and_a_clock_tells_its_roles_each_once() -> None:
    informed = incident((happenings.RoleInformed, INFORMED))
    assert roles(informed.told()) == ["manager"]
    missed = incident((happenings.DeadlineMissed, {**CLOCK, "told": ("supervisor", "manager", "supervisor")}))
    assert roles(missed.told()) == ["supervisor", "manager"]
    noted = incident((happenings.IncidentNoted, {"text": "…"}))
    assert noted.told() == ()


def test_in_an_emergency_everything_but_a_warning_is_urgent() -> None:
    told = {**CLOCK, "told": ("manager",)}
    later = [(happenings.RoleInformed, INFORMED), (happenings.DeadlineMissed, told), (happenings.DeadlineWarned, told)]
    found = [incident(), *(incident(one) for one in later)]
    urgent = [one.told()[0].urgent for one in found]
    assert urgent == [True, True, True, False]


def test_whoever_owes_what_comes_near_of_an_incident_is_told_besides_whom_the_plan_names() -> None:
    for clock, ower in (("inform-manager", "supervisor"), ("leadership", "leadership"), ("restored", "it")):
        warned = {"clock": clock, "started_at": MONDAY_9AM, "due_at": TUESDAY_9AM, "told": ("vp-operations",)}
        assert roles(incident((happenings.DeadlineWarned, warned)).told()) == ["vp-operations", ower]
    told = incident((happenings.RoleInformed, INFORMED), (happenings.DeadlineWarned, {**CLOCK, "told": ()})).told()
    assert told == (), "it was done"


def test_of_a_confidential_kind_of_incident_only_its_circle_hears() -> None:
    found = incident().incident
    everybody = [Addressee("role", role) for role in ("it", "manager")]
    open_to_all = [notices_of_incidents.may_be_notified(role, (), found) for role in everybody]
    found.procedure = replace(found.procedure, confidential_to={"acd-failure": ("manager",)})
    circle = [notices_of_incidents.may_be_notified(role, (), found) for role in everybody]
    assert (open_to_all, circle) == ([True, True], [False, True])
    actor = Addressee("actor", "somebody")
    assert notices_of_incidents.may_be_notified(actor, ("manager",), found)
    assert not notices_of_incidents.may_be_notified(actor, ("admin",), found)
    assert not notices_of_incidents.may_read_title(Addressee("role", "manager"), found)


def test_a_message_about_an_incident_names_kind_beginning_and_clock_and_its_title_only_to_readers() -> None:
    found = incident((happenings.DeadlineMissed, {**CLOCK, "told": ("manager",)}))
    words = found.words("zh", with_title=True)
    assert (words.title, words.lines) == (
        "突发事件已超时：EMERGENCY-20260302-000001 上报客服部经理",
        (
            "事件编号：EMERGENCY-20260302-000001", "处理流程：呼叫中心突发事件处理预案", "事件类型：ACD系统故障",
            "发生时间：2026-03-02 09:00 (Asia/Shanghai)", "时限：上报客服部经理",
            "到期时间：2026-03-03 09:00 (Asia/Shanghai)", "事件：ACD失灵",
        ),
    )  # fmt: skip
    assert "ACD失灵" not in found.words("zh").text
    readers = [Addressee("role", "it"), Addressee("role", "integration"), Addressee("unit", "it")]
    assert [notices_of_incidents.may_read_title(to, found.incident) for to in readers] == [True, False, False]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_about_an_incident_says_what_was_written_down(language: Language) -> None:
    reached = {**CLOCK, "due": True, "told": ("manager",)}
    for later in ([], [(happenings.RoleInformed, INFORMED)], [(happenings.DeadlineWarned, reached)]):
        found = incident(*later)
        words = found.words(language)
        assert "张三" not in words.title + words.text
        assert words.title.startswith(found.head(language))


def test_of_two_words_to_a_leader_the_one_after_the_recovery_is_about_the_end() -> None:
    restored = (happenings.Restored, {"restored_at": MONDAY_9AM + timedelta(minutes=2), "text": "…"})
    first = incident((happenings.RoleInformed, INFORMED))
    second = incident((happenings.RoleInformed, INFORMED), restored, (happenings.RoleInformed, INFORMED))
    heads = [one.head("zh") for one in (first, second)]
    assert heads == ["突发事件上报", "突发事件恢复通报"]


def report(**facts: Any) -> PeriodReported:
    figures = (
        ReportedFigure("volume", 3, 3, None, 2, 50.0),
        ReportedFigure("resolution-rate", 0.5, 1, 2, None, None),
        ReportedFigure("time-to-close", 5400.0, 5400.0, 1, 3600.0, 50.0),
        ReportedFigure("justified", None, 0, 0, None, None),
        ReportedFigure("compensation-paid", 1, 1, None, None, None, "CNY", Decimal("12.50")),
    )
    of: dict[str, Any] = {
        "procedure": "after-sales", "procedure_version": "1.1", "kind": "monthly", "period": "2026-03",
        "first": date(2026, 3, 1), "last": date(2026, 3, 31), "position": 12, "figures": figures, "by_category": (),
        "by_unit": (), "risen": True, "actor": RUNNER,
        "told": ("project-office", "manager"), "rise_told": ("vice-president", "manager"),
    }  # fmt: skip
    at = datetime(2026, 3, 31, 16, tzinfo=UTC)
    stream = stream_of("after-sales")
    return PeriodReported(originator_id=stream, originator_version=1, timestamp=at, **{**of, **facts})


def test_a_report_tells_each_of_its_roles_once_whether_of_the_rise_or_of_the_figures() -> None:
    assert roles(notices_of_reports.notices_of(report())) == ["vice-president", "manager", "project-office"]
    assert roles(notices_of_reports.notices_of(report(rise_told=()))) == ["project-office", "manager"]
    assert not any(notice.urgent for notice in notices_of_reports.notices_of(report()))


def test_a_report_says_its_figures_beside_those_of_the_period_before() -> None:
    procedure = LIBRARY.procedure("after-sales")
    words = words_of_report(report(), procedure, "zh", rose=False)
    assert words.title == "周期报告：Case月度分析 2026-03"
    assert words.lines[1:] == (
        "周期：2026-03 (2026-03-01 – 2026-03-31)", "投诉量：3 (上期 2, +50 %)", "办结率：50.0 % (上期 —)",
        "处理时长：1.5 h (上期 1.0 h, +50 %)", "有理由投诉：— (上期 —)", "已付赔付：1 12.50 CNY (上期 —)",
    )  # fmt: skip
    risen = words_of_report(report(), procedure, "en", rose=True)
    assert risen.title == "Complaints have risen: Monthly analysis of cases 2026-03"
    assert risen.lines[2] == "Complaints: 3 (before: 2, +50 %)"


def hot(counts: dict[str, tuple[int, int]], of: int | None = None) -> str:
    """The last line of a message about a day of the hotline."""
    file = LIBRARY.procedure("hotline-12345")
    procedure = replace(file, reports=tuple(replace(rule, hot_from=of) for rule in file.reports))
    now, before = ({code: both[place] for code, both in counts.items()} for place in (0, 1))
    told = report(procedure="hotline-12345", kind="daily", by_issue_point=counts_of(now, before))
    return words_of_report(told, procedure, "zh", rose=False).lines[-1]


def test_a_report_names_its_hot_spots_and_nothing_that_somebody_made_up() -> None:
    listed = [code for code in LIBRARY.procedure("hotline-12345").issue_points][:4]
    counts = dict(zip(listed, [(5, 2), (4, 4), (3, 0), (2, 0)], strict=True)) | {"zhang-san-lies": (9, 0), "-": (7, 7)}
    titles = [LIBRARY.procedure("hotline-12345").issue_points[code].title.zh for code in listed]
    three = [f"{titles[0]} 5 (上期 2, +150 %)", f"{titles[1]} 4 (上期 4, +0 %)", f"{titles[2]} 3 (上期 0)"]
    assert hot(counts) == "热点：" + "、".join(three)
    assert hot(counts, 2) == "热点：" + "、".join([*three, f"{titles[3]} 2 (上期 0)"])
    assert hot(counts, 4) == "热点：" + "、".join(three[:2])
    assert not hot(counts, 6).startswith("热点")
    assert not hot({listed[0]: (0, 3)}).startswith("热点")


PROPOSED: Final[dict[str, Any]] = {"currency": "CNY", "basis": "张三要求", "method": "cash"}


@pytest.mark.parametrize(
    ("amount", "expected"), [("200", ["manager", "general-manager"]), ("201", ["general-manager"])]
)
def test_a_proposal_is_told_to_those_who_may_approve_its_amount(amount: str, expected: list[str]) -> None:
    table = (Authority(("manager",), Decimal(200)), Authority(("general-manager", "board-office"), None))
    fact = happened(events.CompensationProposed, amount=Decimal(amount), **PROPOSED)
    history = given(*SENT_OUT, fact, procedure=paying(table))
    assert roles(history.told) == expected
    words = words_for_staff(history.stream[-1], history.complaint, "zh")
    assert (words.lines[2], "张三" in words.text) == (f"金额：{amount} CNY", False)


def test_without_a_table_a_proposal_is_told_to_whoever_approves_at_all() -> None:
    fact = happened(events.CompensationProposed, amount=Decimal(5), **PROPOSED)
    history = given(*SENT_OUT, fact, procedure=paying(()))
    assert roles(history.told) == ["manager", "general-manager"]


def paying(table: tuple[Authority, ...]) -> Procedure:
    rules = kf0001()
    steps = {**rules.steps, "approve-compensation": ("manager", "general-manager")}
    return replace(rules, steps=steps, compensation=replace(rules.compensation, authority=table))


def test_a_pause_says_which_clocks_stand_still_and_until_when_at_the_latest() -> None:
    facts: dict[str, Any] = {"until": TUESDAY_9AM, "reason": "张三出差", "clocks": ("unit-answers",)}
    pause = happened(events.ClocksPaused, unit="trading", **facts)
    history = given(*SENT_OUT, pause)
    assert [notice.to for notice in history.told] == [
        Addressee("unit", "trading")
    ]
    words = words_for_staff(history.stream[-1], history.complaint, "zh")
    assert words.lines[2:4] == ("时限：责任单位确认处理意见", "最迟恢复时间：2026-03-03 09:00 (Asia/Shanghai)")
    assert "张三" not in words.text


def test_a_pause_of_the_whole_case_is_told_to_every_unit_that_was_asked() -> None:
    for event, more in ((events.ClocksPaused, {"until": TUESDAY_9AM, "reason": "…"}), (events.ClocksResumed, {})):
        history = given(*SENT_OUT, happened(event, clocks=("whole-case",), **more))
        told = [notice.to.code for notice in history.told]
        assert told == ["settlement", "trading"]


def test_a_notice_is_told_to_the_unit_and_the_people_it_names() -> None:
    notice = happened(events.NoticeIssued, text="…", penalty="…", unit="trading", people=("feng-yu",))
    history = given(*SENT_OUT, notice)
    told = [notice.to for notice in history.told]
    assert told == [Addressee("unit", "trading"), Addressee("actor", "feng-yu")]
