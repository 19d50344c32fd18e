"""Who may not."""

from domain.errors.families import Forbidden


class RoleForbids(Forbidden): ...


class NotInAnEmergency(Forbidden):
    """Approvals, money, findings against people and what figures count wait for whoever they belong to."""


class Recused(Forbidden):
    """当事人回避."""


class NotSentToYourUnit(Forbidden): ...


class Confidential(Forbidden):
    """举报保密."""


class NotTheFirstContact(Forbidden):
    """首问责任: it is theirs, the owner's or a leader's."""


class NotTheOwner(Forbidden): ...


class HandOverNotToYou(Forbidden): ...


class AmountAboveAuthority(Forbidden):
    """逐级审批, by the procedure's table."""


class EndedByOthers(Forbidden):
    """Of a severity that only some may end before its close, or classify as less."""


class FoundByOthers(Forbidden):
    """Of a category that only some may find a complaint to be of."""


class OwnProposal(Forbidden):
    """Four eyes on money."""


class NotYourClock(Forbidden):
    """The procedure says which clocks a role may extend."""


class NotForAnotherUnit(Forbidden): ...
