"""Where everything of the picture stands, in pixels from its upper left corner: the path in the middle, the ways off it
to the left, the clocks to the right.
"""

import unicodedata
from dataclasses import dataclass, field, replace
from typing import Final

from domain.titles import Language
from procedures.drawing.flow import Flow, Passage, Row, Span
from procedures.drawing.phrases import role_names, step_name, way_words
from wording.drawings import DRAWING
from wording.limits import spoken_limit
from wording.procedures import conditions_of

STATE_HEIGHT: Final = 40
STATE_WIDTH: Final = 128
STEP_HEIGHT: Final = 48
GAP: Final = 12
LINE: Final = 17
WAY_HEIGHT: Final = 60
WAY_LABEL: Final = 250
END_WIDTH: Final = 104
LOOP_LANE: Final = 20
CLOCK_LANE: Final = 188
CLOCK_LABEL: Final = 160
STEP_LABEL: Final = 280
NARROWEST_LABELS: Final = 220  # what the explanation above them needs
TOP: Final = 132
MARGIN: Final = 36
ENDS: Final = frozenset({"closed", "rejected", "withdrawn"})


def width_of(text: str, size: float) -> float:
    """About how wide a text is set: a Chinese character takes its size, the others little more than half of it."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return size * (wide + 0.56 * (len(text) - wide))


def wrapped(text: str, size: float, width: float) -> list[str]:
    """The text in lines no wider than this, broken at a space or behind any Chinese character."""
    lines, rest = [], text
    while width_of(rest, size) > width:
        count = next(count for count in range(len(rest), 0, -1) if count == 1 or width_of(rest[:count], size) <= width)
        head = rest[:count]
        space = head.rfind(" ")
        if space > 0 and unicodedata.east_asian_width(rest[count]) not in "WF":
            count = space
        if rest[count : count + 1] in set("、，。)）") and count > 1:
            count -= 1
        lines.append(rest[:count].strip())
        rest = rest[count:].strip()
    return [*lines, rest]


@dataclass(frozen=True)
class PlacedRow:
    row: Row
    y: float  # its middle
    lines: tuple[str, ...] = ()  # under the step's name


@dataclass(frozen=True)
class PlacedWay:
    """A way to the left of the path at height `y`: to an end of its own, or by the lane `loop` to another state."""

    passage: Passage
    y: float
    lines: tuple[str, ...]
    loop: int | None = None


@dataclass(frozen=True)
class PlacedClock:
    span: Span
    lane: int
    top: float
    bottom: float
    lines: tuple[str, ...]
    limit: str
    notes: tuple[str, ...]


@dataclass
class Layout:
    flow: Flow
    language: Language
    rows: list[PlacedRow] = field(default_factory=list)
    ways: list[PlacedWay] = field(default_factory=list)
    clocks: list[PlacedClock] = field(default_factory=list)
    disputed: float | None = None  # the middle of the state that stands beside the path
    bottom: float = TOP

    @property
    def ends(self) -> float:
        """The left edge of what stands beside the path."""
        lanes = [placed.loop for placed in self.ways if placed.loop is not None]
        return MARGIN + (max(lanes) + 1 if lanes else 0) * LOOP_LANE

    @property
    def spine(self) -> float:
        """Where the main path stands."""
        return self.ends + END_WIDTH + WAY_LABEL + STATE_WIDTH / 2

    @property
    def clocks_from(self) -> float:
        lines = [width_of(line, 12) for placed in self.rows for line in placed.lines]
        names = [width_of(step_name(placed.row.step, self.language), 15) for placed in self.rows]
        return self.spine + 22 + max(*lines, *names, NARROWEST_LABELS) + 30

    @property
    def width(self) -> float:
        lanes = max((placed.lane for placed in self.clocks), default=0) + 1
        return self.clocks_from + max(lanes, 2) * CLOCK_LANE + MARGIN

    def lane_at(self, loop: int) -> float:
        return self.ends - (loop + 0.6) * LOOP_LANE

    def top_of(self, state: str) -> float:
        return next(placed.y for placed in self.rows if placed.row.state == state) - STATE_HEIGHT / 2

    def is_entered(self, state: str) -> bool:
        """Whether a way comes (back) to this state from beside the path."""
        return any(passage.target == state and passage.source not in ENDS - {"closed"}
                   for passage in self.flow.passages if state not in ENDS)  # fmt: skip

    def entry_of(self, state: str) -> float:
        """The height at which ways from beside the path reach this state."""
        return self.top_of(state) + 11


def layout_of(flow: Flow, language: Language) -> Layout:
    found = Layout(flow, language)
    y = float(TOP)
    for row in flow.rows:
        if row.state is None:
            lines = tuple(wrapped(role_names(flow.procedure, row.roles, language), 12, STEP_LABEL))
            height = STEP_HEIGHT + (len(lines) - 1) * LINE
            found.rows.append(PlacedRow(row, y + height / 2, lines))
            y += height
            continue
        y = max(y, found.bottom) + GAP
        found.rows.append(PlacedRow(row, y + STATE_HEIGHT / 2))
        found.bottom = _place_ways(found, row.state, y)
        y += STATE_HEIGHT + GAP
    found.bottom = max(y, found.bottom)
    _give_lanes(found)
    _place_clocks(found)
    return found


def _place_ways(found: Layout, state: str, top: float) -> float:
    """Stack the ways that leave this state; returns where they end."""
    y = top + STATE_HEIGHT / 2 + (WAY_HEIGHT * 0.6 if found.is_entered(state) else 0)
    used = top
    for passage in found.flow.passages:
        if passage.source == state:
            found.ways.append(PlacedWay(passage, y, _way_lines(found, passage)))
            if passage.target == "disputed":
                found.disputed = y
                y = _place_ways_out_of_dispute(found, y)
            height = _height_under(found.ways[-1])
            used, y = y + height - LINE, y + height
    return used


def _height_under(way: PlacedWay) -> float:
    """From this way to the next: its own lines, and the next one's name."""
    return max(WAY_HEIGHT, 38 + 15 * len(way.lines))


def _place_ways_out_of_dispute(found: Layout, y: float) -> float:
    out = [passage for passage in found.flow.passages if passage.source == "disputed"]
    # The way on is the lowest, next to the state it leads to.
    for passage in sorted(out, key=lambda passage: passage.step == "issue-ruling"):
        y += _height_under(found.ways[-1])
        found.ways.append(PlacedWay(passage, y, _way_lines(found, passage)))
    return y


def _give_lanes(found: Layout) -> None:
    """Each way to another state of the path has a lane of its own, the shortest nearest to the path."""

    def length(placed: PlacedWay) -> float:
        return abs(placed.y - found.entry_of(placed.passage.target))

    aside = {*ENDS, "disputed"}
    loops = [
        placed for placed in found.ways if placed.passage.target not in aside and placed.passage.step != "issue-ruling"
    ]
    lanes = {id(placed): lane for lane, placed in enumerate(sorted(loops, key=length))}
    found.ways = [replace(placed, loop=lanes.get(id(placed))) for placed in found.ways]


def _way_lines(found: Layout, passage: Passage) -> tuple[str, ...]:
    words = way_words(found.flow.procedure, passage, found.language)
    roles = role_names(found.flow.procedure, passage.roles, found.language)
    return tuple(line for text in (words, roles) if text for line in wrapped(text, 12, WAY_LABEL - 40))


def _place_clocks(found: Layout) -> None:
    """Every clock beside the rows it spans, in the first lane that is free there."""
    free: list[float] = []
    spans = [(_height_of(found, span.first) + 3, _height_of(found, span.last) - 3, span) for span in found.flow.spans]
    for top, bottom, span in sorted(spans, key=lambda placed: placed[:2]):
        rule, language = span.rule, found.language
        lines = tuple(wrapped(rule.title.in_(language), 13, CLOCK_LABEL))
        limit = ("↻ " if span.again else "") + spoken_limit(rule.limit, language)
        notes = tuple(
            line
            for note in (*conditions_of(found.flow.procedure, rule, language), *_end_of(found, span))
            for line in wrapped(note, 12, CLOCK_LABEL)
        )
        needed = max(bottom, top + (len(lines) + 1 + len(notes)) * LINE + 10)
        lane = next((lane for lane, until in enumerate(free) if until <= top), len(free))
        free[lane : lane + 1] = [needed]
        found.clocks.append(PlacedClock(span, lane, top, bottom, lines, limit, notes))
        found.bottom = max(found.bottom, needed)


def _end_of(found: Layout, span: Span) -> tuple[str, ...]:
    """What ends a clock that ends beside the path, in words, since no row of the path shows it."""
    if found.flow.rows[span.last].state is None:
        return ()
    return (DRAWING["until-settled"].in_(found.language),)


def _height_of(found: Layout, index: int) -> float:
    """The height of a row; of a state that complaints are settled in, that of the settling."""
    row = found.flow.rows[index]
    settled = [
        placed.y for placed in found.ways if row.state and placed.passage.source == row.state
        and placed.passage.step == "settle"
    ]  # fmt: skip
    return settled[-1] if settled else found.rows[index].y
