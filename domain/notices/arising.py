"""What somebody has to do from an event on, and whether that is news to them: pure functions of the complaint.

An obligation mostly arises where its limit starts to run. It may also come upon somebody later: when the severity or
the kind becomes known that it is for, when the last unit or the leading one is without it, when its owner may own it no
more.
"""

from collections.abc import Callable, Iterator

from domain.complaint import events
from domain.complaint.close_waits_for import is_for_whoever_answers
from domain.complaint.complaint import Complaint
from domain.complaint.obligations import obligations_of
from domain.complaint.owers import falls_to_others
from domain.obligation import Obligation, OwedBy
from domain.procedure.duties import NEEDS, kind_of_need, role_for, stages_of


def arisen(event: events.ComplaintEvent, complaint: Complaint) -> list[Obligation]:
    """What somebody has to do from this event on; `complaint` stands as it did when it was recorded."""
    version = event.originator_version
    waiting = [one for one in obligations_of(complaint) if one.waits and is_news(one, complaint)]
    if not waiting:
        return []
    comes_upon = [lambda one: one.arose_by == version, *_ways_to_come_later(complaint, version)]
    return [one for one in waiting if any(comes(one) for comes in comes_upon)]


def is_news(one: Obligation, complaint: Complaint) -> bool:
    """Stages and their limits; that a case wants closing some day, and a box of its form filling, is none.

    Nor is what a case wants from its beginning to those who handle it, or hear how grave it is.
    """
    if one.step == "close":
        return False
    if one.due_at is not None or NEEDS[kind_of_need(one.name)].ripe != "Classified":
        return True
    severity = complaint.procedure.severities.get(complaint.severity or "")
    hears = (role_for("classify", complaint.procedure), *(() if severity is None else severity.tell))
    return one.owed_by.kind == "role" and one.owed_by.code not in hears


def _ways_to_come_later(complaint: Complaint, version: int) -> Iterator[Callable[[Obligation], bool]]:
    happened: dict[str, str | None] = {}
    without_it: set[str] = set()
    for moment in reversed(complaint.moments):
        if (moment.version or 0) < version:
            break
        happened.setdefault(moment.name, moment.subject)
        if moment.name in ("Returned", "UnitTakenOff") and moment.unit is not None:
            without_it.add(moment.unit)
    if "SeverityKnown" in happened:
        before = _before("SeverityKnown", complaint, version)
        yield lambda one: one.rule is not None and _is_for_now(one.rule.severities, before)
    if "Classified" in happened:
        needed = _needed(complaint, complaint.severity, complaint.category)
        needed_before = _needed(
            complaint, _before("SeverityKnown", complaint, version), _before("Classified", complaint, version)
        )
        yield lambda one: one.rule is None and one.name in needed and one.name not in needed_before
    if "KindKnown" in happened:
        kind = _before("KindKnown", complaint, version)
        yield lambda one: one.rule is not None and _is_for_now(one.rule.kinds, kind)
    if "EveryUnitReturned" in happened:
        yield lambda one: falls_to_others(one, complaint)
    if any(complaint.this_round.led_until_it_went(unit) for unit in without_it):
        yield lambda one: is_for_whoever_answers(one, complaint)
    if "OwnerLeft" in happened:
        handlers = OwedBy("role", role_for("classify", complaint.procedure))
        yield lambda one: one.owed_by == handlers


def _needed(complaint: Complaint, severity: str | None, category: str | None) -> list[str]:
    """What is owed on the way to a close of such a complaint."""
    return [stage for need in complaint.procedure.needs_of("close", severity, category) for stage in stages_of(need)]


def _before(name: str, complaint: Complaint, version: int) -> str | None:
    earlier = (one for one in reversed(complaint.moments) if one.name == name and (one.version or 0) < version)
    return next((one.subject for one in earlier), None)


def _is_for_now(wanted: frozenset[str] | None, before: str | None) -> bool:
    """Whether a limit of some severities or kinds, which waits now, was none of this complaint before."""
    return wanted is not None and before not in wanted
