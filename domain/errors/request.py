"""What a request names that is not there, or cannot be."""

from domain.errors.families import Invalid


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


class NobodyNoticed(Invalid):
    """A notice names a unit or people."""


class CheckNeedsResult(Invalid):
    """The customer system cannot be asked about this person from here: say whether it agrees, and what you found."""


class UnknownIndicator(Invalid):
    """There is no such indicator; name those that this exclusion is about, or none for all of them."""
