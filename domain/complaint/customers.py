"""同一客户: when two complaints are the same customer's, by what they gave of themselves.

Any of the three will do, and the most personal one that both gave decides: two strangers who call from one switchboard
have the telephone in common, and differ in their e-mail or customer number. Somebody of the same name at the same
telephone is no stranger, though a number was taken down wrong.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, TypeVar

from domain.emails import as_email
from domain.identity import levelled
from domain.phone_numbers import as_phone_number
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
        known[CALLER] = f"{known['phone']} {levelled(complainant.name)}"
    return known


def is_same_customer(one: Mapping[str, Known], other: Mapping[str, Known]) -> bool:
    """Whether both are one customer's, compared as they are or as keyed hashes; of who gave nothing nobody knows it."""
    if CALLER in one and one[CALLER] == other.get(CALLER):
        return True
    deciding = next((kind for kind in reversed(IDENTIFIERS) if kind in one and kind in other), None)
    return deciding is not None and one[deciding] == other[deciding]
