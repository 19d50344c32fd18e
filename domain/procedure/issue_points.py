"""问题点: the single things that go wrong, as a procedure lists them, and which of them somebody meant.

The same thing is to have one name, or its repetitions are not counted. So titles and synonyms stand for their code, and
what is none of them is answered with those that are spelled nearly so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from domain.identity import levelled
from domain.scripts import simplified
from domain.titles import Title

MOST_OFFERED: Final = 5
# Words of this length and more are compared; what is longer is a sentence, and no name.
LONGEST_COMPARED: Final = 64
# How much of the longer spelling may differ for the two to be near.
NEAR: Final = 0.4


@dataclass(frozen=True)
class IssuePoint:
    """One thing that goes wrong. `categories`: those of complaints that it is about, where it is not about all."""

    code: str
    title: Title
    synonyms: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    @property
    def spellings(self) -> tuple[str, ...]:
        return (self.code, self.title.zh, self.title.en, *self.synonyms)

    def is_about(self, category: str) -> bool:
        """Whether it goes wrong in complaints of this category, or of one above it."""
        return any(f"{category}.".startswith(f"{one}.") for one in self.categories)


IssuePoints = Mapping[str, IssuePoint]


def code_meant(said: str, points: IssuePoints) -> str | None:
    """The code of the point that is called exactly so, in whatever width, case and script; None where none is."""
    wanted = as_spelled(said)
    return next((code for code, point in points.items() if wanted in map(as_spelled, point.spellings)), None)


def as_spelled(said: str) -> str:
    """A spelling as it is compared: 態度 is 态度."""
    return simplified(levelled(said))


def near_misses(said: str, points: IssuePoints) -> dict[str, Title]:
    """The points that are spelled nearly so, or partly so, the nearest first."""
    far = {code: min(_distances(_words(said), point), default=None) for code, point in points.items()}
    near = sorted((distance, code) for code, distance in far.items() if distance is not None)
    return {code: points[code].title for _, code in near[:MOST_OFFERED]}


def offered(points: IssuePoints, category: str | None) -> dict[str, Title]:
    """All of them, those about this category first."""
    found = sorted(points.values(), key=lambda point: category is None or not point.is_about(category))
    return {point.code: point.title for point in found}


def _distances(said: str, point: IssuePoint) -> Iterator[float]:
    """How far it is from the spellings that it is near to, as a share of the longer of the two."""
    for spelling in map(_words, point.spellings):
        longer = max(len(said), len(spelling))
        if said and longer <= LONGEST_COMPARED:
            distance = edit_distance(said, spelling, int(longer * NEAR))
            if distance is not None:
                yield distance / longer
            elif _is_part(said, spelling) or _is_part(spelling, said):
                yield 1 - min(len(said), len(spelling)) / longer


def _words(said: str) -> str:
    """As it is compared: whether words are joined by hyphens, dots or blanks makes no difference."""
    return " ".join(as_spelled(said).translate({ord(one): " " for one in "-_."}).split())


def _is_part(short: str, long: str) -> bool:
    """Whether it is said as a part of the other; two Chinese characters are a word, two Latin letters are none."""
    return len(short) >= (4 if short.isascii() else 2) and short in long


def edit_distance(one: str, other: str, most: int) -> int | None:
    """How many letters have to be put in, left out, exchanged or swapped with the next; None where more than `most`."""
    if abs(len(one) - len(other)) > most:
        return None
    before_last: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        now = [row]
        for column, wanted in enumerate(other, 1):
            cost = min(last[column] + 1, now[-1] + 1, last[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == wanted:
                cost = min(cost, before_last[column - 2] + 1)
            now.append(cost)
        if min(now) > most:
            return None
        before_last, last = last, now
    return last[-1] if last[-1] <= most else None
