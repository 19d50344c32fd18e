"""What somebody has to do from an event on, and whether that is news to them: pure functions of the complaint.

An obligation arises where its limit starts to run, or comes upon somebody later: when the severity becomes known that
it is for, when the last unit or the leading one is without it, when its owner may own it no more. Whatever brings it,
what is new is what waits for them after an event and did not before it.
"""

from datetime import datetime
from typing import Final

from domain.complaint.complaint import Complaint
from domain.complaint.obligations import obligations_of
from domain.obligation import Obligation
from domain.procedure.duties import NEEDS, kind_of_need, role_for

Duty = tuple[str, str | None, int, datetime | None, str]  # its name, of which unit and round, from when, and whose
NOTHING_WAITED: Final = frozenset[Duty]()


def waiting_in(complaint: Complaint) -> frozenset[Duty]:
    """Everything that somebody has still to do as the complaint stands."""
    return frozenset(_duty(one) for one in obligations_of(complaint) if one.waits)


def arisen(complaint: Complaint, waited: frozenset[Duty]) -> list[Obligation]:
    """What somebody has to do from the last event on; `waited` is what was waiting before it."""
    return [
        one for one in obligations_of(complaint)
        if one.waits and _duty(one) not in waited and is_news(one, complaint)
    ]  # fmt: skip


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


def _duty(one: Obligation) -> Duty:
    """What is one duty of one ower, whatever its limit by now: the beats of a clock that goes on are one."""
    goes_on = one.rule is not None and one.rule.beats_on
    return one.name, one.unit, one.round, None if goes_on else one.arose_at, str(one.owed_by)
