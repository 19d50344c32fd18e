"""What a request names that is not there, or cannot be."""

from collections.abc import Mapping

from domain.errors.families import Invalid
from domain.titles import Title


class UnknownProcedure(Invalid): ...


class UnknownNeed(Invalid):
    """None that the procedure lets be overridden."""


class NeedMustBeNamed(Invalid): ...


class NeedOrStep(Invalid):
    """What is overridden is one of both."""


class UnknownKind(Invalid): ...


class UnknownCalendar(Invalid): ...


class SeverityMissing(Invalid):
    """Of a procedure that handles by severity."""


class CategoryMissing(Invalid): ...


class UnknownSeverity(Invalid): ...


class UnknownStep(Invalid): ...


class UnknownCategory(Invalid): ...


class IssuePointMissing(Invalid):
    """Of a severity whose complaints are counted by it."""


class UnknownIssuePoint(Invalid):
    """`near` are those that are spelled nearly so, by code."""

    def __init__(self, pointer: str, near: Mapping[str, Title], known: Mapping[str, Title]) -> None:
        super().__init__(pointer, known=known, **({"near": near} if near else {}))
        self.near = near


class NotAnIssuePointCode(Invalid):
    """Where others than those listed are taken; `near` as for `UnknownIssuePoint`."""

    def __init__(self, pointer: str, near: Mapping[str, Title]) -> None:
        super().__init__(pointer, **({"near": near} if near else {}))
        self.near = near


class UnknownUnit(Invalid):
    """Neither named by a procedure nor the deployment's own; `near` are those that are written nearly so, by code."""

    def __init__(self, pointer: str, near: Mapping[str, Title | None] | None = None) -> None:
        super().__init__(pointer, **({"near": dict(near)} if near else {}))
        self.near = dict(near or {})


class NotAmongTheAccused(Invalid): ...


class UnknownPerson(Invalid):
    """Nobody's id, staff number or name; `near` are the ids of those who may be meant."""


class SeveralOfThisName(Invalid):
    """`near` are the ids of those who are called so."""


class PersonHasLeft(Invalid):
    """Somebody whose time it is not takes no step."""


class RoleCannotTakeIt(Invalid):
    """A machine, or somebody none of whose roles may do what would be theirs to do."""


class NotInTheirReach(Invalid):
    """They could not even see it: it was not sent to their unit, or is confidential."""


class UnknownRole(Invalid): ...


class UnknownClock(Invalid): ...


class UnknownComplaint(Invalid): ...


class LinkedToItself(Invalid): ...


class InvestigatorIsAccused(Invalid): ...


class NotLinked(Invalid): ...


class ContradictoryCallback(Invalid):
    """Who was not reached has said nothing; who is content does not give the lowest marks, nor the other way round."""


class NotTheirHead(Invalid):
    """A head approves for their own unit."""


class LeaderApologisesToo(Invalid):
    """当事人和分管领导: two people apologise."""


class FactNotInForm(Invalid): ...


class FactOfWrongKind(Invalid): ...


class FactMissing(Invalid): ...


class AbsurdTime(Invalid):
    """Far in the past or in the future, or without its offset from UTC."""


class AnonymousNotAllowed(Invalid): ...


class AnonymousWithData(Invalid): ...


class GivenAndRemoved(Invalid): ...


class NotAPhoneNumber(Invalid):
    """No number of its country; the fact says what is missing."""


class NotAnEmail(Invalid): ...


class UnknownEvidence(Invalid): ...


class UnknownRemedy(Invalid): ...


class UnknownGrade(Invalid): ...


class NobodyNoticed(Invalid): ...


class CheckNeedsResult(Invalid):
    """Without a customer system, or with nothing to look the person up by, a person says what they found."""


class UnknownIndicator(Invalid): ...
