"""Who is meant by an id: one person has one, however it is spelled.

Names arrive typed, pasted and dictated: in another width or case, with blanks around them, with characters that nobody
sees. Everything that asks whether two ids are the same person's asks here.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

# Words that mean somebody else than a person or a system with a key of its own.
RESERVED: Final = frozenset({
    "system", "clock", "calendar", "policy", "oidc", "service", "redress", "root", "administrator", "everyone",
    "everybody", "anyone", "anybody", "someone", "somebody", "nobody", "anonymous", "unknown", "complainant",
    "customer", "me", "self", "all", "any", "none", "null", "nil", "undefined", "true", "false",
    "import", ".", "..",  # which lead out of wherever they stand in an address
})  # fmt: skip
# Before the code of somebody else than a person, where lists ask for both.
UNIT, ROLE, PERSON = "unit:", "role:", "person:"
PREFIXES: Final = (ROLE, UNIT, PERSON)
# Default-ignorable, yet no format characters (Cf): fillers of Hangul and Khmer, the joiner, variation selectors. And
# what stands for nothing: Braille's blank, the place of an object, music's null.
_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc\U0001d159").union(
    map(chr, range(0x180B, 0x1810)), map(chr, range(0xFE00, 0xFE10)), map(chr, range(0xE0100, 0xE01F0))
)
# Writing that has no letters which look like those of an alphabet; it may stand beside one (王芳-2, lisa王).
_WITHOUT_LOOKALIKES: Final = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO"})
_LIKE_HAN: Final = frozenset("エオカタチトニハヒムロー")  # 工才力夕千卜二八匕厶口一


@lru_cache(maxsize=10_000)
def levelled(id: str) -> str:
    """The id as it is compared and kept: width, case, dashes, blanks and invisible characters level; perhaps empty.

    Levelling twice changes nothing more.
    """
    if id.isascii() and id.isprintable():
        return " ".join(id.lower().split())
    text = unicodedata.normalize("NFKC", seen(id)).casefold()
    text = unicodedata.normalize("NFKC", seen(text))
    return " ".join("".join("-" if is_dash(one) else one for one in text).split())


def as_number(typed: str) -> str:
    """A complaint's number as it is kept, in whatever case and width it was typed."""
    return levelled(typed).upper()


def seen(text: str) -> str:
    """What of a text can be seen: without format, control and other characters that take no place, but with blanks."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(one for one in text if one.isspace() or not is_invisible(one))


def is_dash(character: str) -> bool:
    return unicodedata.category(character) == "Pd" or character == "\N{MINUS SIGN}"


def is_invisible(character: str) -> bool:
    """Whether a character takes no place on paper; a blank does."""
    return character in _INVISIBLE or unicodedata.category(character) in {"Cf", "Cc", "Cs", "Co", "Cn"}


def is_same(one: str | None, other: str | None) -> bool:
    """Whether two ids are the same person's; nobody (None) is the same as nobody."""
    if one is None or other is None:
        return one is other
    return one == other or levelled(one) == levelled(other)


def is_among(id: str | None, people: Iterable[str | None]) -> bool:
    """Whether the person is one of these."""
    return any(is_same(id, person) for person in people)


def each_once(people: Iterable[str]) -> tuple[str, ...]:
    """These people levelled, each once, in their order."""
    return tuple(dict.fromkeys(map(levelled, people)))


def is_of_one_alphabet(id: str) -> bool:
    """Whether no letter can be taken for one of another alphabet: а (Cyrillic) for a (Latin), ٣ for 3, ロ for 口."""
    alphabets = {
        unicodedata.name(letter, "?").split()[0] for letter in levelled(id) if unicodedata.category(letter)[0] == "L"
    } - _WITHOUT_LOOKALIKES
    if len(alphabets) > 1 or _looks_like_han(levelled(id)):
        return False
    return all(one.isascii() or one == "〇" for one in levelled(id) if unicodedata.category(one)[0] == "N")


def _looks_like_han(id: str) -> bool:
    """Whether something in it passes for a Chinese character: a radical, or a sound beside such characters."""
    scripts = {one: unicodedata.name(one, "?") for one in id}
    kana = {one for one, name in scripts.items() if name.startswith(("KATAKANA", "HIRAGANA"))}
    beside_han = any(name.startswith("CJK UNIFIED") for name in scripts.values())
    sounds = (kana and kana <= _LIKE_HAN) or any(name.startswith("BOPOMOFO") for name in scripts.values())
    return any(name.startswith("CJK RADICAL") for name in scripts.values()) or bool(beside_han and sounds)


def is_acceptable(id: str) -> bool:
    """Whether a new id can be given to somebody: it can be seen, and nobody takes it for another."""
    return id.isprintable() and is_filled_in(id) and is_of_one_alphabet(id)


def is_filled_in(text: str) -> bool:
    """A text that only looks filled in, or holds what nobody sees, is not filled in."""
    return any(not one.isspace() and not is_invisible(one) and unicodedata.category(one)[0] != "M" for one in text)


def is_reserved(id: str) -> bool:
    return levelled(id) in RESERVED or levelled(id).startswith(PREFIXES)
