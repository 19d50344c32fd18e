"""What is left of personal data for those who may not see it: two people stay apart, nobody can be found."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from app.access.trail import shown_in_clear
from domain.phone_numbers import EXTENSION
from domain.procedure.procedure import Sight
from domain.values import Complainant

HIDDEN: Final = "***"


def seen_complainant(complainant: Complainant, sight: Sight, of: UUID | None = None) -> Complainant:
    """张三 -> 张*, +8613812345678 -> +86138****5678; whole for those who may see it, which goes into the access log.

    `of` is the complaint.
    """
    if sight == "all":
        shown_in_clear(of)
        return complainant
    return replace(
        complainant,
        name=masked_name(complainant.name),
        phone=masked_phone(complainant.phone),
        email=None if complainant.email is None else f"{complainant.email[:1]}{HIDDEN}",
        address=None if complainant.address is None else HIDDEN,
        customer_no=None if complainant.customer_no is None else HIDDEN + _end_of(complainant.customer_no),
    )


def seen_customer(name: str | None, sight: Sight, of: UUID | None = None) -> str | None:
    """How a complainant is called, as `seen_complainant` has it."""
    if sight == "all":
        shown_in_clear(of)
        return name
    return masked_name(name)


def seen_text(text: Any, sight: Sight) -> Any:
    """A free text (or what is made of texts), hidden from those who see none."""
    if sight != "none" or text is None:
        return text
    return HIDDEN if isinstance(text, str) else [HIDDEN] if isinstance(text, tuple | list) else {}


def seen_people(people: Sequence[str], sight: Sight) -> list[str]:
    """Who of the staff is named, told to those who see at least the texts."""
    return [] if sight == "none" else list(people)


def masked_name(name: str | None) -> str | None:
    return None if name is None else name[:1] + "*" * min(max(len(name) - 1, 1), 3)


def masked_phone(phone: str | None) -> str | None:
    if phone is None:
        return None
    number, mark, extension = phone.partition(EXTENSION)
    hidden = f"{number[:6]}****{number[-4:]}" if len(number) > 10 else "****" + _end_of(number)
    end = extension[-1:] if len(extension) > 1 else ""
    return hidden + mark + end.rjust(len(extension), "*")


def _end_of(number: str) -> str:
    """Two places of a number keep people apart; of a short one they would be half of it, and none are shown."""
    return number[-2:] if len(number) > 4 else ""
