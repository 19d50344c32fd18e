"""All of who may call, put together: what the service opens, and the command line uses."""

from collections.abc import Callable
from datetime import datetime
from typing import Self

import asyncpg

from app.access.directory import Directory
from app.access.keys import ApiKeys
from app.access.known import KnownNames, roles_known_to, units_named_by
from app.access.last_use import LastUse
from app.access.person_keys import PersonKeys
from app.access.staffing import Staffing
from app.access.units import Units
from eventlog.sealing import MasterKey
from procedures.rules import Rules


class Admission:
    """People, their keys and units. Use it as an async context manager where it has to follow what others change."""

    def __init__(self, pool: asyncpg.Pool, master: MasterKey, rules: Rules, now: Callable[[], datetime]) -> None:
        self.rules = rules
        self.directory = Directory(pool, master, now)
        self.units = Units(self.directory, lambda: units_named_by(rules))
        self.known = KnownNames(lambda: roles_known_to(rules), self.units.titles)
        self.staffing = Staffing(self.directory, self.known)
        self.person_keys = PersonKeys(self.directory, self.staffing)
        self.keys = ApiKeys(self.directory, self.staffing)
        self.last_use = LastUse(pool, now)

    def units_to_ask(self) -> frozenset[str]:
        """Which units complaints can be sent to beside those that their procedure names."""
        return self.units.own | self.directory.members_units

    async def __aenter__(self) -> Self:
        await self.directory.open()
        await self.last_use.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.last_use.close()
        await self.directory.close()
