"""Why something is refused about an incident: one class per rule, its docstring the sentence the caller reads."""

from domain.errors import Invalid, NotFound, Refused


class NoSuchIncident(NotFound):
    """There is no such incident."""


class NoSuchIncidentVersion(NotFound):
    """The incident has not come to this version, or was not there yet at that time."""


class UnknownIncidentProcedure(Invalid):
    """There is no such procedure for incidents."""


class UnknownIncidentKind(Invalid):
    """The procedure knows no incident of this kind."""


class UnknownRoleToInform(Invalid):
    """The procedure knows no such role to inform."""


class MeansNotForInforming(Invalid):
    """The procedure does not inform people by this means."""


class IncidentIsRestored(Refused):
    """The incident is over: it was restored before. Open a new one if it has come back."""


class IncidentIsClosed(Refused):
    """The incident is closed; only notes can be added. Open a new one if it has come back."""


class NotYetRestored(Refused):
    """Record first when it was over (restore): beginning and end both stand in the log of an incident."""


class IncidentNotReadyToClose(Refused):
    """The incident cannot be closed yet."""
