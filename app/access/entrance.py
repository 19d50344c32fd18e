"""Who comes in: the key that a request was sent with, whose it is, and how often it may be used."""

from contextlib import suppress
from dataclasses import dataclass

from app.access.admission import Admission
from app.access.key import Key
from app.access.rates import KeyRates, Rate
from app.access.refusals import NotAuthenticated
from app.access.tries import WrongKeys
from domain.values import Actor
from eventlog.database import StorageAway


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody who was let in, and with what. `credential`: how the key begins. `rate`: what is left of its limit."""

    actor: Actor
    key: Key
    credential: str
    rate: Rate


class Entrance:
    """Every request with a key passes here once."""

    def __init__(self, access: Admission, wrong: WrongKeys, rates: KeyRates) -> None:
        self._access, self._wrong, self._rates = access, wrong, rates

    async def enter(self, secret: str | None, caller: str) -> Entered:
        """Whose key this is. `caller` is the address that sent it, as it is counted.

        Raises `NotAuthenticated`; `TooManyWrongKeys` where too many came from there, never for a right one;
        `RateExceeded`.
        """
        if secret is None:
            raise NotAuthenticated
        try:
            found = self._access.directory.caller_with(secret)
        except NotAuthenticated as error:
            if type(error) is NotAuthenticated:  # whoever sends a key that was once right guesses nothing
                with suppress(StorageAway):  # nobody is let in for want of a place to count
                    await self._wrong.take(caller)
            raise
        self._access.last_use.note(found.key)
        return Entered(found.actor, found.key, found.key.prefix, self._rates.take(found.key.id, found.actor))
