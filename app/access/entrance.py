"""Who comes in: the key that a request was sent with, whose it is, and how often it may be used."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from app.access.admission import Admission
from app.access.directory import Caller
from app.access.key import Key
from app.access.oidc.sign_in import TokenSignIn
from app.access.oidc.tokens import TokenRefused, is_token
from app.access.rates import KeyRates, Rate
from app.access.refusals import NotAuthenticated
from app.access.scopes import may_act_for_others
from app.access.tries import WrongKeys
from domain.errors import Forbidden, Invalid
from domain.people import MACHINES
from domain.values import Actor
from eventlog.database import StorageAway

ACTING_FOR: Final = "Redress-Acting-For"
# Nobody administers through a system, and no system is acted for.
NEVER_ACTED_FOR: Final = frozenset({"admin", *MACHINES})


class ActingForNeeded(Forbidden):
    """On behalf of others acts a system whose key has that scope."""


class NobodyToActFor(Invalid):
    """There is no such person, they are not there, or they only administer: a system is not told which."""


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody who was let in, and with what: a key, or a token of the issuer's.

    `credential`: how the key begins, or what stands for the token. `rate`: what is left of its limit.
    """

    actor: Actor
    key: Key | None
    credential: str
    rate: Rate

    @property
    def scopes(self) -> frozenset[str] | None:
        """What the key is narrowed to; None where it is to nothing, as a token is."""
        return None if self.key is None else self.key.scopes


class Entrance:
    """Every request with a key passes here once."""

    def __init__(
        self, access: Admission, wrong: WrongKeys, rates: KeyRates, tokens: TokenSignIn | None = None
    ) -> None:
        """`tokens`: where an issuer of tokens is set."""
        self.tokens = tokens
        self._access, self._wrong, self._rates = access, wrong, rates

    async def enter(self, secret: str | None, caller: str, acting_for: str | None = None) -> Entered:
        """Who calls: whose key it is, or whom its system acts for.

        `caller` is the address that sent it, as it is counted; `acting_for` the id of a person.
        Raises `NotAuthenticated`; `TooManyWrongKeys` where too many came from there, never for a right one;
        `RateExceeded`; for a token what `TokenSignIn.enter` does; `ActingForNeeded`, `NobodyToActFor`.
        """
        if secret is None:
            raise NotAuthenticated
        try:
            if self.tokens is not None and is_token(secret):
                actor, token = await self.tokens.enter(secret)
                if acting_for is not None:
                    raise ActingForNeeded
                return Entered(actor, None, f"token {token.digest}", self._rates.take(f"token of {actor.id}", actor))
            found = self._access.directory.caller_with(secret)
        except NotAuthenticated as error:
            # Whoever sends what was right once guesses nothing.
            if error.is_a_guess if isinstance(error, TokenRefused) else type(error) is NotAuthenticated:
                with suppress(StorageAway):  # nobody is let in for want of a place to count
                    await self._wrong.take(caller)
            raise
        self._access.last_use.note(found.key)
        rate = self._rates.take(found.key.id, found.actor)
        actor = found.actor if acting_for is None else self._acted_for(found, acting_for)
        return Entered(actor, found.key, found.key.prefix, rate)

    def _acted_for(self, system: Caller, person: str) -> Actor:
        """Somebody whom a system acts for, with what they may do but for administering.

        Systems alone: a person who could act as another would be recused from nothing.
        """
        if not system.actor.roles <= MACHINES or not may_act_for_others(system.key.scopes):
            raise ActingForNeeded
        actor = acted_for_by(self._access, system.actor.id, person)
        if actor is None:
            raise NobodyToActFor(ACTING_FOR)
        return actor


def acted_for_by(access: Admission, system: str, person: str) -> Actor | None:
    """Somebody for whom a system does something, with what they may do but for administering; None: nobody is there."""
    record = access.directory.find(person) if person.isprintable() else None
    actor = None if record is None else access.directory.present.actors.get(record.id)
    roles = frozenset() if actor is None else actor.roles - NEVER_ACTED_FOR
    return replace(actor, roles=roles, via=system) if actor is not None and roles else None
