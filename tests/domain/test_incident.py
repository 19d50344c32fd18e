"""What the plan for call-centre emergencies asks for, decided by one incident. Mondays are March 2, 2026."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Final
from uuid import UUID

import pytest

from domain.errors import AbsurdTime, Refused, RoleForbids
from domain.incident import commands as c
from domain.incident import errors as refusals
from domain.incident import events as events
from domain.incident.deadlines import judge_clocks
from domain.incident.incident import Incident
from domain.incident.obligations import obligations_of
from domain.incident.opening import check_opening, open_incident
from domain.incident.steps import allowed_incident_steps, decide_on_incident, incident_step_taken_by
from domain.procedure.procedure import Procedure
from domain.request import Request
from domain.values import Actor
from eventlog.streams import INCIDENT
from procedures.calendar_reader import ready_calendar
from procedures.reader import read_procedure
from wording.refusals import missing_in_words

CN: Final = ready_calendar("cn")
NINE: Final = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
AGENT: Final = Actor("li-min", frozenset({"agent"}))
SUPERVISOR: Final = Actor("gu-fang", frozenset({"supervisor"}))
IT: Final = Actor("ma-chao", frozenset({"it"}))
LEADER: Final = Actor("sun-wei", frozenset({"leadership"}))
STRANGER: Final = Actor("partner-bank", frozenset({"partner"}))


@cache
def emergency() -> Procedure:
    return read_procedure((files("procedures") / "emergency.yaml").read_text("utf-8"), calendars=("cn",))


def minutes(count: float) -> datetime:
    """So many minutes after nine."""
    return NINE + timedelta(minutes=count)


def opened(kind: str = "acd-failure", at: datetime = NINE, actor: Actor = AGENT, **more: Any) -> Incident:
    command = c.OpenIncident(kind=kind, title="ACD失灵", text="所有座席均不能登录。", **more)
    check_opening(command, emergency(), at)
    by = incident_step_taken_by(emergency(), "open", actor, kind)
    return open_incident(command, (UUID(int=1), "EMERGENCY-20260302-000001", UUID(int=2)), by, emergency(), CN, at=at)


def when(incident: Incident, command: c.IncidentCommand, actor: Actor = SUPERVISOR, at: float = 1) -> list[str]:
    """The events that a command led to, by their names."""
    before = len(incident.pending_events)
    decide_on_incident(incident, command, Request(actor, minutes(at)))
    return [type(event).__name__ for event in incident.pending_events[before:]]


def told(incident: Incident, *roles: str, at: float = 1, means: Any = "phone") -> None:
    for role in roles:
        when(incident, c.InformRole(role, f"已通知{role}", means), at=at)


def judged(incident: Incident, at: float) -> list[tuple[str, str, tuple[str, ...]]]:
    """The warnings and misses recorded by then: what, of which clock, and who was told."""
    judge_clocks(incident, minutes(at))
    return [
        (type(event).__name__, event.clock, event.told)
        for event in incident.pending_events
        if isinstance(event, events.DeadlineWarned | events.DeadlineMissed)
    ]


def happened_to(incident: Incident) -> list[events.IncidentEvent]:
    return [event for event in incident.pending_events if isinstance(event, events.IncidentEvent)]


def state_of(incident: Incident, clock: str) -> str:
    [found] = [one.state for one in incident.clocks if one.name == clock]
    return found


def test_the_clocks_of_a_system_failure_are_5_10_and_60_minutes_and_a_day() -> None:
    due = {clock.name: clock.due_at for clock in opened().clocks}
    assert due == {
        "inform-manager": minutes(5), "inform-vp": minutes(10), "leadership": minutes(60), "restored": minutes(24 * 60),
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["application-failure", "network-failure", "acd-failure", "system-outage"])
def test_every_failure_of_a_system_has_the_three_clocks_of_the_plan(kind: str) -> None:
    names = [clock.name for clock in opened(kind).clocks]
    assert names == ["inform-manager", "inform-vp", "leadership", "restored"]


@pytest.mark.parametrize("kind", ["seat-fault", "power-cut", "fire", "call-surge", "media-crisis"])
def test_what_is_no_failure_of_a_system_has_to_be_over_some_day_and_recorded(kind: str) -> None:
    incident = opened(kind)
    assert [(clock.name, clock.state) for clock in incident.clocks] == [("restored", "running")]
    when(incident, c.RestoreIncident("已恢复"), IT, at=9)
    assert [(clock.name, clock.state) for clock in incident.clocks] == [("restored", "met"), ("recorded", "running")]


def test_what_a_limit_waits_for_is_owed_once() -> None:
    incident = opened("fire")
    assert [(one.name, str(one.owed_by)) for one in obligations_of(incident)] == [("restored", "role:supervisor")]
    when(incident, c.RestoreIncident("已恢复"), IT, at=9)
    owed = {one.name: str(one.owed_by) for one in obligations_of(incident) if one.waits}
    assert owed == {"recorded": "role:supervisor"}
    assert len(obligations_of(incident)) == 2


def test_a_manager_told_within_five_minutes_is_told_in_time() -> None:
    incident = opened()
    told(incident, "manager", at=4.9)
    assert state_of(incident, "inform-manager") == "met"
    assert state_of(incident, "inform-vp") == "running"


def test_another_role_does_not_stand_in_for_the_manager() -> None:
    incident = opened()
    told(incident, "it", at=2)
    assert state_of(incident, "inform-manager") == "running"


def test_what_nobody_does_is_warned_of_and_missed_in_due_order_each_once() -> None:
    incident = opened()
    expected = [
        ("DeadlineWarned", "inform-manager", ("supervisor",)),
        ("DeadlineMissed", "inform-manager", ("supervisor", "manager")),
        ("DeadlineWarned", "inform-vp", ("it", "supervisor")),
        ("DeadlineMissed", "inform-vp", ("manager", "vp-operations")),
        ("DeadlineWarned", "leadership", ("supervisor", "vp-operations")),
        ("DeadlineMissed", "leadership", ("leadership", "vp-operations")),
    ]
    assert judged(incident, 70) == expected
    assert judged(incident, 90) == expected


def test_the_next_judgement_is_the_first_warning() -> None:
    assert opened().next_judgement_at == minutes(4)


def test_a_system_restored_in_ten_minutes_leaves_the_vice_president_alone() -> None:
    incident = opened()
    told(incident, "manager", at=3)
    when(incident, c.RestoreIncident("已恢复"), IT, at=9)
    assert {clock.name: clock.state for clock in incident.clocks} == {
        "inform-manager": "met", "inform-vp": "met", "leadership": "met", "restored": "met", "recorded": "running",
    }  # fmt: skip
    assert [kind for kind, clock, _ in judged(incident, 70) if clock != "inform-vp"] == []


def test_the_leadership_decides_within_the_hour() -> None:
    incident = opened()
    assert "Decided" in when(incident, c.DecideOnIncident("联系系统供应商"), LEADER, at=50)
    assert state_of(incident, "leadership") == "met"
    assert state_of(incident, "inform-vp") == "missed"


def test_a_miss_stands_before_the_late_step_that_ends_it() -> None:
    assert when(opened(), c.InformRole("manager", "迟报"), at=6)[-2:] == ["DeadlineMissed", "RoleInformed"]


def test_an_incident_entered_late_is_judged_from_when_it_began() -> None:
    incident = opened(at=minutes(30), occurred_at=NINE)
    assert incident.occurred_at == NINE
    assert state_of(incident, "inform-manager") == "missed"
    assert state_of(incident, "leadership") == "running"


def test_its_end_may_be_noted_later_than_it_was() -> None:
    incident = opened("seat-fault")
    when(incident, c.RestoreIncident("换了耳机", restored_at=minutes(12)), at=20)
    assert incident.restored_at == minutes(12)


@pytest.mark.parametrize("restored_at", [minutes(-1), minutes(60), datetime(2026, 3, 2, 9, 1)])  # noqa: DTZ001
def test_an_end_before_the_beginning_in_the_future_or_without_its_offset_is_refused(restored_at: datetime) -> None:
    with pytest.raises(AbsurdTime):
        when(opened(), c.RestoreIncident("…", restored_at=restored_at), at=20)


def test_who_was_told_of_the_failure_is_told_of_its_end_by_telephone_before_it_is_closed() -> None:
    incident = opened()
    told(incident, "supervisor", "it", "manager")
    when(incident, c.RestoreIncident("已恢复"), IT, at=4)
    told(incident, "manager", at=5, means="sms")
    with pytest.raises(refusals.IncidentNotReadyToClose) as refusal:
        when(incident, c.CloseIncident("网关重启"), at=6)
    assert tuple(refusal.value.missing) == ("told-of-end.manager",)
    assert missing_in_words(refusal.value.missing, "en") == ["manager told of its end"]
    told(incident, "manager", at=6)
    assert when(incident, c.CloseIncident("网关重启", "网关故障"), at=7) == ["IncidentClosed"]


def test_a_power_cut_is_closed_only_when_supervisor_and_it_were_told() -> None:
    incident = opened("power-cut")
    when(incident, c.RestoreIncident("市电已恢复"), at=3)
    with pytest.raises(refusals.IncidentNotReadyToClose) as refusal:
        when(incident, c.CloseIncident("市电断电"), at=4)
    assert tuple(refusal.value.missing) == ("told.supervisor", "told.it")
    assert missing_in_words(refusal.value.missing, "en") == ["supervisor told of it", "it told of it"]


def test_who_opened_it_need_not_be_told() -> None:
    assert opened("power-cut", actor=SUPERVISOR).still_to_be_told == ["it"]


def test_an_incident_that_goes_on_cannot_be_closed() -> None:
    with pytest.raises(refusals.NotYetRestored):
        when(opened(), c.CloseIncident("…"))


def test_what_is_over_is_not_restored_or_decided_on_again() -> None:
    incident = opened("theft")
    when(incident, c.RestoreIncident("已报警"))
    for command, actor in ((c.RestoreIncident("再次"), IT), (c.DecideOnIncident("…"), LEADER)):
        with pytest.raises(refusals.IncidentIsRestored):
            when(incident, command, actor)


def test_a_closed_incident_takes_notes_and_nothing_else() -> None:
    incident = opened("theft")
    when(incident, c.RestoreIncident("已报警"))
    close = c.CloseIncident("失窃一部话机")
    assert when(incident, close) == ["IncidentClosed"]
    assert when(incident, close) == []
    with pytest.raises(refusals.IncidentIsClosed):
        when(incident, c.CloseIncident("另一个结论"))
    with pytest.raises(refusals.IncidentIsClosed):
        when(incident, c.InformRole("manager", "…"))
    assert when(incident, c.NoteOnIncident("警方来电")) == ["IncidentNoted"]


def test_telling_a_role_the_same_again_changes_nothing() -> None:
    incident = opened()
    command = c.InformRole("manager", "ACD失灵")
    assert when(incident, command) == ["RoleInformed"]
    assert when(incident, command) == []


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (c.InformRole("board", "…"), refusals.UnknownRoleToInform),
        (c.RestoreIncident("…", restored_at=datetime(2026, 3, 2, 9, 1)), AbsurdTime),  # noqa: DTZ001 (without a zone)
    ],
)
def test_a_step_with_a_value_that_cannot_be_is_refused(command: c.IncidentCommand, refusal: type[Refused]) -> None:
    with pytest.raises(refusal):
        when(opened(), command, at=2)


def test_an_incident_of_an_unknown_kind_or_of_the_future_is_refused() -> None:
    with pytest.raises(refusals.UnknownIncidentKind):
        opened("alien-landing")
    without_offset = datetime(2026, 3, 2, 8, 59)  # noqa: DTZ001
    for occurred_at in (minutes(10), NINE - timedelta(days=400), without_offset):
        with pytest.raises(AbsurdTime):
            opened(occurred_at=occurred_at)


@pytest.mark.parametrize(
    ("command", "actor"),
    [
        (c.DecideOnIncident("…"), AGENT),
        (c.RestoreIncident("…"), AGENT),
        (c.InformRole("manager", "…"), STRANGER),
    ],
)
def test_a_step_belongs_to_the_roles_that_the_plan_names(command: c.IncidentCommand, actor: Actor) -> None:
    with pytest.raises(RoleForbids):
        when(opened(), command, actor)


def test_only_what_can_be_done_now_by_this_role_is_offered() -> None:
    incident = opened("theft")
    assert allowed_incident_steps(incident, AGENT) == ["inform", "note"]
    assert allowed_incident_steps(incident, LEADER) == ["decide", "note"]
    when(incident, c.RestoreIncident("已报警"))
    assert allowed_incident_steps(incident, SUPERVISOR) == ["inform", "note", "close"]
    assert allowed_incident_steps(incident, STRANGER) == []


def test_what_cannot_be_closed_yet_is_not_offered_for_closing() -> None:
    incident = opened("power-cut")
    when(incident, c.RestoreIncident("市电已恢复"))
    assert "close" not in allowed_incident_steps(incident, SUPERVISOR)


def test_a_replayed_incident_is_the_incident() -> None:
    incident = opened()
    told(incident, "supervisor", "it", "manager", at=2)
    when(incident, c.RestoreIncident("已恢复"), IT, at=12)
    again = INCIDENT.folded(happened_to(incident)).governed_by(emergency(), CN)
    assert again.clocks == incident.clocks
    ours = {name: value for name, value in vars(incident).items() if name != "_pending_events"}
    assert {name: value for name, value in vars(again).items() if name != "_pending_events"} == ours
