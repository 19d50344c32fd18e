"""The handling opinion, the units and what they send back."""

from domain.errors.families import Invalid, Refused


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
