"""Which event tells whom: pure functions from an event and its complaint to those who have to hear of it.

Incidents and reports are in incidents.py and reports.py beside it, the words in wording/notices. How somebody is
reached, and when, is decided where messages are sent.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from domain.complaint import events
from domain.complaint.complaint import Complaint
from domain.complaint.escalation import told_of_confidential, told_of_dissatisfaction
from domain.complaint.obligations import obligations_of
from domain.complaint.owers import units_at_work, units_owing
from domain.identity import is_among, is_same, levelled
from domain.notices.arising import Duty, arisen
from domain.obligation import OF, Obligation
from domain.procedure.access import best_of
from domain.procedure.duties import approvers_of, role_for
from domain.procedure.procedure import TELLABLE, Procedure
from domain.values import ActedBy, Actor

AddresseeKind = Literal["role", "unit", "actor", "complainant"]

# The events that tell somebody something, by themselves or since somebody has to act; all others need not be looked at.
NOTIFYING: Final[tuple[type[events.ComplaintEvent], ...]] = (
    events.Received, events.Dispatched, events.Redirected, events.Recalled, events.UnitAdded,
    events.Escalated, events.Reminded, events.Supervised, events.HandedOver, events.Assigned, events.OwnerReleased,
    events.SeverityRaised, events.AccusedNamed, events.AccusedMatched,
    events.CAPARequested, events.CustomerInformed, events.DeadlineWarned, events.DeadlineMissed,
    events.DeadlineMissRetracted, events.NoticeIssued,
    events.CompensationProposed, events.ClocksPaused, events.ClocksResumed,
    events.NeedOverridden, events.Overridden,
    *(getattr(events, name) for name in TELLABLE if name not in {"Received", "Dispatched", "HandedOver"}),
)  # fmt: skip
REPORTED_TO_THE_LEAD: Final = (events.Executed, events.ProgressReported, events.InterimMeasureReported)
SENT_BY_THE_SERVICE: Final = {"sms": "sms", "email": "email"}


@dataclass(frozen=True)
class Addressee:
    """A role, a unit or an actor by its code, or the complainant of the complaint (without a code).

    Of a role those of one unit alone are `<role>/<unit>`.
    """

    kind: AddresseeKind
    code: str = ""

    @property
    def role(self) -> str:
        """The role it is told to, or one of which it is."""
        return self.code.partition(OF)[0]


COMPLAINANT: Final = Addressee("complainant")


@dataclass(frozen=True)
class Notice:
    """Somebody is to be told of an event.

    `urgent`: a hard limit was missed, or there is an emergency. `means` is set where the event says how the
    complainant was to be informed.
    """

    to: Addressee
    urgent: bool = False
    means: str | None = None


RolesOf = Callable[[str], Collection[str]]


def notices_of(
    event: events.ComplaintEvent, complaint: Complaint, waited: frozenset[Duty], roles_of: RolesOf | None = None
) -> tuple[Notice, ...]:
    """Who is to be told of an event, each once; `complaint` stands as it did when the event was recorded.

    `waited` is what was waiting for somebody before it, by `waiting_in`: what was, is no news.
    `roles_of` gives the roles that an actor holds now, none where they have left: what would be told to them is told to
    those who have to act instead. Without it everybody is taken to be there.
    `Received` names the complainant, who is told only where acknowledgements are switched on.
    """
    to_complainant = isinstance(event, events.Received | events.CustomerInformed)
    first = _to_the_complainant(event, complaint) if to_complainant else ()
    urgent = isinstance(event, events.DeadlineMissed)
    addressees = (
        *_addressees(event, complaint, roles_of), *_to_the_lead(event, complaint),
        *_told_of(event, complaint, roles_of), *_have_to_act(event, complaint, waited, roles_of),
    )  # fmt: skip
    outside = _announced_to(complaint)
    inside = [to for to in addressees if to not in outside]
    announced = outside if _announces(event, complaint) else ()
    return (*first, *(Notice(to, urgent) for to in dict.fromkeys((*inside, *announced))))


def _announced_to(complaint: Complaint) -> tuple[Addressee, ...]:
    """通报: those outside the circle of a confidential matter who hear that one came, and nothing else of it."""
    circle = complaint.procedure.confidential_to.get(complaint.kind)
    roles = () if circle is None else complaint.procedure.announced_to
    return tuple(Addressee("role", role) for role in roles if role not in (circle or ()))


def _announces(event: events.ComplaintEvent, complaint: Complaint) -> bool:
    """Whether this is the first word to the circle, with which others hear that there is one."""
    told = told_of_confidential(complaint.procedure, complaint.kind)
    if not isinstance(event, events.Escalated) or event.cause is None or event.cause.code != "confidential":
        return False
    return event.to_role == next(iter(told), None)


def _told_of(event: events.ComplaintEvent, complaint: Complaint, roles_of: RolesOf | None) -> Iterator[Addressee]:
    """Whom the procedure lets hear of it, but for whoever did it."""
    for whom in complaint.procedure.tells.get(type(event).__name__, ()):
        heard = _owner(complaint, roles_of) if whom == "owner" else _roles((whom,), _having(complaint))
        yield from (to for to in heard if not is_by(event.actor, to))


def _to_the_lead(event: events.ComplaintEvent, complaint: Complaint) -> Iterator[Addressee]:
    """主办、协办: supporting units report to the one that leads."""
    if isinstance(event, REPORTED_TO_THE_LEAD):
        unit = event.unit if isinstance(event, events.Executed) else event.actor.unit_spoken_for
        if unit is not None and complaint.this_round.role_of(unit) == "support":
            yield from _leading(complaint)


def _have_to_act(
    event: events.ComplaintEvent, complaint: Complaint, waited: frozenset[Duty], roles_of: RolesOf | None
) -> Iterator[Addressee]:
    """待办产生: those for whom something to do arises by this event, but for whoever brought it about."""
    if isinstance(event, events.DeadlineWarned | events.DeadlineMissed):
        return
    for one in arisen(complaint, waited):
        to = addressee_of(one, roles_of)
        if not is_by(event.actor, to) and not hears_at_once(to, event, complaint):
            yield to


def hears_at_once(to: Addressee, event: events.ComplaintEvent, complaint: Complaint) -> bool:
    """Whether what follows by itself tells them: the word to the circle, and to those who decide after a dissatisfied
    callback.
    """
    if to.kind != "role":
        return False
    if isinstance(event, events.Received):
        return to.role in told_of_confidential(complaint.procedure, complaint.kind)
    if isinstance(event, events.Reopened):
        return to.role in told_of_dissatisfaction(complaint, event.cause)
    return False


def addressee_of(one: Obligation, roles_of: RolesOf | None = None) -> Addressee:
    """Who is told of what they owe."""
    owed_by = one.owed_by
    if owed_by.kind == "person" and roles_of is not None:
        owed_by = owed_by.at_present(roles_of(owed_by.code))
    kind: AddresseeKind = "actor" if owed_by.kind == "person" else owed_by.kind
    return Addressee(kind, owed_by.code if owed_by.of is None else f"{owed_by.code}{OF}{owed_by.of}")


def is_by(actor: ActedBy, to: Addressee) -> bool:
    if to.kind == "role":
        return to.code in (actor.role, f"{actor.role}{OF}{actor.unit}")
    return {"unit": actor.unit_spoken_for, "actor": levelled(actor.id)}.get(to.kind) == to.code


def may_be_notified(to: Addressee, roles: Collection[str], complaint: Complaint) -> bool:
    """Recusal, and the circle of a confidential matter: nobody else hears even that there is one.

    `roles` are those of an actor; the other kinds of addressees speak for themselves.
    """
    if to.kind == "complainant":
        return True
    if to.kind == "actor" and is_among(to.code, complaint.accused):
        return False
    return is_in_circle(to, roles, complaint.procedure, complaint.kind)


def is_in_circle(to: Addressee, roles: Collection[str], procedure: Procedure, kind: str) -> bool:
    """举报保密: everybody where matters of this kind are open, else only those who ever see them."""
    if kind not in procedure.confidential_to:
        return True
    circle = (*procedure.confidential_to[kind], *procedure.announced_to)
    held = {"role": {to.role}, "unit": {"unit"}}.get(to.kind, set(roles))
    return not held.isdisjoint(circle)


def kinds_kept_from(roles: Collection[str], versions: Iterable[Procedure]) -> dict[str, list[str]]:
    """Of each procedure the kinds of which nobody with these roles hears by any of its versions."""
    kept: dict[str, set[str]] = {}
    for one in versions:
        kinds = {
            kind for kind, circle in one.confidential_to.items()
            if frozenset((*circle, *one.announced_to)).isdisjoint(roles)
        }  # fmt: skip
        kept[one.code] = kinds & kept.get(one.code, kinds)
    return {code: sorted(kinds) for code, kinds in kept.items() if kinds}


def may_read_subject(to: Addressee, roles: Collection[str], complaint: Complaint) -> bool:
    """Whether a message to them may name the subject: they see the complaint's texts anyway.

    Never where people are accused: a role's mailbox may be read by one of them. Nor of what is confidential: messages
    leave the service, and lie in boxes that it knows nothing of.
    """
    if complaint.accused or complaint.kind in complaint.procedure.confidential_to:
        return False
    match to.kind:
        case "role":
            sight = complaint.procedure.sees.get(to.role)
        case "unit":
            sight = complaint.procedure.sees.get("unit") if to.code in complaint.sent_to else None
        case _:
            actor = Actor(to.code, frozenset(roles) - {"unit"})  # of their units nothing is known here
            sight = best_of(complaint.accesses_of(actor))
    return sight in ("all", "texts")


def _to_the_complainant(event: events.ComplaintEvent, complaint: Complaint) -> tuple[Notice, ...]:
    if complaint.anonymous:
        return ()
    if isinstance(event, events.CustomerInformed):
        means = SENT_BY_THE_SERVICE.get(event.means)
        return () if means is None else (Notice(COMPLAINANT, means=means),)
    return (Notice(COMPLAINANT),)


def _addressees(event: events.ComplaintEvent, complaint: Complaint, roles_of: RolesOf | None) -> Iterator[Addressee]:
    match event:
        case events.DeadlineWarned():
            yield from _roles(event.told, _owing(event, complaint))
            yield from _nearly_due(event, complaint, roles_of)
        case events.DeadlineMissed():
            yield from _roles(event.told, _owing(event, complaint))
        case events.DeadlineMissRetracted():
            yield from _roles(event.told, _owing(event, complaint))
            for unit in event.cards:
                yield from _units([unit] if unit is not None else _having(complaint))
        case events.Escalated():
            yield from _roles((event.to_role,), _having(complaint))
        case events.Dispatched():
            yield from _units(event.units)
            if event.owner is not None and not is_same(event.owner, event.actor.id):
                yield Addressee("actor", levelled(event.owner))
        case events.RulingIssued():
            yield from _units(event.asked)
        case events.Redirected():
            yield from _units((event.to_unit, event.from_unit))
        case events.Recalled():
            yield Addressee("unit", event.unit)
        case events.UnitAdded():
            yield Addressee("unit", event.unit)
            yield from _leading(complaint)
        case events.CAPARequested():
            yield Addressee("unit", event.unit)
        case events.Reminded():
            yield from (to for to in _owner(complaint, roles_of) if not is_by(event.actor, to))
            yield from _units([event.unit] if event.unit is not None else units_at_work(complaint))
        case events.Supervised():
            yield from _units([event.unit] if event.unit is not None else units_at_work(complaint))
        case events.Assigned() if not is_same(event.to, event.actor.id):
            yield Addressee("actor", levelled(event.to))
        case events.HandedOver() if event.to != event.before:
            yield Addressee("actor", event.to)
        case events.HandedOver() if event.before is not None and not is_same(event.before, event.actor.id):
            yield Addressee("actor", event.before)  # declined, or taken back by somebody else
        case events.CompensationProposed():
            yield from _roles(approvers_of(event.amount, complaint.procedure), ())
        case events.ClocksPaused() | events.ClocksResumed():
            yield from _units([event.unit] if event.unit is not None else _having(complaint))
        case events.NeedOverridden():
            yield Addressee("role", "auditor")
        case events.Overridden():
            yield from _roles(("auditor", *event.in_place_of), _having(complaint))
        case events.NoticeIssued():
            yield from [Addressee("unit", event.unit)] if event.unit is not None else []
            yield from (Addressee("actor", person) for person in event.people)


def _roles(roles: Iterable[str], units: Iterable[str]) -> Iterator[Addressee]:
    """The members' units where it is the units that are told."""
    for role in roles:
        yield from _units(units) if role == "unit" else [Addressee("role", role)]


def _units(units: Iterable[str]) -> Iterator[Addressee]:
    return (Addressee("unit", unit) for unit in units)


def _owing(
    event: events.DeadlineWarned | events.DeadlineMissed | events.DeadlineMissRetracted, complaint: Complaint
) -> Sequence[str]:
    """The unit of the clock; of one of the whole case those who owe it, else those who have not done their part."""
    if event.unit is not None:
        return (event.unit,)
    if isinstance(event, events.DeadlineMissed) and event.owed_by:
        return event.owed_by
    meant = (event.clock, event.unit, event.round, event.started_at)
    clocks = (one for one in complaint.clocks if (one.name, one.unit, one.round, one.started_at) == meant)
    return next((units_owing(complaint, clock) for clock in clocks), ()) or units_at_work(complaint)


def _nearly_due(
    event: events.DeadlineWarned, complaint: Complaint, roles_of: RolesOf | None
) -> Iterator[Addressee]:
    """Whoever still owes what the clock waits for, besides whom its rule names."""
    meant = (event.clock, event.unit, event.round, event.started_at)
    for one in obligations_of(complaint):
        if one.rule is not None and one.waits and (one.name, one.unit, one.round, one.arose_at) == meant:
            yield addressee_of(one, roles_of)


def _leading(complaint: Complaint) -> Iterator[Addressee]:
    leading = complaint.this_round.leading
    return iter(()) if leading is None else iter((Addressee("unit", leading),))


def _having(complaint: Complaint) -> Sequence[str]:
    return [one.unit for one in complaint.this_round.at_work]


def _owner(complaint: Complaint, roles_of: RolesOf | None) -> Iterator[Addressee]:
    if complaint.owner.unit is not None:
        yield Addressee("unit", complaint.owner.unit)
    elif complaint.owner.actor is not None:
        is_there = roles_of is None or bool(roles_of(complaint.owner.actor))
        handlers = role_for("classify", complaint.procedure)
        yield Addressee("actor", complaint.owner.actor) if is_there else Addressee("role", handlers)
    elif complaint.owner.role is not None:
        yield Addressee("role", complaint.owner.role)
