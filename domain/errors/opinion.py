"""The handling opinion, the units and what they send back."""

from domain.errors.families import Invalid, Refused


class OpinionNotDrafted(Refused): ...


class OpinionNotAsked(Refused): ...


class UnitNotAsked(Refused): ...


class UnitAlreadyAnswered(Refused): ...


class UnitMustBeNamed(Invalid): ...


class NothingDisputed(Refused): ...


class OpinionStillDisputed(Refused): ...


class OpinionNotYetConfirmed(Refused): ...


class OpinionNotOverturned(Refused): ...


class RulingAlreadyIssued(Refused): ...


class RulingIsTheLastInstances(Refused):
    """The procedure bounds the rounds of dispute; then its last instance rules for good."""


class LiabilityMustSumTo100(Invalid):
    """责任比例: whole per cents, each unit once."""


class NoRouteKnown(Invalid): ...


class RouteWasReturned(Invalid):
    """The routes of the procedure lead to a unit that has sent this matter back in this round."""


class ReturnWindowOver(Refused):
    """A clock that the procedure names as the time for returning."""


class ReturnedByThisUnit(Refused): ...


class TakenFromThisUnit(Refused):
    """改派、撤回: it reads on, and acts no more."""


class UnitHasItAlready(Refused): ...


class LeadNotAsked(Invalid):
    """主办: one of the units that are asked."""


class ReturnedBefore(Refused): ...


class NotThePresentRevision(Refused): ...
