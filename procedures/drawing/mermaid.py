"""A procedure as Mermaid text (a flowchart), for documents that draw it themselves."""

from typing import Final

from domain.titles import Language
from procedures.drawing.flow import Flow, Passage, Row, Span
from procedures.drawing.phrases import heading, role_names, state_name, step_name, way_words
from wording.drawings import CONDITIONS, DRAWING
from wording.limits import spoken_limit
from wording.procedures import conditions_of
from wording.sentences import SPACE, sentence

# Mermaid's own form of escapes; everything else in a quoted label stands as it is.
ESCAPES: Final = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "#96;"}
ENDS: Final = ("closed", "rejected", "withdrawn")
STYLES: Final = (
    "classDef step fill:transparent,stroke:#98a2b3,stroke-dasharray:0",
    "classDef ended fill:#475467,stroke:#475467,color:#ffffff",
    "classDef disputed fill:#fef0c7,stroke:#dc6803,color:#7a2e0e",
)


def mermaid(flow: Flow, language: Language = "zh") -> str:
    """The flowchart: thick lines are clocks, dotted ones are clocks that only warn."""
    return "\n".join([*_Chart(flow, language).lines(), ""])


class _Chart:
    def __init__(self, flow: Flow, language: Language) -> None:
        self.flow, self.language, self.procedure = flow, language, flow.procedure
        self.links: list[str] = []
        self.clock_links: list[int] = []

    def lines(self) -> list[str]:
        title = heading(self.procedure, self.language)
        for index, row in enumerate(self.flow.rows):
            self._link_row(index, row)
        for passage in self.flow.passages:
            self._link(passage.source, self._way(passage), passage.target)
        for span in self.flow.spans:
            self._link_clock(span)
        found = [f"%% {_plain(title)}", "flowchart TD", '  begin(("●"))', *self._nodes(), *self.links]
        if self.clock_links:
            found.append(f"  linkStyle {','.join(map(str, self.clock_links))} stroke:#155eef,color:#155eef")
        return [*found, *(f"  {style}" for style in STYLES)]

    def _nodes(self) -> list[str]:
        states, ends = self.flow.states, set(ENDS)
        found = [f'  subgraph open ["{self._escaped(DRAWING["open"].in_(self.language))}"]']
        for state in states:
            if state not in ends:
                found.append(f"    {self._state(state)}{':::disputed' if state == 'disputed' else ''}")
        for row in self.flow.rows:
            if row.step and not row.leads_on and self._state_of(row) not in ends:
                found.append(f"    {_node(row.step)}[{self._label(row.step, row.roles)}]:::step")
        found.append("  end")
        found += [f"  {self._state(state)}:::ended" for state in states if state in ends]
        if self.flow.at_any_time:
            lines = "<br/>".join(self._step(row.step, row.roles) for row in self.flow.at_any_time)
            found.append(f'  anytime["{DRAWING["anytime"].in_(self.language)}<br/>{lines}"]:::step')
        return found

    def _state(self, state: str) -> str:
        return f'{state}(["{self._escaped(state_name(state, self.language))}"])'

    def _state_of(self, row: Row) -> str:
        """The state in which a step is taken: the last one above it on the path."""
        rows = self.flow.rows
        return next((above.state for above in reversed(rows[: rows.index(row)]) if above.state), "received")

    def _link_row(self, index: int, row: Row) -> None:
        if not row.step:
            return
        if row.leads_on:
            source = "begin" if index == 0 else self._state_of(row)
            self._link(source, self._label(row.step, row.roles), self._node_at(index))
        else:
            self.links.append(f"  {self._state_of(row)} --- {_node(row.step)}")

    def _link(self, source: str, label: str, target: str) -> None:
        self.links.append(f"  {source} -- {label} --> {target}")

    def _link_clock(self, span: Span) -> None:
        rule = span.rule
        limit = spoken_limit(rule.limit, self.language)
        conditions = conditions_of(self.procedure, rule, self.language)
        label = f'"{self._escaped(rule.title.in_(self.language))}<br/>{"↻ " if span.again else ""}{limit}'
        if conditions:
            said = sentence(CONDITIONS, self.language, conditions=conditions)
            label += SPACE.in_(self.language) + self._escaped(said)
        label += '"'
        begin, end = ("-.", ".->") if rule.soft else ("==", "==>")
        settled = self.flow.rows[span.last].state is not None
        target = "closed" if settled else self._node_at(span.last)
        self.clock_links.append(len(self.links))
        self.links.append(f"  {self._node_at(span.first)} {begin} {label} {end} {target}")

    def _node_at(self, index: int) -> str:
        """The node of a row: a step that leads on is drawn as the arrow to the next state, so it is that state's."""
        row = self.flow.rows[index]
        if not row.leads_on:
            return _node(row.step)
        return next((below.state for below in self.flow.rows[index:] if below.state), "received")

    def _way(self, passage: Passage) -> str:
        why = way_words(self.procedure, passage, self.language)
        label = self._step(passage.step, passage.roles)
        return f'"{label}<br/>{self._escaped(why)}"' if why else f'"{label}"'

    def _label(self, step: str, roles: tuple[str, ...]) -> str:
        name = self._escaped(step_name(step, self.language))
        return f'"{name}<br/>{self._escaped(role_names(self.procedure, roles, self.language))}"'

    def _step(self, step: str, roles: tuple[str, ...]) -> str:
        name = self._escaped(step_name(step, self.language))
        return f"{name}: {self._escaped(role_names(self.procedure, roles, self.language))}"

    def _escaped(self, text: str) -> str:
        return "".join(ESCAPES.get(character, character) for character in _plain(text))


def _node(step: str) -> str:
    return f"step-{step}"


def _plain(text: str) -> str:
    """One line, without what would begin a comment or a directive of Mermaid."""
    return " ".join(text.split()).replace("%%", "% %")
