"""Who may not."""

from domain.errors.families import Forbidden


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
