"""What one reader may see, as conditions of the query itself: nothing is filtered out of a page afterwards."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from domain.procedure.access import Access, accesses, best_of, in_circle
from domain.procedure.procedure import Procedure, Sight
from domain.values import Actor

Kinds = Mapping[str, tuple[str, ...]]  # of matters, by procedure


# The last position recorded before a moment: what was recorded from then on is what stands behind it. As a query of its
# own it is asked once, not row by row.
BEFORE: Final = "(SELECT position_as_of({}::timestamptz - interval '1 microsecond'))"
UPDATED_SINCE: Final = f"position > {BEFORE}"  # of a case whose row has the position of its last event


class Conditions:
    """Conditions of a WHERE clause and their values. `{}` in a condition stands for the next value."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.values: list[Any] = []
        self.joined = ""  # what the table is joined with, as FROM has it

    def add(self, condition: str, *values: Any) -> None:
        self._parts.append(self.placed(condition, *values))

    def among(self, column: str, wanted: Sequence[Any]) -> None:
        """That the column holds one of these; any at all where none is named. One alone can be found in order."""
        if len(wanted) == 1:
            self.add(f"{column} = {{}}", wanted[0])
        elif wanted:
            self.add(f"{column} = ANY({{}})", list(wanted))

    def placed(self, text: str, *values: Any) -> str:
        """The text with its values' places filled in: `a = {}` -> `a = $3`."""
        places = range(len(self.values) + 1, len(self.values) + len(values) + 1)
        self.values.extend(values)
        return text.format(*(f"${place}" for place in places))

    @property
    def where(self) -> str:
        return " AND ".join(f"({part})" for part in self._parts) or "true"

    def counted(self, table: str) -> str:
        """The query of how many rows fit."""
        return f"SELECT count(*) FROM {table}{self.joined} WHERE {self.where}"

    def copy(self) -> "Conditions":
        twin = Conditions()
        twin._parts, twin.values, twin.joined = list(self._parts), list(self.values), self.joined
        return twin


@dataclass(frozen=True)
class Grants:
    """What a reader's roles give in one procedure: in general, and for each of its confidential kinds."""

    general: tuple[Access, ...]
    confidential: Mapping[str, tuple[Access, ...]] = field(default_factory=dict)

    def of(self, kind: str) -> tuple[Access, ...]:
        return self.confidential.get(kind, self.general)

    def only(self, fits: Callable[[Access], bool]) -> "Grants":
        """Those of them that fit."""
        kinds = {kind: tuple(filter(fits, given)) for kind, given in self.confidential.items()}
        return Grants(tuple(filter(fits, self.general)), kinds)


@dataclass(frozen=True)
class Reached:
    """Which complaints are reached: of some procedures all, of others those sent to the reader's unit.

    A procedure may be in both. `kept_from_all` and `kept_from_unit` are the confidential kinds that are not.
    """

    all_of: tuple[str, ...]
    unit_of: tuple[str, ...]
    kept_from_all: Kinds
    kept_from_unit: Kinds

    @classmethod
    def by(cls, grants: Mapping[str, Grants]) -> "Reached":
        whole = {code: one.only(lambda access: access.reach == "all") for code, one in grants.items()}
        own = {code: one.only(lambda access: access.reach == "unit") for code, one in grants.items()}
        all_of = tuple(code for code, one in whole.items() if one.general)
        # What is reached as a whole needs no unit, but where one opens a kind that is kept from it otherwise.
        unit_of = tuple(
            code for code, one in own.items()
            if one.general and (code not in all_of or any(
                given and not whole[code].confidential[kind] for kind, given in one.confidential.items()
            ))
        )  # fmt: skip
        return cls(all_of, unit_of, _kept(whole, all_of), _kept(own, unit_of))

    def condition(self, conditions: Conditions, unit: str | None, kind: str) -> str:
        """The condition for a table with the columns procedure and sent_to; `kind` finds its kind."""
        everything = self._of(conditions, self.all_of, self.kept_from_all, kind)
        if not self.unit_of:
            return everything
        own = self._of(conditions, self.unit_of, self.kept_from_unit, kind)
        return f"{everything} OR ({own} AND {conditions.placed('sent_to @> {}::text[]', [unit])})"

    def among_own(self, conditions: Conditions, kind: str) -> str:
        """As `condition`, of what was sent to the reader's unit, where that is all they reach."""
        return self._of(conditions, self.unit_of, self.kept_from_unit, kind)

    def whole(self, conditions: Conditions, kind: str) -> str:
        """The condition for what is reached whatever unit it was sent to."""
        return self._of(conditions, self.all_of, self.kept_from_all, kind)

    @staticmethod
    def _of(conditions: Conditions, codes: tuple[str, ...], kept: Kinds, kind: str) -> str:
        parts = [conditions.placed("procedure = ANY({}::text[])", list(codes))]
        for code, kinds in kept.items():
            parts.append(conditions.placed(f"(procedure <> {{}} OR {kind} <> ALL({{}}::text[]))", code, list(kinds)))
        return f"({' AND '.join(parts)})"


@dataclass(frozen=True)
class Scope:
    """Which complaints a reader sees and how much of each, by what their roles give in each procedure.

    Never those in which the reader is named. What one role reaches is seen as that role sees it.
    """

    actor_tag: str  # by which they are found among the accused
    unit: str | None
    grants: Mapping[str, Grants]

    @classmethod
    def of(
        cls, actor: Actor, tag: str, procedures: Iterable[Procedure], versions: Iterable[Procedure] = ()
    ) -> "Scope":
        """From the current version of each procedure; a kind that any of `versions` keeps from a role stays kept.

        `tag` is the actor's. A list does not know which version a complaint is pinned to, so the strictest one decides.
        """
        current = {procedure.code: procedure for procedure in procedures}
        general = {code: accesses(actor, procedure) for code, procedure in current.items()}
        confidential: dict[str, dict[str, tuple[Access, ...]]] = {code: {} for code in current}
        for one in (*current.values(), *(version for version in versions if version.code in current)):
            kinds = confidential[one.code]
            for kind in one.confidential_to:
                kinds[kind] = in_circle(kinds.get(kind, general[one.code]), one, kind)
        return cls(tag, actor.unit, {code: Grants(general[code], confidential[code]) for code in current})

    @property
    def is_empty(self) -> bool:
        return not any(one.general for one in self.grants.values())

    @cached_property
    def reached(self) -> Reached:
        return Reached.by(self.grants)

    @cached_property
    def read(self) -> Reached:
        """Those whose texts the reader sees, and may search."""
        return Reached.by({code: one.only(lambda access: access.sight != "none") for code, one in self.grants.items()})

    @cached_property
    def named(self) -> Reached:
        """Those of which the reader sees who complained."""
        return Reached.by({code: one.only(lambda access: access.sight == "all") for code, one in self.grants.items()})

    @cached_property
    def followed(self) -> Reached:
        """Those of which the reader sees that something happened: an auditor's every one, confidential or not."""
        followed: dict[str, Grants] = {}
        for code, one in self.grants.items():
            auditor = tuple(access for access in one.general if access.role == "auditor")
            kinds = {kind: (*given, *auditor) for kind, given in one.confidential.items()}
            followed[code] = Grants(one.general, kinds)
        return Reached.by(followed)

    @property
    def names_anybody(self) -> bool:
        """Whether there may be complaints of which the reader sees who complained."""
        return bool(self.named.all_of or self.named.unit_of)

    @property
    def all_of(self) -> tuple[str, ...]:
        """The procedures of which the reader sees every complaint but confidential ones."""
        return self.reached.all_of

    def sees(self, procedure: str) -> bool:
        """Whether the reader sees any complaint of a procedure."""
        known = self.grants.get(procedure)
        return known is not None and bool(known.general)

    def sight(self, procedure: str, kind: str, sent_to: Collection[str] = ()) -> Sight:
        """How much of a complaint that they see."""
        known = self.grants.get(procedure)
        given = () if known is None else known.of(kind)
        return best_of(one for one in given if one.reach == "all" or self.unit in sent_to) or "none"

    def leave_out_unread(
        self, conditions: Conditions, column: str, telling: Iterable[tuple[str, str]], kind: str = "kind"
    ) -> None:
        """Leaves out what is for those alone who read texts: by procedure, what the column then holds."""
        seen_unread = {
            code for code, one in self.grants.items()
            if any(access.sight == "none" for given in (one.general, *one.confidential.values()) for access in given)
        }  # fmt: skip
        told = [pair for pair in telling if pair[0] in seen_unread]
        if told:
            codes, names = [code for code, _ in told], [name for _, name in told]
            other = f"(procedure, {column}) NOT IN (SELECT * FROM unnest({{}}::text[], {{}}::text[]))"
            placed = conditions.placed(other, codes, names)
            conditions.add(f"{placed} OR {self.read.condition(conditions, self.unit, kind)}")

    def narrow(self, conditions: Conditions, kind: str = "kind", *, sent: str | None = None) -> None:
        """Adds the conditions for a table with the columns procedure, sent_to and accused; `kind` finds its kind.

        `sent`: for who reaches nothing but what was sent to their unit the table is joined with that instead, so that
        it is found in order; `{}` stands for the unit.
        """
        reached = self.reached
        if sent is not None and reached.unit_of and not reached.all_of:
            conditions.joined = f" JOIN {conditions.placed(sent, self.unit)}"
            conditions.add(reached.among_own(conditions, kind))
        else:
            conditions.add(reached.condition(conditions, self.unit, kind))
        conditions.add("NOT accused @> {}::text[]", [self.actor_tag])


def _kept(grants: Mapping[str, Grants], codes: Iterable[str]) -> Kinds:
    kept = {code: tuple(kind for kind, given in grants[code].confidential.items() if not given) for code in codes}
    return {code: kinds for code, kinds in kept.items() if kinds}
