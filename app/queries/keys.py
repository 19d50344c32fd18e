"""The keys as an administrator sees them: never the secret."""

from dataclasses import dataclass

from app.access.keys import ApiKeys, KeyView, require_role
from app.access.privileges import ADMINISTERS
from app.access.trail import shown_in_clear
from domain.values import Actor


@dataclass(frozen=True)
class KeyList:
    items: list[KeyView]


@dataclass(frozen=True)
class KeyQueries:
    """For administrators."""

    keys: ApiKeys

    async def all(self, actor: Actor) -> KeyList:
        """Raises `RoleNeeded`, `StorageAway`."""
        require_role(actor, *ADMINISTERS)
        found = await self.keys.all()
        for _ in found:
            shown_in_clear()
        return KeyList(found)
