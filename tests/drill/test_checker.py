"""The drill's checker finds what is planted, and finds nothing in a history as it should be."""

from dataclasses import replace
from typing import Final
from uuid import UUID

import pytest

from drill.checker import judge
from drill.history import Acknowledged, Attempt, Command, ComplaintRead, Entry, FeedRead, History, ListRead

FIRST: Final = UUID(int=1)
SECOND: Final = UUID(int=2)

LOG: Final = (
    Entry(1, FIRST, 1, "Received", "intake-1"),
    Entry(2, SECOND, 1, "Received", "intake-2"),
    Entry(3, FIRST, 2, "NoteAdded", "note-1"),
    Entry(4, FIRST, 3, "NoteAdded", "note-2"),
)


def command(token: str, sent: float, answer: Acknowledged | None, stream: UUID | None = None) -> Command:
    """Sent at this moment and answered a second later; without an answer, nobody knows what became of it."""
    attempt = Attempt(sent) if answer is None else Attempt(sent, sent + 1, 200, answer)
    return Command("li-min", token, stream, [attempt])


@pytest.fixture
def history() -> History:
    """Two intakes, two notes on the first of them, and reads after all of it."""
    return History(
        commands=[
            command("intake-1", 0, Acknowledged(FIRST, 1, 1)),
            command("intake-2", 0, Acknowledged(SECOND, 1, 2)),
            command("note-1", 2, Acknowledged(FIRST, 2, 3), FIRST),
            command("note-2", 4, Acknowledged(FIRST, 3, 4), FIRST),
        ],
        complaint_reads=[ComplaintRead(6, 7, FIRST, 3)],
        list_reads=[ListRead(6, 7, "li-min", 2, 4, frozenset({FIRST, SECOND}))],
        feed_reads=[FeedRead(6, 7, 1, 200, (2, 3, 4))],
    )


def kinds(history: History, log: tuple[Entry, ...] = LOG) -> set[str]:
    return {finding.kind for finding in judge(history, log)}


def test_a_history_as_it_should_be_has_no_finding(history: History) -> None:
    assert judge(history, LOG) == []


def test_a_loss_is_found(history: History) -> None:
    assert kinds(history, LOG[:3]) == {"lost"}


def test_a_loss_in_the_middle_leaves_a_gap_too(history: History) -> None:
    assert kinds(history, (*LOG[:2], LOG[3])) == {"lost", "gap"}


def test_a_doubling_is_found_of_what_was_acknowledged_and_of_what_was_not(history: History) -> None:
    again = Entry(5, FIRST, 4, "NoteAdded", "note-2")
    assert kinds(history, (*LOG, again)) == {"doubled"}
    history.commands[3] = command("note-2", 4, None, FIRST)
    history.complaint_reads.clear()
    assert kinds(history, (*LOG, again)) == {"doubled"}


@pytest.mark.parametrize("recorded", [True, False])
def test_what_was_not_acknowledged_may_stand_in_the_log_or_not(history: History, recorded: bool) -> None:
    history.commands[3] = command("note-2", 4, None, FIRST)
    history.complaint_reads.clear()
    history.feed_reads.clear()
    assert judge(history, LOG if recorded else LOG[:3]) == []


def test_an_event_that_stands_elsewhere_than_was_answered_is_found(history: History) -> None:
    history.commands[2] = command("note-1", 2, Acknowledged(FIRST, 2, 4), FIRST)
    assert kinds(history) == {"moved"}
    history.commands[2] = command("note-1", 2, Acknowledged(FIRST, 3, 4), FIRST)
    assert kinds(history) == {"moved"}  # that is the event of another command


def test_the_answer_to_a_command_of_several_events_names_the_last_of_them(history: History) -> None:
    history.commands[3] = command("note-2", 4, Acknowledged(FIRST, 4, 5), FIRST)
    history.complaint_reads.clear()
    history.feed_reads.clear()
    assert judge(history, (*LOG, Entry(5, FIRST, 4, "Reopened"))) == []


def test_a_repetition_that_was_answered_otherwise_is_found(history: History) -> None:
    history.commands[2].attempts.append(Attempt(3, 3.5, 200, Acknowledged(FIRST, 3, 4)))
    assert kinds(history) == {"two answers"}


def test_an_order_against_real_time_is_found(history: History) -> None:
    swapped = (*LOG[:2], replace(LOG[2], text="note-2"), replace(LOG[3], text="note-1"))
    assert "order" in kinds(history, swapped)


def test_what_overlapped_may_stand_in_either_order(history: History) -> None:
    history.commands[0], history.commands[1] = (
        replace(history.commands[0], attempts=[Attempt(0, 5, 201, Acknowledged(FIRST, 1, 1))]),
        replace(history.commands[1], attempts=[Attempt(1, 1.5, 201, Acknowledged(SECOND, 1, 2))]),
    )
    assert "order" not in kinds(history)


def test_a_complaint_read_behind_an_acknowledged_note_is_found(history: History) -> None:
    history.complaint_reads.append(ComplaintRead(6, 7, FIRST, 2))
    assert kinds(history) == {"stale read"}


def test_a_complaint_read_behind_an_earlier_read_is_found(history: History) -> None:
    history.commands.pop()  # nobody acknowledged the second note; a read saw it
    history.feed_reads.clear()
    history.complaint_reads.append(ComplaintRead(8, 9, FIRST, 2))
    assert kinds(history) == {"stale read"}


def test_a_complaint_read_while_a_note_was_on_its_way_may_show_it_or_not(history: History) -> None:
    history.complaint_reads.append(ComplaintRead(4.5, 8, FIRST, 2))
    assert judge(history, LOG) == []


@pytest.mark.parametrize(
    "read",
    [
        ListRead(6, 7, "li-min", 2, 1, frozenset({FIRST, SECOND})),
        ListRead(6, 7, "li-min", 2, 4, frozenset({FIRST})),
    ],
    ids=["it has not come as far", "one is missing"],
)
def test_a_list_that_does_not_show_what_it_was_to_wait_for_is_found(history: History, read: ListRead) -> None:
    history.list_reads.append(read)
    assert kinds(history) == {"stale read"}


@pytest.mark.parametrize(
    ("positions", "kind"), [((2, 3), "stale read"), ((), "stale read"), ((2, 4), "gap"), ((3, 4), "gap")]
)
def test_a_feed_that_ends_early_or_skips_is_found(history: History, positions: tuple[int, ...], kind: str) -> None:
    history.feed_reads.append(FeedRead(6, 7, 1, 200, positions))
    assert kinds(history) == {kind}


def test_a_full_page_of_a_feed_ends_where_it_is_full(history: History) -> None:
    history.feed_reads.append(FeedRead(6, 7, 1, 2, (2, 3)))
    assert judge(history, LOG) == []


def test_a_deadline_that_nobody_missed_and_an_answer_that_nobody_may_get_are_found(history: History) -> None:
    history.wrong.append("500 to a note")
    assert kinds(history, (*LOG, Entry(5, SECOND, 2, "DeadlineMissed"))) == {"false alarm", "wrong answer"}
