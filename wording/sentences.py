"""Sentences from their templates and facts, and lists as a language joins them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import islice
from string import Formatter
from typing import Any, Final

from domain.limits.limits import Absolute, CalendarDays, Elapsed, SameDay, WorkingDays, WorkingTime
from domain.titles import Language, Title
from wording.limits import spoken_limit
from wording.subjects import SUBJECTS
from wording.subjects import title as title_of

COMMA: Final = Title("、", ", ")
SEMICOLON: Final = Title("；", "; ")
COLON: Final = Title("：", ": ")
STOP: Final = Title("。", ".")
SPACE: Final = Title("", " ")
ARROW: Final = Title(" → ", " → ")
JOINERS: Final = {"clauses": SEMICOLON, "arrows": ARROW}
NAMED: Final = Title("{title}（{code}）", "{code}")
MOST_LISTED: Final = 100  # things that a sentence lists; a city has thousands of units
MORE: Final = "…"
LIMITS: Final = (Elapsed, WorkingTime, WorkingDays, CalendarDays, SameDay, Absolute)


def sentence(template: Title, language: Language, /, **facts: object) -> str:
    """A template with its facts: titles and limits in the language, several things as a list.

    Codes are named: `{steps:steps}` by that subject, and a mapping from codes to titles by its titles before; with
    `{step:=steps}` the title alone is said. Lists are joined by commas, or as `{items:clauses}` and `{items:arrows}` say.
    """
    return _Speaker(language, facts).vformat(template.in_(language), (), facts)


def listed(items: Iterable[Title | str], language: Language, by: Title = COMMA) -> str:
    return by.in_(language).join(item.in_(language) if isinstance(item, Title) else item for item in items)


def clauses(items: Iterable[Title | str], language: Language) -> str:
    return listed(items, language, SEMICOLON)


def joined(sentences: Iterable[str], language: Language) -> str:
    """Whole sentences, one after the other."""
    return SPACE.in_(language).join(one for one in sentences if one)


class _Speaker(Formatter):
    def __init__(self, language: Language, facts: Mapping[str, object]) -> None:
        self._language, self._facts = language, facts

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec.startswith("="):
            return self.vformat(title_of(format_spec[1:], value).in_(self._language), (), self._facts)
        if format_spec in SUBJECTS:
            codes = [value] if isinstance(value, str) else value
            own = value if isinstance(value, Mapping) else {}
            return self._named({code: own.get(code) or title_of(format_spec, code) for code in codes})
        match value:
            case Title():
                return value.in_(self._language)
            case Mapping():
                return self._named(value)
            case tuple() | list():
                return self._some([self.format_field(item, "") for item in value[: MOST_LISTED + 1]],
                                  JOINERS.get(format_spec, COMMA))  # fmt: skip
            case datetime():
                return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
            case _ if isinstance(value, LIMITS):
                return spoken_limit(value, self._language)
        return str(super().format_field(value, format_spec))

    def _named(self, titles: Mapping[str, Title | None]) -> str:
        """Each with its code, which is what a caller has to write; the code alone where it has no name."""
        named = NAMED.in_(self._language)
        return self._some([
            code if title in (None, Title(code, code)) else named.format(title=title.in_(self._language), code=code)
            for code, title in islice(titles.items(), MOST_LISTED + 1)
        ])  # fmt: skip

    def _some(self, items: list[str], by: Title = COMMA) -> str:
        """The first of them, where there are more than anybody reads."""
        shown = items if len(items) <= MOST_LISTED else [*items[:MOST_LISTED], MORE]
        return listed(shown, self._language, by)
