"""What stands above and below the picture: whose procedure it is, what may be done at any time, and its other rules."""

from procedures.description.rules import rules_told
from procedures.drawing.layout import LINE, MARGIN, TOP, Layout, width_of, wrapped
from procedures.drawing.pen import Pen
from procedures.drawing.phrases import heading
from procedures.wording import STATES, STEPS, conditions_of, role_names, said, spoken_limit, word

Entry = tuple[str, str]
GUTTER = 40.0


def draw_header(pen: Pen, layout: Layout) -> None:
    procedure, chinese = layout.flow.procedure, layout.language == "zh"
    pen.text("title", (MARGIN, 48), heading(procedure, layout.language))
    calendar = f"工作日历 {procedure.calendar}" if chinese else f"calendar {procedure.calendar}"
    other = procedure.title.en if chinese else procedure.title.zh
    source = f"依据 {procedure.source}" if chinese else f"source: {procedure.source}"
    pen.text("muted", (MARGIN, 72), " · ".join((other, source, calendar)))
    heads = ("其他走向", "主流程", "时限") if chinese else ("other ways", "the path", "time limits")
    places = (layout.ends, layout.spine - 24, layout.clocks_from)
    for head, x in zip(heads, places, strict=True):
        pen.text("small muted", (x, TOP - 22), head)
    x = places[1] + width_of(heads[1], 13) + 28
    for kind, words in (("dot on", ("进入下一状态", "leads on")), ("dot", ("状态内可做", "within a state"))):
        pen.dot(kind, (x, TOP - 26.5), 5)
        pen.text("muted", (x + 12, TOP - 22), words[0 if chinese else 1])
        x += 30 + width_of(words[0 if chinese else 1], 12)
    if layout.clocks:
        x, y = layout.clocks_from + width_of(heads[2], 13) + 28, TOP - 26.5
        for kind, words in (("hard", ("到期即超时", "hard")), ("soft", ("只预警", "warns only"))):
            pen.line(f"clock {kind}", (x, y), (x + 26, y))
            pen.text("muted", (x + 34, y + 4.5), words[0 if chinese else 1])
            x += 60 + width_of(words[0 if chinese else 1], 12)


def draw_footer(pen: Pen, layout: Layout) -> float:
    """Two columns of entries under the picture; returns where the picture ends."""
    chinese = layout.language == "zh"
    columns: list[tuple[str, list[Entry]]] = [
        ("随时可做" if chinese else "At any time", _at_any_time(layout)),
        ("其他规则" if chinese else "Other rules", _rules(layout)),
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
        (word(STEPS, row.step, language), role_names(procedure, row.roles, language)) for row in layout.flow.at_any_time
    ]
    for passage in layout.flow.passages:
        if passage.source == "open":
            ends = f"→ {word(STATES, passage.target, language)}"
            found.append(
                (word(STEPS, passage.step, language), f"{role_names(procedure, passage.roles, language)} {ends}")
            )
    return found


def _rules(layout: Layout) -> list[Entry]:
    procedure, language = layout.flow.procedure, layout.language
    found = rules_told(procedure, language)
    for rule in layout.flow.unplaced:
        notes = ", ".join((spoken_limit(rule.limit, language), *conditions_of(procedure, rule, language)))
        found.append((said(rule.title, language), notes))
    return found
