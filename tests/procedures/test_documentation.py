"""docs/procedures.md and its example: what they show is read, checked and played, and what they quote is printed so."""

import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from domain.complaint import commands as c
from domain.complaint.complaint import Complaint
from domain.complaint.intake import Identity, check_intake, receive
from domain.complaint.steps import STEP_OF, STEPS, allowed_steps, decide
from domain.procedure.moments import MOMENTS
from domain.procedure.procedure import REQUIREMENTS, Procedure
from domain.request import Request
from domain.values import Actor, Complainant
from procedures.calendar_reader import ready_calendar
from procedures.library import Library
from procedures.reader import ProcedureErrors, read_procedure
from tests.facts import AGENT, COMPLAINT_ID, MANAGER, OTHER_ID, STAFF, member_of, on

DOCS: Final = Path(__file__).parents[2] / "docs"
TEXT: Final = (DOCS / "procedures.md").read_text("utf-8")
EXAMPLES: Final = sorted((DOCS / "examples").glob("*.yaml"))
EXAMPLE: Final = (DOCS / "examples" / "property.yaml").read_text("utf-8")
CALENDARS: Final = ("cn", "cn-office")
MISTAKES: Final = re.findall(r"```diff\n(.*?)```\n\n```text\n(.*?)\n```", TEXT, re.DOTALL)
REPAIRS: Final = member_of("repairs")

# When, who, what, and the status after it; 2026-03-02 is a Monday.
STORY: Final[list[tuple[datetime, Actor, c.Command, str]]] = [
    (on("2026-03-02", "09:20"), AGENT, c.ClassifyComplaint("grave", "repairs.lift", "lift-stuck"), "classified"),
    (on("2026-03-02", "09:40"), AGENT, c.DispatchComplaint(), "dispatched"),
    (on("2026-03-02", "11:00"), REPAIRS, c.AcceptWork(), "executing"),
    (on("2026-03-02", "14:00"), MANAGER, c.Approve("更换门机", "oral", "manager-1"), "executing"),
    (on("2026-03-04", "16:00"), REPAIRS, c.ExecuteMeasure("已更换门机"), "executed"),
    (on("2026-03-04", "16:30"), AGENT, c.InformCustomer("phone", "电梯已修好"), "informed"),
    (on("2026-03-05", "10:00"), AGENT, c.RecordCallback(False, "phone"), "informed"),
    (on("2026-03-06", "10:00"), AGENT, c.RecordCallback(False, "phone"), "informed"),
    (on("2026-03-06", "10:05"), AGENT, c.CloseComplaint("已修复", "更换门机, 两次回访未接通", True), "closed"),
]


@cache
def example() -> Procedure:
    return read_procedure(EXAMPLE, calendars=CALENDARS)


def taken_down() -> Complaint:
    """A complaint about a lift, received by the front desk on Monday at nine."""
    asked = c.ReceiveComplaint(
        procedure="property", channel="phone", subject="电梯困人", content="3 号楼电梯门打不开",
        complainant=Complainant(name="李四", phone="+8613900000000"), facts={"building": "3"},
    )  # fmt: skip
    request = Request(AGENT, on("2026-03-02"))
    by = check_intake(asked, example(), request)
    identity = Identity(COMPLAINT_ID, "PROPERTY-20260302-000001", OTHER_ID)
    return receive(asked, identity, by, example(), ready_calendar("cn-office"), at=request.at)


def printed(text: str) -> list[str]:
    """What `redress procedures check property.yaml` prints of this text."""
    with pytest.raises(ProcedureErrors) as told:
        read_procedure(text, calendars=CALENDARS)
    return [f"property.yaml:{found.line}: {found.field}: {found.in_words('en')}" for found in told.value.mistakes]


def with_mistake(difference: str) -> str:
    """The example with the lines of a difference in place of its own."""
    lines = difference.splitlines()
    old = "".join(f"{line[1:]}\n" for line in lines if line.startswith("-"))
    new = "".join(f"{line[1:]}\n" for line in lines if line.startswith("+"))
    assert EXAMPLE.count(old) == 1, f"{old!r} must stand in the example once"
    return EXAMPLE.replace(old, new)


def fields_of(section: str, text: str) -> set[str]:
    """The fields that the reader takes in a section, as it lists them to somebody who writes another."""
    with pytest.raises(ProcedureErrors) as told:
        read_procedure(text, calendars=CALENDARS)
    [found] = [found.in_words("en") for found in told.value.mistakes if found.field == f"{section}nonsense".lstrip(".")]
    listed = re.search(r"there are ([a-z_, ]+)\.", found)
    assert listed is not None
    return set(listed[1].split(", "))


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_an_example_is_right_and_named_after_its_code(file: Path) -> None:
    assert read_procedure(file.read_text("utf-8"), calendars=Library.ready().calendars).code == file.stem


def test_the_example_is_played_from_intake_to_close_with_every_clock_met() -> None:
    complaint = taken_down()
    for at, actor, command, status in STORY:
        assert STEP_OF[type(command)].name in allowed_steps(complaint, actor), command
        decide(complaint, command, Request(actor, at, people=STAFF))
        assert complaint.status == status, command
    assert complaint.sent_to == {"repairs"}
    assert [(clock.name, clock.state) for clock in complaint.clocks] == [
        ("forward", "met"), ("accept", "met"), ("handle", "met"), ("callback", "met"), ("whole-case", "met"),
    ]  # fmt: skip


def test_the_clocks_of_the_example_are_due_when_its_sentences_say() -> None:
    complaint = taken_down()
    for at, actor, command, _ in STORY[:5]:
        decide(complaint, command, Request(actor, at, people=STAFF))
    assert {clock.name: clock.due_at for clock in complaint.clocks} == {
        "forward": on("2026-03-02", "10:00"),
        "accept": on("2026-03-02", "15:10"),  # four hours from 09:40, without the noon break
        "handle": on("2026-03-05", "18:00"),
        "callback": on("2026-03-06", "18:00"),
        "whole-case": on("2026-03-11", "18:00"),
    }


def section(heading: str) -> str:
    """What stands under a heading, for a word must be explained where a reader looks for it."""
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


# Where a field stands in the file, the heading that explains it, and how a wrong one gets in there.
PLACES: Final[dict[str, tuple[str, str, str]]] = {
    "the head": ("", "Who and what", "code: property\n"),
    "a severity": ("severities.small.", "Who and what", "    front_line: true\n"),
    "a clock": ("clocks[2].", "Clocks", "    warn_at: 0.5\n"),
    "the rules": ("rules.", "Rules", "  anonymous_allowed: true\n"),
    "the form": ("form.", "Form and records", "form:\n  open: true\n"),
}


@pytest.mark.parametrize("place", PLACES)
def test_every_field_that_the_reader_takes_is_explained(place: str) -> None:
    prefix, heading, line = PLACES[place]
    assert EXAMPLE.count(line) == 1
    indent = re.match(" *", line.splitlines()[-1])
    assert indent is not None
    fields = fields_of(prefix, EXAMPLE.replace(line, f"{line}{indent[0]}nonsense: 1\n"))
    where = TEXT if place == "the head" else section("The head") + section(heading)
    unexplained = {name for name in fields if not re.search(rf"`{name}`", where)}
    assert unexplained == set()


def test_every_word_that_a_file_may_use_is_in_the_guide() -> None:
    words: dict[str, Any] = {
        "Steps": {step.name for step in STEPS} | {"receive"},
        "Clocks": MOMENTS,
        "Who and what": REQUIREMENTS,
    }
    missing = {word for heading, known in words.items() for word in known if f"`{word}`" not in section(heading)}
    assert missing == set()


def test_the_excerpts_stand_in_the_example_as_they_are_printed() -> None:
    excerpts = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    assert len(excerpts) >= 4
    assert [excerpt for excerpt in excerpts if excerpt not in EXAMPLE] == []


@pytest.mark.parametrize(("difference", "quoted"), MISTAKES)
def test_the_reader_prints_what_the_guide_says_about_a_mistake(difference: str, quoted: str) -> None:
    assert printed(with_mistake(difference)) == quoted.splitlines()


def test_the_guide_shows_several_mistakes_and_none_is_left_without_its_message() -> None:
    assert len(MISTAKES) == TEXT.count("```diff") >= 5


def test_a_version_without_quotes_and_a_title_that_says_no_are_texts_as_the_guide_says() -> None:
    text = EXAMPLE.replace('version: "2026-1"', "version: 1.10").replace("en: Lift", "en: No")
    procedure = read_procedure(text, calendars=CALENDARS)
    assert (procedure.version, procedure.categories["repairs.lift"].title.en) == ("1.10", "No")
