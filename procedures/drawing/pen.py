"""Draws into an SVG: boxes, lines and texts by class; the colours for light and dark stand in one style sheet."""

import re
import xml.etree.ElementTree as ET
from typing import Final

FONTS: Final = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", system-ui, sans-serif'
STYLE: Final = f"""
svg {{ font-family: {FONTS}; }}
.paper {{ fill: #ffffff; }}
text {{ fill: #1d2939; font-size: 12px; }}
.title {{ font-size: 22px; font-weight: 600; }}
.name {{ font-size: 14.5px; font-weight: 600; }}
.small {{ font-size: 13px; font-weight: 600; }}
.muted {{ fill: #5d6b82; }}
.state {{ fill: #eff4ff; stroke: #3b6fd4; stroke-width: 1.5; }}
.disputed {{ fill: #fff3d6; stroke: #b7791f; stroke-width: 1.5; }}
.end {{ fill: #475467; stroke: #475467; }}
text.onend {{ fill: #ffffff; }}
.path, .way {{ fill: none; stroke: #667085; stroke-width: 1.6; }}
.path {{ stroke-width: 2.4; stroke: #3b6fd4; }}
.dot {{ fill: #ffffff; stroke: #3b6fd4; stroke-width: 2.4; }}
.dot.on {{ fill: #3b6fd4; }}
.tip {{ fill: #667085; }}
.guide {{ stroke: #d5dbe5; stroke-width: 1; stroke-dasharray: 1 4; }}
.clock {{ fill: none; stroke: #c4320a; stroke-width: 4; stroke-linecap: round; }}
.clock.soft {{ stroke: #b7791f; stroke-dasharray: 2 9; }}
.clock.cap {{ stroke-dasharray: none; }}
text.hard {{ fill: #b42a06; }}
text.soft {{ fill: #8a5a10; }}
.halo {{ paint-order: stroke; stroke: #ffffff; stroke-width: 5px; stroke-linejoin: round; }}
.rule {{ stroke: #d5dbe5; stroke-width: 1; }}
@media (prefers-color-scheme: dark) {{
.paper {{ fill: #12161f; }}
text {{ fill: #e6eaf2; }}
.muted {{ fill: #9aa7bd; }}
.state {{ fill: #1c2a47; stroke: #7ea6f5; }}
.disputed {{ fill: #3a2e14; stroke: #e0b252; }}
.end {{ fill: #c3ccda; stroke: #c3ccda; }}
text.onend {{ fill: #12161f; }}
.way {{ stroke: #8d9ab0; }}
.path {{ stroke: #7ea6f5; }}
.dot {{ fill: #12161f; stroke: #7ea6f5; }}
.dot.on {{ fill: #7ea6f5; }}
.tip {{ fill: #8d9ab0; }}
.guide, .rule {{ stroke: #333d4f; }}
.clock {{ stroke: #ff8a65; }}
.clock.soft {{ stroke: #e0b252; }}
text.hard {{ fill: #ff9d7d; }}
text.soft {{ fill: #e8c477; }}
.halo {{ stroke: #12161f; }}
}}
"""
# What XML 1.0 cannot hold, whatever it is written as.
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TIP: Final = 7.0

Point = tuple[float, float]


class Pen:
    def __init__(self, title: str, description: str) -> None:
        self.root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img"})
        self._tell(self.root, "title", title)
        self._tell(self.root, "desc", description)
        ET.SubElement(self.root, "style").text = STYLE
        self.paper = ET.SubElement(self.root, "rect", {"class": "paper"})

    def written(self, width: float, height: float) -> str:
        """The picture in this size, as one text that ends with a line break."""
        size = {"width": _number(width), "height": _number(height)}
        self.paper.attrib.update(size)
        self.root.attrib.update({**size, "viewBox": f"0 0 {size['width']} {size['height']}"})
        ET.indent(self.root)
        return ET.tostring(self.root, encoding="unicode") + "\n"

    def box(self, kind: str, middle: Point, width: float, height: float) -> None:
        x, y = middle[0] - width / 2, middle[1] - height / 2
        place = {"x": x, "y": y, "width": width, "height": height, "rx": height / 2}
        self._draw("rect", kind, place)

    def dot(self, kind: str, middle: Point, radius: float) -> None:
        self._draw("circle", kind, {"cx": middle[0], "cy": middle[1], "r": radius})

    def line(self, kind: str, *points: Point, told: str = "") -> None:
        """A line with round corners through these points; `told` is said where the pointer rests on it."""
        drawn = self._draw("path", kind, {})
        drawn.set("d", _rounded(points))
        if told:
            self._tell(drawn, "title", told)

    def arrow(self, kind: str, *points: Point) -> None:
        self.line(kind, *points)
        (fx, fy), (x, y) = points[-2:]
        dx, dy = _sign(x - fx) * TIP, _sign(y - fy) * TIP
        corners = ((x, y), (x - dx - dy * 0.6, y - dy - dx * 0.6), (x - dx + dy * 0.6, y - dy + dx * 0.6))
        tip = self._draw("polygon", "tip", {})
        tip.set("points", " ".join(f"{_number(px)},{_number(py)}" for px, py in corners))

    def text(self, kind: str, place: Point, words: str, anchor: str = "start") -> None:
        """`place` is the left end, middle or right end of the line the words stand on."""
        drawn = self._draw("text", kind, {"x": place[0], "y": place[1]})
        if anchor != "start":
            drawn.set("text-anchor", anchor)
        drawn.text = _readable(words)

    def _draw(self, shape: str, kind: str, numbers: dict[str, float]) -> ET.Element:
        return ET.SubElement(
            self.root, shape, {"class": kind, **{name: _number(value) for name, value in numbers.items()}}
        )

    def _tell(self, element: ET.Element, tag: str, words: str) -> None:
        ET.SubElement(element, tag).text = _readable(words)


def _rounded(points: tuple[Point, ...], radius: float = 9) -> str:
    parts = [f"M{_number(points[0][0])} {_number(points[0][1])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        first, second = _towards(corner, before, radius), _towards(corner, after, radius)
        parts.append(f"L{_pair(first)} Q{_pair(corner)} {_pair(second)}")
    return " ".join([*parts, f"L{_pair(points[-1])}"])


def _towards(start: Point, end: Point, most: float) -> Point:
    length = abs(end[0] - start[0]) + abs(end[1] - start[1])
    share = min(most, length / 2) / length if length else 0
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _pair(point: Point) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _readable(words: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", " ".join(words.split()))
