"""What has happened to a complaint, for `given(...)`: one maker per event, with defaults that a story can leave unsaid.

A maker's result can be moved and signed: `dispatched("settlement").at(TUESDAY_9AM).by(MANAGER)`. Left unsaid, it was
agent-1 on Monday at nine; where the fact is expected, whoever gave the command, at that moment.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Final
from uuid import UUID

from domain.complaint import events
from domain.people import People, Person
from domain.values import ActedBy, Actor, Complainant, LiabilityShare, LinkedComplaint

SHANGHAI: Final = timezone(timedelta(hours=8))
COMPLAINT_ID: Final = UUID("6f9619ff-8b86-4d01-8b2d-00c04fc964ff")
OTHER_ID: Final = UUID("0a1b2c3d-0000-4000-8000-000000000001")


def on(day: str, clock: str = "09:00") -> datetime:
    """An instant in Shanghai: `on("2026-03-02", "09:15")`."""
    return datetime.combine(date.fromisoformat(day), datetime.strptime(clock, "%H:%M").time(), SHANGHAI)  # noqa: DTZ007


# A week without holidays and make-up days, before and after it too.
MONDAY_9AM: Final = on("2026-03-02")
TUESDAY_9AM: Final = on("2026-03-03")
WEDNESDAY_9AM: Final = on("2026-03-04")
THURSDAY_9AM: Final = on("2026-03-05")
FRIDAY_9AM: Final = on("2026-03-06")
NEXT_MONDAY_9AM: Final = on("2026-03-09")
MUCH_LATER: Final = on("2026-06-01")


def person(name: str, *roles: str, unit: str | None = None) -> Actor:
    return Actor(name, frozenset(roles), unit)


def member_of(unit: str) -> Actor:
    return person(f"{unit}-clerk", "unit", unit=unit)


AGENT: Final = person("agent-1", "agent")
MANAGER: Final = person("manager-1", "manager")
BOARD_OFFICE: Final = person("board-1", "board-office")
GENERAL_MANAGER: Final = person("gm-1", "general-manager")
SETTLEMENT: Final = member_of("settlement")
TRADING: Final = member_of("trading")
ADMIN: Final = person("admin-1", "admin")
AUDITOR: Final = person("auditor-1", "auditor")
QUALITY: Final = person("quality-1", "quality")
PARTNER: Final = person("partner-1", "partner")
INTEGRATION: Final = person("pbx-1", "integration")


def people(*actors: Actor) -> People:
    """Everybody who has a key, where these have one."""
    return People.of(Person(one.id, one.name, one.roles, one.unit) for one in actors)


# Who has a key in the stories of the reference procedure.
STAFF: Final = people(
    AGENT, *(person(f"agent-{number}", "agent") for number in (0, 2, 3, 7)), MANAGER, BOARD_OFFICE, GENERAL_MANAGER,
    SETTLEMENT, TRADING, ADMIN, AUDITOR, QUALITY, PARTNER, INTEGRATION,
)  # fmt: skip


def acting(actor: Actor, role: str | None = None) -> ActedBy:
    """The signature of an actor, in this role or in their only one."""
    if role is None:
        (role,) = actor.roles
    return ActedBy(actor.id, role, actor.unit, actor.source)


BY_AGENT: Final = acting(AGENT)
# How the system signs what it does by itself: what follows from an event, from the time, from a new calendar.
BY_POLICY: Final = ActedBy("system", "system", source="policy")
BY_CLOCK: Final = ActedBy("system", "system", source="clock")
BY_CALENDAR: Final = ActedBy("system", "system", source="calendar")


@dataclass(frozen=True)
class Fact:
    """One event without its place in a stream; `facts` may be a part of its fields where it is expected."""

    type: type[events.ComplaintEvent]
    facts: dict[str, Any] = field(default_factory=dict)
    signed: ActedBy | None = None
    moment: datetime | None = None

    @property
    def actor(self) -> ActedBy:
        return self.signed or BY_AGENT

    @property
    def time(self) -> datetime:
        return self.moment or MONDAY_9AM

    def at(self, time: datetime) -> "Fact":
        moved = {"occurred_at": time} if self.facts.get("occurred_at") == self.time else {}
        return replace(self, moment=time, facts=self.facts | moved)

    def by(self, actor: Actor | ActedBy, role: str | None = None) -> "Fact":
        return replace(self, signed=actor if isinstance(actor, ActedBy) else acting(actor, role))

    def event(self, version: int, stream: UUID = COMPLAINT_ID) -> events.ComplaintEvent:
        place: dict[str, Any] = {"originator_id": stream, "originator_version": version, "timestamp": self.time}
        if self.type is events.Received:
            place["originator_topic"] = "complaint.Complaint"
        facts: dict[str, Any] = {"actor": self.actor, **self.facts}
        return self.type(**place, **facts)


def happened(event: type[events.ComplaintEvent], **facts: Any) -> Fact:
    """An event with the fields that matter to the story."""
    return Fact(event, facts)


def followed(event: type[events.ComplaintEvent], **facts: Any) -> Fact:
    """What the system recorded by itself because of something else."""
    return happened(event, **facts).by(BY_POLICY)


def fell_due(event: type[events.ComplaintEvent], **facts: Any) -> Fact:
    """What the system recorded by itself because the time had come."""
    return happened(event, **facts).by(BY_CLOCK)


def received(**facts: Any) -> Fact:
    defaults: dict[str, Any] = {
        "number": "KF0001-20260302-000001", "procedure": "kf0001", "procedure_version": "A/1.3",
        "calendar": "cn", "calendar_version": "1", "kind": "complaint", "channel": "phone",
        "occurred_at": MONDAY_9AM, "complainant_id": OTHER_ID, "anonymous": False,
        "complainant": Complainant(name="张三", phone="+8613800000000"),
        "subject": "入金三天未到账", "content": "三天前入金, 至今未到账", "issue_point": "deposit-delay",
    }  # fmt: skip
    return happened(events.Received, **(defaults | facts))


def classified(severity: str | None = "general", category: str = "process.deposit", **facts: Any) -> Fact:
    return happened(
        events.Classified, **({"severity": severity, "category": category, "issue_point": "deposit-delay"} | facts)
    )


def raised(*others: LinkedComplaint) -> Fact:
    return followed(
        events.SeverityRaised, severity="severe", before="general", issue_point="deposit-delay", others=others
    )


def settled(*, accepted: bool = True) -> Fact:
    return happened(events.SettledOnTheSpot, explanation="软件如此设置", accepted=accepted)


def rejected() -> Fact:
    return happened(events.Rejected, reason="不属于本公司业务")


def withdrawn() -> Fact:
    return happened(events.Withdrawn, reason="客户撤回")


def drafted(text: str = "补入账并致歉") -> Fact:
    return happened(events.OpinionDrafted, text=text)


def dispatched(*units: str, **facts: Any) -> Fact:
    return happened(events.Dispatched, units=units or ("settlement",), **facts)


def redirected(from_unit: str = "settlement", to_unit: str = "trading") -> Fact:
    return happened(events.Redirected, from_unit=from_unit, to_unit=to_unit, reason="派错了部门")


def recalled(unit: str = "settlement") -> Fact:
    return happened(events.Recalled, unit=unit, reason="派错了部门")


def unit_added(unit: str = "trading", role: str = "support") -> Fact:
    return happened(events.UnitAdded, unit=unit, role=role)


def accepted(unit: str = "settlement") -> Fact:
    return happened(events.Accepted, unit=unit).by(member_of(unit))


def confirmed(unit: str = "settlement", revision: int = 1) -> Fact:
    return happened(events.OpinionConfirmed, unit=unit, revision=revision).by(member_of(unit))


def disputed(unit: str = "settlement", revision: int = 1) -> Fact:
    return happened(events.OpinionDisputed, unit=unit, revision=revision, reason="银行的责任").by(member_of(unit))


def ruled(outcome: str, *, final: bool = False) -> Fact:
    shares = (LiabilityShare("settlement", 100),)
    return happened(events.RulingIssued, outcome=outcome, text="评审意见", liability=shares, final=final).by(
        BOARD_OFFICE
    )


def revised(revision: int = 2, text: str = "改由交易部处理") -> Fact:
    return happened(events.OpinionRevised, text=text, revision=revision)


def interim_measure() -> Fact:
    return happened(events.InterimMeasureReported, text="先行垫付").by(SETTLEMENT)


def extended(clock: str, until: datetime, *, before: datetime, unit: str | None = None) -> Fact:
    until = until.astimezone(UTC)
    return happened(events.Extended, clock=clock, until=until, before=before, reason="等银行回复", unit=unit)


def meeting_held() -> Fact:
    return happened(events.MeetingHeld, attendees=("销售部",), decisions="专案处理").by(BOARD_OFFICE)


def noted(text: str) -> Fact:
    return happened(events.NoteAdded, text=text)


def executed(unit: str | None = "settlement", measure: str = "已补入账") -> Fact:
    return happened(events.Executed, measure=measure, unit=unit)


def informed(means: str = "sms") -> Fact:
    return happened(events.CustomerInformed, means=means, text="已入账")


def capa_requested(unit: str = "settlement") -> Fact:
    return happened(events.CAPARequested, unit=unit, reason="重复发生").by(BOARD_OFFICE)


def capa_submitted(unit: str = "settlement") -> Fact:
    return happened(
        events.CAPASubmitted, unit=unit, cause="人工录入", corrective="补录", preventive="自动对账",
        responsible="李四", complete_by=date(2026, 4, 1),
    ).by(member_of(unit))  # fmt: skip


def capa_issued(unit: str = "settlement") -> Fact:
    return happened(events.CAPAIssued, unit=unit).by(BOARD_OFFICE)


def effect_confirmed(*, effective: bool = True) -> Fact:
    return happened(events.EffectConfirmed, effective=effective, findings="已改善").by(MANAGER)


def called_back(*, reached: bool = True, satisfied: bool | None = True) -> Fact:
    return happened(events.CallbackDone, reached=reached, satisfied=satisfied if reached else None, means="phone")


def closed() -> Fact:
    return happened(events.Closed, outcome="已解决", justified=True, summary="补入账, 客户满意")


def reopened(round: int = 2) -> Fact:
    return happened(events.Reopened, reason="再次未到账", round=round)


def accused(*people: str) -> Fact:
    return happened(events.AccusedNamed, people=people)


def warned(clock: str, *, started_at: datetime, due_at: datetime, **facts: Any) -> Fact:
    return fell_due(events.DeadlineWarned, clock=clock, started_at=started_at, due_at=due_at, **({"round": 1} | facts))


def missed(clock: str, *, started_at: datetime, due_at: datetime, **facts: Any) -> Fact:
    return fell_due(events.DeadlineMissed, clock=clock, started_at=started_at, due_at=due_at, **({"round": 1} | facts))


# How far a general complaint of one unit has come.
OPENED: Final = (received(), classified(), drafted())
ASKED: Final = (*OPENED, dispatched("settlement"))
ASKED_TWO: Final = (*OPENED, dispatched("settlement", "trading"))
DISPUTED: Final = (*ASKED, disputed())
OVERTURNED: Final = (*DISPUTED, ruled("overturned"))
EXECUTING: Final = (*ASKED, confirmed())
EXECUTED: Final = (*EXECUTING, executed())
INFORMED: Final = (*EXECUTED, informed())
READY_TO_CLOSE: Final = (*INFORMED, effect_confirmed(), called_back())
CLOSED: Final = (*READY_TO_CLOSE, closed())
