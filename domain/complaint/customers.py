"""同一客户: when complaints are the same customer's, by what they gave of themselves.

Any of the three will do, and the most personal one that both gave decides: two strangers who call from one switchboard
have the telephone in common, and differ in their e-mail or customer number. Somebody of the same name at the same
telephone is no stranger, though a number was taken down wrong.

Of many complaints those of one customer are told from the others by the same rule. What might be several people's, for
it was given with nothing but what they have in common, is nobody's of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from domain.emails import as_email
from domain.identity import levelled
from domain.phone_numbers import as_phone_number
from domain.scripts import simplified
from domain.values import Complainant

IDENTIFIERS: Final = ("phone", "email", "customer_no")  # the most personal last
CALLER: Final = "caller"  # the telephone together with the name
KNOWN_BY: Final = (*IDENTIFIERS, CALLER)

Known = TypeVar("Known", str, bytes)


def as_kept(person: Complainant, pointer: str = "/complainant") -> Complainant:
    """The complainant with number and address as they are kept. Raises `NotAPhoneNumber`, `NotAnEmail`."""
    phone, email = person.phone, person.email
    return replace(
        person,
        phone=None if phone is None else as_phone_number(phone, f"{pointer}/phone"),
        email=None if email is None else as_email(email, f"{pointer}/email"),
    )


def identifiers_of(complainant: Complainant) -> dict[str, str]:
    """What identifies a complainant, by its kind; nothing of one who stays anonymous."""
    if complainant.anonymous:
        return {}
    given = ((kind, getattr(complainant, kind)) for kind in IDENTIFIERS)
    return {kind: levelled(value) for kind, value in given if value is not None}


def known_by(complainant: Complainant) -> dict[str, str]:
    """What a customer is compared by: what identifies them, and who calls from their telephone."""
    known = identifiers_of(complainant)
    if "phone" in known and complainant.name is not None:
        known[CALLER] = f"{known['phone']} {simplified(levelled(complainant.name))}"
    return known


def spelled(name: str) -> str:
    """A name as it is looked for: 張 三 is 张三, and John Smith is johnsmith."""
    return simplified(levelled(name)).replace(" ", "")


def is_same_customer(one: Mapping[str, Known], other: Mapping[str, Known]) -> bool:
    """Whether both are one customer's, compared as they are or as keyed hashes; of who gave nothing nobody knows it."""
    if CALLER in one and one[CALLER] == other.get(CALLER):
        return True
    deciding = next((kind for kind in reversed(IDENTIFIERS) if kind in one and kind in other), None)
    return deciding is not None and one[deciding] == other[deciding]


def most_personal(known: Mapping[str, Known]) -> tuple[str, Known] | None:
    """What identifies them best, and its kind; None of who gave nothing that does."""
    return next(((kind, known[kind]) for kind in reversed(IDENTIFIERS) if kind in known), None)


def customers_among(known: Sequence[Mapping[str, str]]) -> list[list[int]]:
    """Which of these complaints are one customer's: the numbers of each one's, however they are ordered.

    One customer's are those with one customer number, or with one name at one telephone. Who gave less than others
    belongs to those whose customer they are by `is_same_customer`, where that is one and no more.
    """
    levels: dict[str | None, list[int]] = {}
    for number, one in enumerate(known):
        best = most_personal(one)
        levels.setdefault(None if best is None else best[0], []).append(number)
    customers: list[list[int]] = []
    for kind in reversed(IDENTIFIERS):
        is_last = kind == IDENTIFIERS[0]  # of one telephone each name is looked at by itself, before they are one
        units = _joined(known, levels.get(kind, []), (CALLER,) if is_last else (kind, CALLER))
        others = _Customers(known, customers)
        whose = [others.only_one_of(unit) for unit in units]
        left = [unit for unit, customer in zip(units, whose, strict=True) if customer is None]
        for unit, customer in zip(units, whose, strict=True):
            if customer is not None:
                customer.extend(unit)
        customers += _joined(known, [number for unit in left for number in unit], (kind, CALLER)) if is_last else left
    return customers + [[number] for number in levels.get(None, [])]


def _joined(known: Sequence[Mapping[str, str]], numbers: Iterable[int], by: Sequence[str]) -> list[list[int]]:
    """Those that have one of these in common, also through others."""
    leads_to: dict[int, int] = {}
    first: dict[tuple[str, str], int] = {}

    def root(number: int) -> int:
        while leads_to[number] != number:
            number = leads_to[number] = leads_to[leads_to[number]]
        return number

    for number in numbers:
        leads_to[number] = number
        for kind in by:
            if kind in known[number]:
                leads_to[root(number)] = root(first.setdefault((kind, known[number][kind]), number))
    groups: dict[int, list[int]] = {}
    for number in leads_to:
        groups.setdefault(root(number), []).append(number)
    return list(groups.values())


class _Customers:
    """Customers as far as they are told apart, and who of them gave what."""

    def __init__(self, known: Sequence[Mapping[str, str]], customers: Sequence[list[int]]) -> None:
        self._known, self._customers = known, customers
        self._who: dict[tuple[str, str], dict[int, list[int]]] = {}  # by customer the complaints in which it was given
        for place, numbers in enumerate(customers):
            for number in numbers:
                for given in known[number].items():
                    self._who.setdefault(given, {}).setdefault(place, []).append(number)

    def only_one_of(self, unit: Sequence[int]) -> list[int] | None:
        """The one whose these are too: rather by their name at their telephone than by anything else."""
        named = {
            place for mine in unit if CALLER in self._known[mine]
            for place in self._who.get((CALLER, self._known[mine][CALLER]), ())
        }  # fmt: skip
        if named:
            return self._customers[named.pop()] if len(named) == 1 else None
        fitting: set[int] = set()
        for mine in unit:
            known = self._known[mine]
            for kind in IDENTIFIERS:
                for place, theirs in self._who.get((kind, known.get(kind, "")), {}).items():
                    if place not in fitting and any(is_same_customer(known, self._known[one]) for one in theirs):
                        fitting.add(place)
                        if len(fitting) > 1:
                            return None
        return self._customers[fitting.pop()] if fitting else None
