"""What something is called, in Chinese and in English."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")


@dataclass(frozen=True)
class Title:
    zh: str
    en: str

    def in_(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


def titles_of(codes: Iterable[str], titles: Mapping[str, Title]) -> dict[str, Title | None]:
    """These codes with what they are called, where somebody gave them a name."""
    return {code: titles.get(code) for code in codes}
