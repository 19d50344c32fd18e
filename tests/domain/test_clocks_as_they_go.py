"""The clocks of a complaint that goes on are those of its whole history, though few of them are worked out anew."""

from collections.abc import Iterable
from typing import Any

import pytest

from domain.complaint import commands as c
from domain.complaint.complaint import Complaint
from domain.complaint.events import ComplaintEvent
from domain.procedure.procedure import Procedure
from tests.app.test_folded_without_texts import begun, said
from tests.domain.test_walks_at_random import SEEDS, played
from tests.sayings import LIBRARY, PROCEDURES


def folded(stream: Iterable[ComplaintEvent], procedure: Procedure, *, asked_all_along: bool) -> Complaint:
    complaint: Any = None
    for event in stream:
        complaint = event.mutate(complaint)
        if event.originator_version == 1:
            complaint.governed_by(procedure, LIBRARY.calendar(procedure.calendar))
        if asked_all_along:
            assert complaint.clocks is not None
    assert isinstance(complaint, Complaint)
    return complaint


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("code", PROCEDURES)
def test_clocks_that_were_asked_for_after_every_event_are_those_of_the_whole_history(code: str, seed: int) -> None:
    *_, (walk, _) = played(code, seed)
    stream, procedure = walk.told.stream, walk.told.procedure
    for length in range(1, len(stream) + 1):
        along = folded(stream[:length], procedure, asked_all_along=True)
        assert along.clocks == folded(stream[:length], procedure, asked_all_along=False).clocks, length


def test_what_changes_no_clock_leaves_them_as_they_are() -> None:
    complaint = begun("general", severity="complex", units=("service",)).complaint
    before = complaint.clocks
    assert before
    noted = said(begun("general", severity="complex", units=("service",)), "agent", c.AddNote("电话占线")).complaint
    assert [one.key for one in noted.clocks] == [one.key for one in before]
