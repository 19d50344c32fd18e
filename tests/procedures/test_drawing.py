"""Drawings of procedures: what they show is what the procedure allows, and what they write is well formed."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest

from domain.complaint.state import ENDED
from domain.procedure.procedure import Procedure
from domain.titles import LANGUAGES, Language, Title
from procedures.drawing import flow_of, mermaid, svg
from procedures.drawing.flow import Flow, Row
from procedures.drawing.layout import width_of, wrapped
from procedures.library import Library
from tests.facts import (
    AGENT,
    ASKED,
    BOARD_OFFICE,
    CLOSED,
    DISPUTED,
    EXECUTED,
    EXECUTING,
    GENERAL_MANAGER,
    MANAGER,
    OPENED,
    OVERTURNED,
    READY_TO_CLOSE,
    SETTLEMENT,
    Fact,
    classified,
    received,
)
from tests.spec import given, kf0001
from wording.steps import STEPS

SVG = "{http://www.w3.org/2000/svg}"
READY = sorted(Library.ready().procedures)

EVERYBODY = (AGENT, MANAGER, BOARD_OFFICE, GENERAL_MANAGER, SETTLEMENT)

# How a complaint of kf0001 gets into each state.
HISTORIES: dict[str, tuple[Fact, ...]] = {
    "received": (received(),),
    "classified": OPENED,
    "dispatched": ASKED,
    "disputed": DISPUTED,
    "executing": EXECUTING,
    "executed": EXECUTED,
    "informed": READY_TO_CLOSE,
    "closed": CLOSED,
}


@cache
def drawn() -> Flow:
    return flow_of(kf0001())


def without(*steps: str) -> Procedure:
    """The reference procedure as an organisation has it that does not know these steps."""
    kept = {step: roles for step, roles in kf0001().steps.items() if step not in steps}
    return replace(kf0001(), steps=kept)


def simple_handling() -> Procedure:
    """Without handling opinions: units accept, execute, and are done."""
    return without("draft-opinion", "confirm-opinion", "dispute-opinion", "issue-ruling", "revise-opinion")


def states_of(procedure: Procedure) -> list[str]:
    return [row.state for row in flow_of(procedure).rows if row.state is not None]


def ways(procedure: Procedure) -> set[tuple[str, str, str]]:
    return {(way.step, way.source, way.target) for way in flow_of(procedure).passages}


def spans(procedure: Procedure) -> dict[str, tuple[str, str]]:
    """Each clock's first and last row, by the step or state that stands there."""
    flow = flow_of(procedure)

    def named(row: Row) -> str:
        return row.step or str(row.state)

    return {span.rule.name: (named(flow.rows[span.first]), named(flow.rows[span.last])) for span in flow.spans}


def texts(picture: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(picture).iter(f"{SVG}text")]


# What is drawn is what the rules allow


def test_the_reference_procedure_goes_through_every_state_in_its_order() -> None:
    assert states_of(kf0001()) == [
        "received", "classified", "dispatched", "executing", "executed", "informed", "closed",
    ]  # fmt: skip
    assert set(drawn().states) - set(states_of(kf0001())) == {"disputed", "rejected", "withdrawn"}


@pytest.mark.parametrize("state", [state for state in states_of(kf0001()) if state not in ENDED])
def test_a_step_drawn_in_a_state_is_allowed_to_a_complaint_in_that_state(state: str) -> None:
    history = given(*HISTORIES[state])
    assert history.complaint.status == state
    below = drawn().rows[[row.state for row in drawn().rows].index(state) + 1 :]
    steps = [row.step for row in below[: next(i for i, row in enumerate(below) if row.state)]]
    # A report is ordered first, then submitted, then issued.
    waiting = {"submit-capa", "issue-capa"}
    assert steps
    assert set(steps) - waiting <= {step for actor in EVERYBODY for step in history.allowed(actor)}


@pytest.mark.parametrize("way", [way for way in drawn().passages if way.source in HISTORIES], ids=str)
def test_a_way_off_the_path_is_allowed_where_it_begins(way: object) -> None:
    [passage] = [found for found in drawn().passages if found == way]
    history = HISTORIES[passage.source]
    if passage.severities:
        history = (received(), classified(passage.severities[0]))
    if passage.why == "overturned":
        history = OVERTURNED
    assert any(passage.step in given(*history).allowed(actor) for actor in EVERYBODY)


def test_what_the_procedure_lets_nobody_do_is_not_drawn() -> None:
    assert "return" not in kf0001().steps
    assert "return" not in mermaid(drawn(), "en")
    assert not [row for row in drawn().rows if row.step == "return"]


def test_a_front_line_severity_leaves_the_path_where_it_is_settled() -> None:
    [way] = [way for way in drawn().passages if way.step == "settle" and way.source == "classified"]
    assert way.severities == ("minor",)
    graver = {code: replace(severity, front_line=False) for code, severity in kf0001().severities.items()}
    assert ("settle", "classified", "closed") not in ways(replace(kf0001(), severities=graver))


def test_a_severity_that_is_explained_first_may_end_there_or_go_on() -> None:
    explained = {code: replace(severity, explain_first=True) for code, severity in kf0001().severities.items()}
    procedure = replace(kf0001(), severities=explained)
    [way] = [way for way in flow_of(procedure).passages if way.step == "settle" and way.source == "classified"]
    assert way.severities == tuple(kf0001().severities)
    assert "dispatched" in states_of(procedure)


def test_what_every_unit_has_to_execute_first_is_not_closed_before_and_may_be_settled_where_the_file_says_so() -> None:
    power = Library.ready().procedures["power-95598"]
    assert ("settle", "classified", "closed") in ways(power)
    assert ("close", "classified", "closed") not in ways(power)
    assert ("close", "classified", "closed") in ways(replace(power, close_needs=("customer-informed",)))


def test_a_misunderstanding_is_settled_unclassified_only_where_the_rules_say_so() -> None:
    assert ("settle", "received", "closed") in ways(kf0001())
    assert ("settle", "received", "closed") not in ways(replace(kf0001(), settle_unclassified=False))


def test_reopening_is_drawn_from_the_ends_that_may_be_reopened() -> None:
    only_closed = replace(kf0001(), reopens=frozenset({"closed"}))
    assert {source for step, source, _ in ways(only_closed) if step == "reopen"} == {"closed"}


# Another procedure looks different


def test_without_an_opinion_nothing_is_disputed_and_accepting_leads_on() -> None:
    procedure = simple_handling()
    assert "disputed" not in flow_of(procedure).states
    accept = next(row for row in flow_of(procedure).rows if row.step == "accept")
    assert accept.leads_on
    assert ("execute", "dispatched", "executed") in ways(procedure)
    assert "有异议" in svg(drawn())
    assert "有异议" not in svg(flow_of(procedure))


def test_without_a_dispute_the_opinion_is_confirmed_and_nothing_else() -> None:
    assert "disputed" not in flow_of(without("dispute-opinion")).states


def test_where_nobody_executes_no_state_after_it_is_drawn() -> None:
    procedure = without("execute")
    assert states_of(procedure)[-2:] == ["executing", "closed"]
    assert not {"executed", "informed"} & set(flow_of(procedure).states)


def test_where_the_front_line_settles_everything_nothing_is_dispatched() -> None:
    minor = {"minor": kf0001().severities["minor"]}
    procedure = replace(kf0001(), severities=minor)
    assert states_of(procedure) == ["received", "classified", "closed"]
    assert "dispatch" not in {row.step for row in flow_of(procedure).at_any_time}


def test_a_procedure_of_receiving_alone_can_be_drawn() -> None:
    procedure = replace(kf0001(), steps={"receive": ("agent",)}, clocks=())
    assert states_of(procedure) == ["received"]
    assert ET.fromstring(svg(flow_of(procedure))).tag == f"{SVG}svg"


# Clocks


def test_a_clock_spans_from_the_moment_that_starts_it_to_the_one_that_stops_it() -> None:
    assert spans(kf0001()) == {
        "settle": ("receive", "classified"),
        "record-out": ("receive", "dispatch"),
        "unit-answers": ("dispatch", "confirm-opinion"),
        "execute": ("confirm-opinion", "execute"),
        "whole-case": ("receive", "close"),
        "capa-report": ("request-capa", "submit-capa"),
        "capa-issue": ("submit-capa", "issue-capa"),
        "classify": ("receive", "classify"),
        "answer-customer": ("execute", "inform-customer"),
        "close-out": ("execute", "close"),
    }


def test_a_clock_that_starts_itself_again_is_marked_so_and_its_step_stands_on_the_path() -> None:
    beat = replace(
        kf0001().clocks[1],
        starts=frozenset({"Dispatched", "ProgressReported"}),
        stops=frozenset({"ProgressReported", "Closed"}),
    )
    procedure = replace(kf0001(), clocks=(beat,))
    [span] = flow_of(procedure).spans
    assert span.again
    assert spans(procedure) == {"record-out": ("dispatch", "report-progress")}
    assert any(text.startswith("↻") for text in texts(svg(flow_of(procedure))))


def test_a_clock_that_can_never_start_here_is_told_below_instead_of_drawn() -> None:
    procedure = without("request-capa", "submit-capa", "issue-capa")
    anyway = ["hand-over", "ruling", "revision", "send-on", "match-accused"]
    assert [rule.name for rule in flow_of(procedure).unplaced] == ["capa-report", "capa-issue", *anyway]
    assert "提交纠正/预防措施报告" in texts(svg(flow_of(procedure)))


def test_soft_clocks_are_dotted_and_hard_ones_are_not() -> None:
    clocks = [span.rule for span in drawn().spans]
    off_the_path = {"hand-over", "ruling", "revision", "send-on", "match-accused"}
    assert {rule.name for rule in kf0001().clocks} - {rule.name for rule in clocks} == off_the_path
    soft = sum(rule.soft for rule in clocks)
    text = mermaid(drawn())
    assert (text.count(" -. "), text.count(" == ")) == (soft, len(clocks) - soft)
    bars = [
        path.get("class", "")
        for path in ET.fromstring(svg(drawn())).iter(f"{SVG}path")
        if path.find(f"{SVG}title") is not None
    ]
    assert sorted(bars) == sorted(["clock soft"] * soft + ["clock hard"] * (len(clocks) - soft))


# The picture


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", READY)
def test_everything_a_procedure_says_is_in_its_picture(code: str, language: Language) -> None:
    procedure = Library.ready().procedure(code)
    shown = re.sub(r"\s", "", "".join(texts(svg(flow_of(procedure), language))))
    titles = [*(rule.title for rule in procedure.clocks), *(STEPS[step] for step in procedure.steps)]
    titles += [
        procedure.title,
        *(procedure.roles[role] for roles in procedure.steps.values() for role in roles if role in procedure.roles),
    ]
    missing = {title for title in titles if re.sub(r"\s", "", title.zh if language == "zh" else title.en) not in shown}
    assert missing == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", READY)
def test_nothing_in_the_picture_lies_outside_it_or_on_another_text(code: str, language: Language) -> None:
    root = ET.fromstring(svg(flow_of(Library.ready().procedure(code)), language))
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    boxes = []
    for text in root.iter(f"{SVG}text"):
        size = 22 if "title" in text.get("class", "") else 15 if "name" in text.get("class", "") else 12.5
        left, base = float(text.get("x", 0)), float(text.get("y", 0))
        long = width_of(text.text or "", size)
        left -= long / 2 if text.get("text-anchor") == "middle" else 0
        boxes.append((base - size * 0.8, base, left, left + long, text.text))
        assert 0 <= left, text.text
        assert left + long <= width + 1, text.text
        assert size <= base <= height, text.text
    assert len(boxes) > len(Library.ready().procedure(code).steps)
    boxes.sort(key=lambda box: box[0])
    over = [
        (first[4], other[4])
        for index, first in enumerate(boxes)
        for other in boxes[index + 1 :]
        if other[0] < first[1] - 1 and other[2] < first[3] - 1 and first[2] < other[3] - 1
    ]
    assert over == []


def test_clocks_that_run_at_the_same_time_stand_side_by_side() -> None:
    bars = [
        [float(number) for number in re.findall(r"-?[0-9.]+", path.get("d", ""))]
        for path in ET.fromstring(svg(drawn())).iter(f"{SVG}path")
        if path.find(f"{SVG}title") is not None
    ]
    by_lane = sorted((bar[0], bar[1], bar[3]) for bar in bars)
    assert len(by_lane) == len(drawn().spans)
    for (lane, _, bottom), (next_lane, top, _) in pairwise(by_lane):
        assert lane != next_lane or bottom < top


@pytest.mark.parametrize("title", ['<b>"A&B"</b>', "一\n二", "]]>", "\x0b\ufffe", "%%{init: {}}%%", "`#quot;`"])
def test_a_title_with_the_characters_of_xml_and_mermaid_stays_a_text(title: str) -> None:
    procedure = replace(kf0001(), title=Title(title, title), roles={**kf0001().roles, "unit": Title(title, title)})
    root = ET.fromstring(svg(flow_of(procedure)))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "title", "desc", "style", "rect", "circle", "path", "polygon", "text",
    }  # fmt: skip
    plain = mermaid(flow_of(replace(procedure, title=kf0001().title)))
    assert mermaid(drawn()).count("\n") == plain.count("\n")
    assert plain.count('"') == mermaid(drawn()).count('"')
    assert plain.count("%%") == 1


def test_the_picture_asks_nobody_else_for_anything() -> None:
    picture = svg(drawn()).replace("http://www.w3.org/2000/svg", "", 1)
    assert not re.search(r"https?:|//|url\(|@import|href|<script|<image|<foreignObject", picture)


def test_a_drawing_is_the_same_whenever_it_is_made() -> None:
    again = Library.ready().procedure("kf0001")
    assert svg(flow_of(again)) == svg(drawn())
    assert mermaid(flow_of(again)) == mermaid(drawn())


def test_long_texts_are_broken_into_lines_that_fit_and_lose_nothing() -> None:
    for text in ("客服部、客服中心经理、责任单位、董事办", "Customer service, Customer service manager", "x" * 90):
        lines = wrapped(text, 12, 100)
        assert len(lines) > 1
        assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)
        assert all(width_of(line, 12) <= 100 for line in lines)
        assert not any(line.startswith(("、", ",")) for line in lines)
