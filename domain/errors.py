"""Why something is refused: one class per rule; its docstring is the sentence the caller reads.

The sentence says what is the matter and what to do next, and never repeats personal data. Four families: `Refused`
(the rules forbid it now), `Forbidden` (this person may not), `Invalid` (the request itself is wrong), `Unknown`.
"""

from uuid import UUID


class Refused(Exception):
    """The rules do not allow this now."""

    def __init__(self, more: str = "", *, missing: tuple[str, ...] = ()) -> None:
        sentence = " ".join((type(self).__doc__ or "").split())
        self.detail = f"{sentence} {more}".strip()
        self.missing = missing
        super().__init__(self.detail)


class Forbidden(Refused):
    """This key may not do that."""


class Invalid(Refused):
    """The request is well-formed, but a value in it is not valid."""

    def __init__(self, pointer: str, more: str = "") -> None:
        super().__init__(more)
        self.pointer = pointer


class NotFound(Refused):
    """There is no such complaint."""


class NoSuchVersion(NotFound):
    """The complaint has not come to this version, or was not there yet at that time."""


# Who may


class RoleForbids(Forbidden):
    """Your role may not take this step in this procedure; ask one of the roles that may."""


class Recused(Forbidden):
    """You are named in this complaint, so you can neither see nor handle it; a colleague takes over."""


class NotSentToYourUnit(Forbidden):
    """This complaint was not sent to your unit."""


class Confidential(Forbidden):
    """This matter is confidential: only those whom the procedure names for its kind see it."""


class NotTheFirstContact(Forbidden):
    """Whoever received this complaint first follows it to its end; it is theirs, the owner's or a leader's to take."""


class NotTheOwner(Forbidden):
    """Only the owner hands a case over, or somebody who may assign it."""


class HandOverNotToYou(Forbidden):
    """This case was handed over to somebody else; only they can accept it."""


class AmountAboveAuthority(Forbidden):
    """This amount is above what your role may approve; ask one of those who may."""


class OwnProposal(Forbidden):
    """Nobody approves the compensation they proposed; ask a second person."""


class NotYourClock(Forbidden):
    """Your role may extend other clocks of this procedure only."""


class NotForAnotherUnit(Forbidden):
    """You can answer for your own unit only."""


# Where the complaint stands


class StepNotInProcedure(Refused):
    """This procedure has no such step."""


class ComplaintEnded(Refused):
    """The complaint has ended; reopen it first if there is more to do."""


class AlreadyClosed(Refused):
    """The complaint is closed with another outcome; reopen it if that was wrong."""


class StillOpen(Refused):
    """The complaint is still open, so there is nothing to reopen."""


class NotYetClassified(Refused):
    """Classify the complaint first: severity decides how it is handled."""


class AlreadyDispatched(Refused):
    """The handling record has been sent already; this can only be done before."""


class NotYetDispatched(Refused):
    """Nothing has been sent to a responsible unit in this round; dispatch the complaint first."""


class CaseAlreadyOpened(Refused):
    """The case is with the responsible units already, so it can no longer be made one the front line settles."""


class NotForFrontLine(Refused):
    """A complaint of this severity needs a case; only what the front line may settle ends by explanation."""


class FrontLineSettles(Refused):
    """A complaint of this severity is settled by the front line; reclassify it before a unit is asked."""


class NotYetExplained(Refused):
    """A complaint of this severity is explained first and passed on if the customer does not accept that; settle it."""


class ReopenNotAllowed(Refused):
    """This procedure does not reopen a complaint that ended in this way."""


class StepNeedsMore(Refused):
    """Something has to happen before this step."""


class DuplicateComplaint(Refused):
    """This customer has an open complaint about the same issue point; remind on that one instead of opening another."""

    def __init__(self, id: UUID, number: str) -> None:
        self.id, self.number = id, number
        super().__init__(
            f"It is {number}: POST /v1/complaints/{id}/remind; or repeat the intake with force: true to open another."
        )


# Ownership


class OwnerChangesByHandOver(Refused):
    """The owner of a case changes only when the next one accepts: hand it over."""


class NothingHandedOver(Refused):
    """Nobody offered this case to you; there is no hand-over that waits to be accepted."""


class EscalationSkipsRung(Refused):
    """A case climbs the ladder rung by rung; escalate it to the next one."""


# Compensation and findings


class ChargeNotVerified(Refused):
    """A refund comes only after the charge was verified as wrong; verify the charge first."""


class OverCompensation(Refused):
    """This is more than the verified error is made good with; customers are not compensated beyond that."""


class CreditComesFirst(Refused):
    """Compensation is credited to the account first; for cash, say in why_not_credit why that does not do."""


class CompensationOpen(Refused):
    """An approved compensation has not been paid yet; pay it before another is proposed."""


class NoCompensationProposed(Refused):
    """No compensation waits for approval; propose one first."""


class NoCompensationApproved(Refused):
    """No approved compensation waits to be paid; it has to be approved first."""


class NotTheApprovedCompensation(Refused):
    """This differs from the compensation that stands; read the complaint again."""


class AlreadyGraded(Refused):
    """This agent's fault has been graded so already in this complaint."""


# The handling opinion


class OpinionNotDrafted(Refused):
    """Draft the handling opinion first: it is what the responsible units are asked to confirm."""


class OpinionNotAsked(Refused):
    """There is no handling opinion that waits for an answer."""


class UnitNotAsked(Refused):
    """This unit was not asked; only a unit that the record was sent to can answer."""


class UnitAlreadyAnswered(Refused):
    """This unit has answered already; a new answer needs a revised opinion."""


class UnitMustBeNamed(Invalid):
    """Several units could be meant; name the unit."""


class NothingDisputed(Refused):
    """No unit disputes the opinion, so there is nothing to rule on."""


class OpinionStillDisputed(Refused):
    """The opinion is disputed; it can be executed after the ruling, or after the revised opinion is confirmed."""


class OpinionNotYetConfirmed(Refused):
    """The opinion is not final: every unit that was asked has to confirm it first."""


class OpinionNotOverturned(Refused):
    """An opinion is revised only after a ruling overturned it."""


class RulingAlreadyIssued(Refused):
    """This dispute has been ruled on already; the opinion has to be revised now."""


class RulingIsTheLastInstances(Refused):
    """The bound of dispute rounds is reached; only the last instance can rule now."""


class LiabilityMustSumTo100(Invalid):
    """Liability shares must sum to 100 per cent, each unit named once."""


class NoRouteKnown(Invalid):
    """Name the units: no route of this procedure leads from this category to one."""


class RouteWasReturned(Invalid):
    """The competent unit has sent the matter back; classify it anew, or name the units."""


class ReturnWindowOver(Refused):
    """The time in which the matter could be sent back is over; handle it, or ask for an extension."""


class ReturnedByThisUnit(Refused):
    """This unit has sent the matter back, so it has nothing to report as done."""


class ReturnedBefore(Refused):
    """This unit has sent the matter back before, and it was sent again: now it has to be handled there."""


# Handling


class SolutionNotAgreed(Refused):
    """The customer has not agreed to a solution yet; agree on one first, with a new plan as often as it takes."""


class ApprovalMissing(Refused):
    """A plan for a complaint of this severity needs an approval before it is executed, oral or written."""


class ApprovalOfEachUnitMissing(Refused):
    """The head of every department that was asked approves this plan before it is executed; one is still missing."""


class AlreadyExecuted(Refused):
    """This unit has reported its execution already."""


class NotYetExecuted(Refused):
    """The measure has not been executed yet; report the execution first."""


class MeansNotAllowed(Invalid):
    """This procedure tells the customer by other means."""


class CapaAlreadyRequested(Refused):
    """A corrective and preventive action report of this unit is open already."""


class CapaNotRequested(Refused):
    """No corrective and preventive action report waits for this."""


class CapaNotSubmitted(Refused):
    """No corrective and preventive action report has been submitted that could be issued."""


class InterimMeasureMissing(Refused):
    """A step may be postponed only after a written interim measure; report the interim measure first."""


class CustomerNotTold(Refused):
    """A limit is extended only after word to the customer, and anew for each extension; inform the customer first."""


class DecidedFurtherUp(Refused):
    """Others decide how this goes on: its category is theirs, or the customer was dissatisfied again; ask them."""


class ClockNotRunning(Refused):
    """This clock is not running, so it cannot be moved."""


class ClockIsPaused(Refused):
    """This clock is paused; resume it first."""


class ClockNotPaused(Refused):
    """No such clock is paused, so there is nothing to resume."""


class PauseEndsInThePast(Invalid):
    """A pause ends later than now; give the time at which the clocks run on by themselves."""


class PauseTooLong(Invalid):
    """A pause may not last so long in this procedure; give an earlier end, and pause again if that is not enough."""


class NotLater(Invalid):
    """The new time must be later than the present due time, and within a year of it."""


class OwnerIsAccused(Refused):
    """This person is named in the complaint and cannot own it."""


class NotReadyToClose(Refused):
    """The complaint cannot be closed yet."""


# What a request names


class UnknownProcedure(Invalid):
    """There is no such procedure."""


class UnknownKind(Invalid):
    """This procedure does not take this kind of matter."""


class SeverityMissing(Invalid):
    """Say how grave the complaint is; this procedure handles it by its severity."""


class CategoryMissing(Invalid):
    """Say what the complaint is about."""


class UnknownSeverity(Invalid):
    """This procedure does not know this severity."""


class UnknownCategory(Invalid):
    """This procedure does not know this category."""


class UnknownUnit(Invalid):
    """There is no such unit: it is neither named by the procedure nor does anybody belong to it."""


class UnknownRole(Invalid):
    """This procedure does not know this role."""


class UnknownClock(Invalid):
    """This procedure has no such clock."""


class UnknownComplaint(Invalid):
    """There is no such complaint."""


class FactNotInForm(Invalid):
    """The form of this procedure has no such field."""


class FactOfWrongKind(Invalid):
    """The form of this procedure asks for another kind of answer here."""


class FactMissing(Invalid):
    """The form of this procedure needs an answer here."""


class AbsurdTime(Invalid):
    """This time cannot be right."""


class AnonymousNotAllowed(Invalid):
    """This procedure does not take anonymous complaints."""


class AnonymousWithData(Invalid):
    """An anonymous complainant gives no name, number or address."""


class NotAPhoneNumber(Invalid):
    """This is not a telephone number; give it with its country code, as in +8613800000000."""


class UnknownEvidence(Invalid):
    """This procedure does not know this piece of evidence."""


class UnknownRemedy(Invalid):
    """This procedure does not know this kind of solution."""


class UnknownGrade(Invalid):
    """This procedure does not grade faults so."""


class UnknownBasis(Invalid):
    """This procedure compensates on listed grounds only, and this is none of them."""


class AmountMissing(Invalid):
    """Say how much: here nothing is computed from a verified charge."""


class WrongCurrency(Invalid):
    """This procedure compensates in one currency only."""


class NobodyNoticed(Invalid):
    """A notice names a unit or people."""


class CheckNeedsResult(Invalid):
    """The customer system cannot be asked about this person from here: say whether it agrees, and what you found."""


class UnknownIndicator(Invalid):
    """There is no such indicator; name those that this exclusion is about, or none for all of them."""
