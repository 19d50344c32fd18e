"""Telephone numbers as E.164, so that one person's number is always written the same way."""

import re
from dataclasses import replace
from typing import Final

import phonenumbers

from domain.errors import NotAPhoneNumber
from domain.values import Complainant

HOME_REGION: Final = "CN"
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)


def normalised(complainant: Complainant) -> Complainant:
    """The complainant with their number as E.164. Raises `NotAPhoneNumber`."""
    if complainant.phone is None or _E164.fullmatch(complainant.phone):
        return complainant
    return replace(complainant, phone=as_e164(complainant.phone))


def as_e164(text: str) -> str:
    """`138 0000 0000` -> `+8613800000000`; numbers without a country code are taken as Chinese."""
    try:
        parsed = phonenumbers.parse(text, HOME_REGION)
    except phonenumbers.NumberParseException:
        raise NotAPhoneNumber("/complainant/phone") from None
    if not phonenumbers.is_possible_number(parsed):
        raise NotAPhoneNumber("/complainant/phone")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def number_or_none(text: object) -> str | None:
    """What was dialled or shown, as it is stored; None where it is no number, or withheld."""
    if not isinstance(text, str):
        return None
    try:
        return as_e164(text)
    except NotAPhoneNumber:
        return None
