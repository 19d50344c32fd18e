"""A procedure as a diagram, drawn from its data alone: flow.py finds out what leads where, the others write it down."""

from procedures.drawing.flow import Flow, flow_of
from procedures.drawing.mermaid import mermaid
from procedures.drawing.svg import svg

__all__ = ["Flow", "flow_of", "mermaid", "svg"]
