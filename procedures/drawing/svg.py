"""A procedure as an SVG picture that stands alone: no script, no font and no address from elsewhere."""

from domain.titles import Language
from procedures.drawing.flow import Flow
from procedures.drawing.layout import (
    CLOCK_LANE,
    END_WIDTH,
    LINE,
    LOOP_LANE,
    STATE_HEIGHT,
    STATE_WIDTH,
    Layout,
    PlacedClock,
    PlacedRow,
    PlacedWay,
    layout_of,
)
from procedures.drawing.legend import draw_footer, draw_header
from procedures.drawing.pen import Pen, Point
from procedures.drawing.phrases import heading, state_name, step_name
from wording.subjects import text

# How far from a state its ways part.
FORK = 18.0


def svg(flow: Flow, language: Language = "zh") -> str:
    """The picture: the path from top to bottom, the ways off it on the left, the clocks as spans on the right."""
    return _Picture(layout_of(flow, language)).drawn()


class _Picture:
    def __init__(self, layout: Layout) -> None:
        self.layout, self.language = layout, layout.language
        procedure = layout.flow.procedure
        self.pen = Pen(heading(procedure, self.language), procedure.source)

    def drawn(self) -> str:
        layout = self.layout
        draw_header(self.pen, layout)
        for clock in layout.clocks:
            self._guides(clock)
        self._path()
        for way in layout.ways:
            self._way(way)
        for placed in layout.rows:
            self._row(placed)
        for clock in layout.clocks:
            self._clock(clock)
        return self.pen.written(layout.width, draw_footer(self.pen, layout))

    # The path

    def _path(self) -> None:
        """From each state to the next, where a step of the path leads there."""
        x, rows = self.layout.spine, self.layout.rows
        start = rows[0].y - 4
        for index, placed in enumerate(rows):
            if placed.row.state is not None:
                start = placed.y + STATE_HEIGHT / 2
            elif placed.row.leads_on:
                below = next((later.y for later in rows[index:] if later.row.state), placed.y)
                self.pen.line("path", (x, start), (x, below - STATE_HEIGHT / 2))
            else:
                self.pen.line("path", (x, start), (x, placed.y))

    def _row(self, placed: PlacedRow) -> None:
        x, y, row = self.layout.spine, placed.y, placed.row
        if row.state is not None:
            self._state(row.state, (x, y), STATE_WIDTH)
            return
        self.pen.dot("dot on" if row.leads_on else "dot", (x, y), 5.5)
        top = y - 2 - (len(placed.lines) - 1) * LINE / 2
        self.pen.text("name halo", (x + 20, top), step_name(row.step, self.language))
        for index, line in enumerate(placed.lines):
            self.pen.text("muted halo", (x + 20, top + LINE * (index + 1)), line)

    def _state(self, state: str, middle: Point, width: float) -> None:
        kind = {"disputed": "disputed", "closed": "end", "rejected": "end", "withdrawn": "end"}.get(state, "state")
        self.pen.box(kind, middle, width, STATE_HEIGHT if width == STATE_WIDTH else STATE_HEIGHT - 8)
        on_end = " onend" if kind == "end" else ""
        size = "name" if width == STATE_WIDTH else "small"
        self.pen.text(f"{size}{on_end}", (middle[0], middle[1] + 5), state_name(state, self.language), "middle")

    # The ways off it

    def _way(self, way: PlacedWay) -> None:
        layout, passage = self.layout, way.passage
        edge = layout.spine - STATE_WIDTH / 2
        if passage.source == "disputed":
            self._way_out_of_dispute(way, edge)
            return
        leaves = layout.top_of(passage.source) + (29 if layout.is_entered(passage.source) else STATE_HEIGHT / 2)
        begin: list[Point] = [(edge, leaves)]
        if way.y != leaves:
            begin += [(edge - FORK, leaves), (edge - FORK, way.y)]
        if way.loop is not None:
            self.pen.arrow("way", *begin, *self._round_by(way, way.loop, edge))
        else:
            self.pen.arrow("way", *begin, (layout.ends + END_WIDTH, way.y))
            self._state(passage.target, (layout.ends + END_WIDTH / 2, way.y), END_WIDTH)
        self._way_label(way, layout.ends + END_WIDTH + 16)

    def _round_by(self, way: PlacedWay, loop: int, edge: float) -> tuple[Point, ...]:
        lane, enters = self.layout.lane_at(loop), self.layout.entry_of(way.passage.target)
        return (lane, way.y), (lane, enters), (edge, enters)

    def _way_out_of_dispute(self, way: PlacedWay, edge: float) -> None:
        layout = self.layout
        trunk = layout.ends + END_WIDTH / 2
        begin: tuple[Point, ...] = ((trunk, (layout.disputed or 0) + STATE_HEIGHT / 2 - 4), (trunk, way.y))
        if way.loop is not None:
            self.pen.arrow("way", *begin, *self._round_by(way, way.loop, edge))
        else:
            turn, enters = edge - FORK * 2, layout.entry_of(way.passage.target)
            self.pen.arrow("way", *begin, (turn, way.y), (turn, enters), (edge, enters))
        self._way_label(way, trunk + LOOP_LANE)

    def _way_label(self, way: PlacedWay, x: float) -> None:
        self.pen.text("small halo", (x, way.y - 6), step_name(way.passage.step, self.language))
        for index, line in enumerate(way.lines):
            self.pen.text("muted halo", (x, way.y + 15 + index * 15), line)

    # The clocks

    def _guides(self, clock: PlacedClock) -> None:
        x = self._clock_x(clock)
        on_path = self.layout.flow.rows[clock.span.last].state is None
        for y in (clock.top - 3, *([clock.bottom + 3] if on_path else [])):
            self.pen.line("guide", (self.layout.spine + 20, y), (x, y))

    def _clock(self, clock: PlacedClock) -> None:
        x, rule = self._clock_x(clock), clock.span.rule
        strictness = "soft" if rule.soft or rule.window else "hard"
        starts, stops = (
            " / ".join(text("moments", moment, self.language) for moment in sorted(moments))
            for moments in (rule.starts, rule.stops)
        )
        told = f"{rule.name}: {starts} → {stops}. {rule.source}"
        self.pen.line(f"clock {strictness}", (x, clock.top + 2), (x, clock.bottom - 2), told=told)
        self.pen.line(f"clock {strictness} cap", (x - 5, clock.bottom - 2), (x + 5, clock.bottom - 2))
        y = clock.top + 16
        for line in clock.lines:
            self.pen.text("small halo", (x + 13, y), line)
            y += LINE
        self.pen.text(f"small {strictness} halo", (x + 13, y), clock.limit)
        for note in clock.notes:
            y += LINE
            self.pen.text("muted halo", (x + 13, y), note)

    def _clock_x(self, clock: PlacedClock) -> float:
        return self.layout.clocks_from + clock.lane * CLOCK_LANE + 8
