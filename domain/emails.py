"""E-mail addresses: one, valid, written in one way. Whether anybody reads it nobody is asked."""

import unicodedata
from typing import Final

from email_validator import EmailNotValidError, validate_email

from domain.errors import NotAnEmail
from domain.identity import is_invisible

LONGEST_EMAIL: Final = 254


def as_email(text: str, pointer: str) -> str:
    """`Zhang＠Example.CN ` -> `Zhang@example.cn`. Names of people and of domains may be in any script.

    Raises `NotAnEmail` for none, for several, for one with a name before it.
    """
    written = "".join(_plain(one) for one in text.strip())
    if any(is_invisible(one) for one in written):
        raise NotAnEmail(pointer)
    try:
        known = validate_email(written, check_deliverability=False, allow_smtputf8=True, strict=True)
    except EmailNotValidError:
        raise NotAnEmail(pointer) from None
    if len(known.normalized) > LONGEST_EMAIL:
        raise NotAnEmail(pointer)
    return known.normalized


def as_sent_to(email: str) -> str:
    """The address as mail servers take it: its domain in ASCII. One that is no address stays as it is."""
    try:
        known = validate_email(email, check_deliverability=False, allow_smtputf8=True)
    except EmailNotValidError:
        return email
    return f"{known.local_part}@{known.ascii_domain}"


def _plain(character: str) -> str:
    """Full-width forms as they are written otherwise; what else NFKC changes may be another mailbox."""
    is_full_width = "\uff01" <= character <= "\uff5e"
    return unicodedata.normalize("NFKC", character) if is_full_width else "." if character == "。" else character
