"""What one reader may see, as conditions of the query itself: nothing is filtered out of a page afterwards."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.procedure.access import is_withheld_from, reach_of
from domain.procedure.procedure import Procedure, Sight
from domain.values import Actor


class Conditions:
    """Conditions of a WHERE clause and their values. `{}` in a condition stands for the next value."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.values: list[Any] = []

    def add(self, condition: str, *values: Any) -> None:
        self._parts.append(self.placed(condition, *values))

    def placed(self, text: str, *values: Any) -> str:
        """The text with its values' places filled in: `a = {}` -> `a = $3`."""
        places = range(len(self.values) + 1, len(self.values) + len(values) + 1)
        self.values.extend(values)
        return text.format(*(f"${place}" for place in places))

    @property
    def where(self) -> str:
        return " AND ".join(f"({part})" for part in self._parts) or "true"

    def copy(self) -> "Conditions":
        twin = Conditions()
        twin._parts, twin.values = list(self._parts), list(self.values)
        return twin


@dataclass(frozen=True)
class Scope:
    """Which complaints a reader sees: of some procedures all, of others those sent to their unit; and how much of each.

    Never those in which the reader is named, nor those of the confidential kinds `kept_from` them.
    """

    actor_tag: str  # by which they are found among the accused
    unit: str | None
    all_of: tuple[str, ...]
    unit_of: tuple[str, ...]
    sights: Mapping[str, Sight] = field(default_factory=dict)
    kept_from: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, actor: Actor, tag: str, procedures: Iterable[Procedure], versions: Iterable[Procedure] = ()
    ) -> "Scope":
        """From the current version of each procedure; a kind that any of `versions` keeps from the actor stays kept.

        `tag` is the actor's. A list does not know which version a complaint is pinned to, so the strictest one decides.
        """
        known = list(procedures)
        kept: dict[str, dict[str, None]] = {}
        for p in (*known, *versions):
            for kind in p.confidential_to:
                if is_withheld_from(actor, p, kind):
                    kept.setdefault(p.code, {})[kind] = None
        reach = {procedure.code: reach_of(actor, procedure) for procedure in known}
        return cls(
            tag,
            actor.unit,
            tuple(code for code, how in reach.items() if how == "all"),
            tuple(code for code, how in reach.items() if how == "unit"),
            {p.code: "all" if actor.is_admin else p.sight_of(actor.roles) or "none" for p in known},
            {code: tuple(kinds) for code, kinds in kept.items()},
        )

    @property
    def is_empty(self) -> bool:
        return not self.all_of and not self.unit_of

    @property
    def reads_texts_of(self) -> list[str]:
        """The procedures whose texts the reader sees, and may search."""
        return [code for code, sight in self.sights.items() if sight != "none"]

    def sight(self, procedure: str) -> Sight:
        return self.sights.get(procedure, "none")

    def narrow(self, conditions: Conditions, kind: str = "kind") -> None:
        """Adds the conditions for a table with the columns procedure, sent_to and accused; `kind` finds its kind."""
        everything = conditions.placed("procedure = ANY({}::text[])", list(self.all_of))
        if self.unit_of:
            own = conditions.placed(
                "procedure = ANY({}::text[]) AND sent_to @> {}::text[]", list(self.unit_of), [self.unit]
            )
            conditions.add(f"{everything} OR ({own})")
        else:
            conditions.add(everything)
        conditions.add("NOT accused @> {}::text[]", [self.actor_tag])
        for procedure, kinds in self.kept_from.items():
            conditions.add(f"procedure <> {{}} OR {kind} <> ALL({{}}::text[])", procedure, list(kinds))
