"""What stands above and below the picture: whose procedure it is, what may be done at any time, and its other rules."""

from procedures.description.rules import rules_told
from procedures.drawing.layout import LINE, MARGIN, TOP, Layout, width_of, wrapped
from procedures.drawing.pen import Pen
from procedures.drawing.phrases import heading, role_names, state_name, step_name
from wording.drawings import CALENDAR, DRAWING, SOURCE
from wording.limits import spoken_limit
from wording.procedures import conditions_of
from wording.sentences import COMMA, sentence

Entry = tuple[str, str]
GUTTER = 40.0


def draw_header(pen: Pen, layout: Layout) -> None:
    procedure, language = layout.flow.procedure, layout.language
    pen.text("title", (MARGIN, 48), heading(procedure, language))
    calendar = sentence(CALENDAR, language, code=procedure.calendar)
    other = procedure.title.in_("en" if language == "zh" else "zh")
    source = sentence(SOURCE, language, source=procedure.source)
    pen.text("muted", (MARGIN, 72), " · ".join((other, source, calendar)))
    heads = tuple(DRAWING[code].in_(language) for code in ("other-ways", "path", "limits"))
    places = (layout.ends, layout.spine - 24, layout.clocks_from)
    for head, x in zip(heads, places, strict=True):
        pen.text("small muted", (x, TOP - 22), head)
    x = places[1] + width_of(heads[1], 13) + 28
    for kind, code in (("dot on", "leads-on"), ("dot", "within")):
        words = DRAWING[code].in_(language)
        pen.dot(kind, (x, TOP - 26.5), 5)
        pen.text("muted", (x + 12, TOP - 22), words)
        x += 30 + width_of(words, 12)
    if layout.clocks:
        x, y = layout.clocks_from + width_of(heads[2], 13) + 28, TOP - 26.5
        for kind in ("hard", "soft"):
            words = DRAWING[kind].in_(language)
            pen.line(f"clock {kind}", (x, y), (x + 26, y))
            pen.text("muted", (x + 34, y + 4.5), words)
            x += 60 + width_of(words, 12)


def draw_footer(pen: Pen, layout: Layout) -> float:
    """Two columns of entries under the picture; returns where the picture ends."""
    columns: list[tuple[str, list[Entry]]] = [
        (DRAWING["anytime-steps"].in_(layout.language), _at_any_time(layout)),
        (DRAWING["other-rules"].in_(layout.language), _rules(layout)),
    ]
    shown = [(head, entries) for head, entries in columns if entries]
    top = layout.bottom + 30
    width = (layout.width - 2 * MARGIN - GUTTER) / 2
    if shown:
        pen.line("rule", (MARGIN, top), (layout.width - MARGIN, top))
    ends = [
        _column(pen, MARGIN + index * (width + GUTTER), top + 30, width, head, entries)
        for index, (head, entries) in enumerate(shown)
    ]
    return max(ends, default=top) + MARGIN


def _column(pen: Pen, x: float, y: float, width: float, head: str, entries: list[Entry]) -> float:
    pen.text("small muted", (x, y), head)
    indent = min(max(width_of(name, 13) for name, _ in entries), width / 2) + 18
    y += 8
    for name, words in entries:
        names, lines = wrapped(name, 13, width / 2), wrapped(words, 12, width - indent)
        for index, line in enumerate(names):
            pen.text("small", (x, y + LINE * (index + 1)), line)
        for index, line in enumerate(lines):
            pen.text("muted", (x + indent, y + LINE * (index + 1)), line)
        y += LINE * max(len(names), len(lines)) + 4
    return y


def _at_any_time(layout: Layout) -> list[Entry]:
    procedure, language = layout.flow.procedure, layout.language
    found = [
        (step_name(row.step, language), role_names(procedure, row.roles, language)) for row in layout.flow.at_any_time
    ]
    for passage in layout.flow.passages:
        if passage.source == "open":
            ends = f"→ {state_name(passage.target, language)}"
            found.append(
                (step_name(passage.step, language), f"{role_names(procedure, passage.roles, language)} {ends}")
            )
    return found


def _rules(layout: Layout) -> list[Entry]:
    procedure, language = layout.flow.procedure, layout.language
    found = rules_told(procedure, language)
    for rule in layout.flow.unplaced:
        notes = COMMA.in_(language).join(
            (spoken_limit(rule.limit, language), *conditions_of(procedure, rule, language))
        )
        found.append((rule.title.in_(language), notes))
    return found
