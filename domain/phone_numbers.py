"""Telephone numbers: valid for their country, and written in one way whatever was typed.

A number is kept as E.164, `+8613800000000`; with an extension as RFC 3966 writes it, `+861088886666;ext=8001`, so that
`tel:` and the number can be dialled; a short number of the home country as its digits, `12345`. What is kept is also
what is compared: two extensions of one switchboard are two people's.
"""

import re
import unicodedata
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType, ValidationResult

from domain.errors import NotAPhoneNumber
from domain.identity import is_dash, is_invisible

HOME_REGION: Final = "CN"
HOME_CODE: Final = 86
EXTENSION: Final = ";ext="
TAIL: Final = 4
TEXTABLE: Final = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
Why = str  # a fact of `NotAPhoneNumber`: its words are in wording/refusals/request.py

# The ministry hands out new blocks of these faster than any library learns of them.
_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}", re.ASCII)
_AS_KEPT: Final = re.compile(rf"\+{HOME_CODE}{_MOBILE.pattern}", re.ASCII)
_LOCAL: Final = re.compile(r"[2-8][0-9]{6,7}", re.ASCII)
# 110, 10086, 12345, 95588, 955880, 96110: alone, and the hotline of another city behind its area code.
_SERVICE: Final = r"(?:1[0-2][0-9]{3}|9[56][0-9]{3,4})"
_SHORT: Final = re.compile(rf"11[02479]|12[0-2]|{_SERVICE}", re.ASCII)
_SERVICE_OF_A_CITY: Final = re.compile(rf"(?:10|2[0-57-9]|[3-9][0-9]{{2}}){_SERVICE}", re.ASCII)

_LABEL: Final = re.compile(
    r"(?:tel|phone|mobile|mob|cell|callto|联系电话|电话|電話|手机号?码?|手機|座机|固话)\s*[.:]?\s*"
)
_HOME_CONTEXT: Final = re.compile(rf";phone-context=\+{HOME_CODE}(?=;|$)")
_WORDS: Final = "转接|转分机|转|轉分機|轉|分机号?|分機號?|内线|內線|extension|extn|ext|anexo|int|x|×|\\#|\\*|~|доб"
_MARKED: Final = re.compile(rf"(?P<number>.*?)[-\s(,;/]*(?:{_WORDS})[\s.:=#号]*(?P<extension>.*)")
_DIGITS_OF_IT: Final = re.compile(r"(?P<digits>[0-9]{1,10})[\s)#号.]*", re.ASCII)
# Behind a dash, in brackets, or as telephones write a pause: an extension where the number before it is whole.
_SET_OFF: Final = re.compile(
    r"(?P<number>.*[0-9)])\s*(?:[-(]|[,;pw]+)\s*(?P<digits>[0-9]{1,6})\s*[)#]?", re.ASCII
)
_ONE_NUMBER: Final = re.compile(r"[+0-9 ]+", re.ASCII)


def as_phone_number(text: str, pointer: str) -> str:
    """`010-8888 6666 转 8001` -> `+861088886666;ext=8001`; what names no country is taken as Chinese.

    Raises `NotAPhoneNumber`, which says what is missing.
    """
    if _AS_KEPT.fullmatch(text):
        return text
    try:
        return _as_kept(_levelled(text))
    except _NoNumber as error:
        raise NotAPhoneNumber(pointer, **{error.why: True}) from None


def number_or_none(text: object) -> str | None:
    """What was dialled or shown, as it is kept; None where it is no number, or withheld."""
    try:
        return as_phone_number(text, "") if isinstance(text, str) else None
    except NotAPhoneNumber:
        return None


def extension_of(phone: str) -> str | None:
    """The extension of a number as it is kept."""
    return phone.partition(EXTENSION)[2] or None


def tails_of(phone: str) -> tuple[str, ...]:
    """By which last four digits somebody knows a number as it is kept: its own, and those that are dialled last."""
    number, _, extension = phone.partition(EXTENSION)
    return number[-TAIL:], (number + extension)[-TAIL:]


def as_digits(text: str) -> str:
    """The last digits of a number as somebody types them: in full width, with blanks around them."""
    return unicodedata.normalize("NFKC", text).strip()


def writings_of(phone: str) -> tuple[str, ...]:
    """How somebody may have written a number as it is kept into a text, the longest first."""
    number, _, _ = phone.partition(EXTENSION)
    at_home = number.removeprefix(f"+{HOME_CODE}")
    known = {phone, number, number.removeprefix("+"), at_home}
    parsed = _parsed(number)
    if parsed is not None:
        styles = (phonenumbers.PhoneNumberFormat.NATIONAL, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        formatted = {phonenumbers.format_number(parsed, style) for style in styles}
        known |= formatted | {one.replace(" ", "-") for one in formatted} | {one.replace(" ", "") for one in formatted}
    return tuple(sorted(known, key=len, reverse=True))


def receives_texts(phone: str) -> bool:
    """Whether a message can be sent to a number as it is kept: to a mobile one, and not to an extension."""
    parsed = None if EXTENSION in phone else _parsed(phone)
    return parsed is not None and phonenumbers.number_type(parsed) in TEXTABLE


class _NoNumber(Exception):
    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


def _levelled(text: str) -> str:
    """Full-width forms, digits of other scripts, dashes and brackets as ASCII, and nothing that nobody sees."""
    seen = (one for one in unicodedata.normalize("NFKC", text) if one.isspace() or not is_invisible(one))
    written = "".join(map(_plain, seen))
    written = _HOME_CONTEXT.sub("", written.casefold().strip()).rstrip("# ")
    return _LABEL.sub("", written, count=1) if _LABEL.match(written) else written


def _plain(character: str) -> str:
    if character.isascii():
        return character
    match unicodedata.category(character):
        case "Nd":
            return str(unicodedata.digit(character))
        case "Ps":
            return "("
        case "Pe":
            return ")"
    return "-" if is_dash(character) else "." if character in "·•・。" else character


def _as_kept(written: str) -> str:
    marked = _MARKED.fullmatch(written)
    if marked is not None and any(one.isdigit() for one in marked["number"]):
        digits = _DIGITS_OF_IT.fullmatch(marked["extension"])
        if digits is None:
            raise _NoNumber("several" if any(map(str.isdigit, marked["extension"])) else "extension_missing")
        return _whole(marked["number"]) + EXTENSION + digits["digits"]
    try:
        return _whole(written)
    except _NoNumber as error:
        why = error.why
    set_off = _SET_OFF.fullmatch(written)
    if set_off is not None:
        try:
            number = _whole(set_off["number"])
        except _NoNumber as error:
            why = error.why if error.why == "area_code_missing" else why
        else:
            if not _SHORT.fullmatch(number) and not _SERVICE_OF_A_CITY.fullmatch(number.removeprefix(f"+{HOME_CODE}")):
                return number + EXTENSION + set_off["digits"]
    raise _NoNumber(why)


def _whole(written: str) -> str:
    """A number without an extension, as it is kept."""
    dialled = re.sub(r"[-./()\[\]{}'_,;:]", " ", written).strip()
    if not any(one.isdigit() for one in dialled):
        raise _NoNumber("no_digits")
    if not _ONE_NUMBER.fullmatch(dialled) or "+" in dialled[1:]:
        raise _NoNumber("several" if dialled.count("+") > 1 or set(dialled) & set("、|&和或") else "letters")
    dialled = re.sub(r"^\+00", "+", dialled.replace(" ", ""))
    if _SHORT.fullmatch(dialled.removeprefix(f"+{HOME_CODE}")):
        return dialled.removeprefix(f"+{HOME_CODE}")
    if _LOCAL.fullmatch(dialled):
        raise _NoNumber("area_code_missing")
    try:
        parsed = phonenumbers.parse(dialled, HOME_REGION)
    except phonenumbers.NumberParseException as error:
        raise _NoNumber(_why_not_parsed(error.error_type)) from None
    why = _why_at_home(parsed) if parsed.country_code == HOME_CODE else _why_abroad(parsed)
    if why is not None:
        raise _NoNumber(why)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _why_not_parsed(kind: int) -> Why:
    match kind:
        case phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
            return "unknown_country"
        case phonenumbers.NumberParseException.TOO_LONG:
            return "too_long"
    return "too_short"


def _why_at_home(parsed: PhoneNumber) -> Why | None:
    national = str(parsed.national_number)
    if _MOBILE.fullmatch(national) or _SERVICE_OF_A_CITY.fullmatch(national):
        return None
    if national[:2] in ("13", "14", "15", "16", "17", "18", "19"):
        return "mobile_digits"
    if phonenumbers.is_valid_number(parsed):
        return None
    return "area_code_missing" if _LOCAL.fullmatch(national) else _why_abroad(parsed)


def _why_abroad(parsed: PhoneNumber) -> Why | None:
    if phonenumbers.is_valid_number(parsed):
        return None
    match phonenumbers.is_possible_number_with_reason(parsed):
        case ValidationResult.TOO_SHORT:
            return "too_short"
        case ValidationResult.TOO_LONG:
            return "too_long"
        case ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
            return "area_code_missing"
    return "not_assigned"


def _parsed(number: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None


