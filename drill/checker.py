"""Judges a drill from outside: the clients' histories against the log, as linearisability checkers do.

It knows nothing of the service but what api.md promises: an acknowledged command is once in the log where the answer
said, whatever was not acknowledged at most once; the order of the log agrees with real time; positions and versions
have no gap; and no read goes back behind what was known before it was sent.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from drill.history import Acknowledged, Command, Entry, FeedRead, History, ListRead

Kind = Literal["lost", "doubled", "moved", "two answers", "gap", "order", "stale read", "false alarm", "wrong answer"]
KINDS: Final[tuple[Kind, ...]] = (
    "lost", "doubled", "moved", "two answers", "gap", "order", "stale read", "false alarm", "wrong answer",
)  # fmt: skip
ALARMS: Final = frozenset({"DeadlineWarned", "DeadlineMissed"})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be, and where."""

    kind: Kind
    what: str


def judge(history: History, log: Sequence[Entry]) -> list[Finding]:
    """Everything that is wrong. `log` is the whole log, in its order; nothing in a drill falls due."""
    placed = _places(log)
    return [
        *_gaps(log),
        *_fates(history.commands, placed, {(one.stream, one.version): one for one in log}),
        *_out_of_order(history, placed),
        *_stale_complaints(history),
        *_stale_lists(history),
        *_stale_feeds(history),
        *(Finding("false alarm", f"{one.type} at position {one.position}") for one in log if one.type in ALARMS),
        *(Finding("wrong answer", what) for what in history.wrong),
    ]


def _places(log: Iterable[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in log:
        if entry.text is not None:
            found[entry.text].append(entry)
    return found


def _gaps(log: Sequence[Entry]) -> Iterator[Finding]:
    versions: dict[UUID, int] = defaultdict(int)
    for expected, entry in enumerate(log, 1):
        if entry.position != expected:
            yield Finding("gap", f"position {entry.position} stands where {expected} should")
            return
        versions[entry.stream] += 1
        if entry.version != versions[entry.stream]:
            yield Finding("gap", f"{entry.stream} has version {entry.version} where {versions[entry.stream]} should be")
            return


def _fates(
    commands: Iterable[Command], placed: dict[str, list[Entry]], recorded: dict[tuple[UUID, int], Entry]
) -> Iterator[Finding]:
    for command in commands:
        entries, answers = placed.get(command.token, []), [answer for _, answer in command.answers]
        if len(entries) > 1:
            yield Finding("doubled", f"{command.token} at {[one.position for one in entries]}")
        if not answers:
            continue
        if len(set(answers)) > 1:
            yield Finding("two answers", f"{command.token}: {answers}")
        if not entries:
            yield Finding("lost", f"{command.token}, acknowledged at position {answers[0].position}")
        elif not _stands_at(entries[0], answers[0], recorded):
            yield Finding("moved", f"{command.token}: {answers[0]} was answered, {entries[0]} is recorded")


def _stands_at(entry: Entry, answer: Acknowledged, recorded: dict[tuple[UUID, int], Entry]) -> bool:
    """Whether the answer names the event, or the last of those that the same command led to."""
    following = [recorded.get((answer.stream, version)) for version in range(entry.version + 1, answer.version + 1)]
    return (
        answer.stream == entry.stream
        and answer.version >= entry.version
        and answer.position - entry.position == len(following)
        and all(one is not None and one.text is None for one in following)
    )


def _out_of_order(history: History, placed: dict[str, list[Entry]]) -> Iterator[Finding]:
    """What was answered before another was sent stands before it."""
    stands = [
        (placed[command.token][0].position, command.first_sent, answered, command.token)
        for command, answered, _ in history.acknowledged()
        if placed.get(command.token)
    ]
    earliest, whose = float("inf"), ""
    for _, sent, answered, token in sorted(stands, reverse=True):
        if earliest < sent:
            yield Finding("order", f"{whose} was answered before {token} was sent, and stands behind it")
        if answered < earliest:
            earliest, whose = answered, token


def _stale_complaints(history: History) -> Iterator[Finding]:
    """A complaint is never seen older than somebody knew it when it was asked for."""
    known: dict[UUID, list[tuple[float, int]]] = defaultdict(list)
    for command in history.commands:
        for answered, answer in command.answers:
            known[answer.stream].append((answered, answer.version))
    for read in history.complaint_reads:
        known[read.stream].append((read.answered, read.version))
    newest = {stream: _Newest(facts) for stream, facts in known.items()}
    for read in history.complaint_reads:
        if read.version < (before := newest[read.stream].before(read.sent)):
            yield Finding("stale read", f"{read.stream} at version {read.version} after {before} was known")


def _stale_lists(history: History) -> Iterator[Finding]:
    """A list that was asked to have come to a position has, and shows every complaint up to there."""
    taken: dict[str, list[tuple[int, UUID]]] = defaultdict(list)
    for command, _, answer in history.acknowledged():
        if command.stream is None:
            taken[command.client].append((answer.position, answer.stream))
    for read in history.list_reads:
        if read.position < read.min_position:
            yield Finding("stale read", f"a list at {read.position} that was to wait for {read.min_position}")
        if missing := _missing(read, taken[read.client]):
            yield Finding("stale read", f"a list at {read.position} without {missing[0]}")


def _missing(read: ListRead, taken: Iterable[tuple[int, UUID]]) -> list[UUID]:
    return [stream for position, stream in taken if position <= read.min_position and stream not in read.streams]


def _stale_feeds(history: History) -> Iterator[Finding]:
    """A feed has no gap, and ends where somebody knew the log to end, or later."""
    answers = [(answered, answer.position) for _, answered, answer in history.acknowledged()]
    seen = [(read.answered, read.positions[-1]) for read in history.feed_reads if read.positions]
    newest = _Newest(answers + seen)
    for read in history.feed_reads:
        yield from _feed_findings(read, newest.before(read.sent))


def _feed_findings(read: FeedRead, known: int) -> Iterator[Finding]:
    last = read.after + len(read.positions)
    if read.positions != tuple(range(read.after + 1, last + 1)):
        yield Finding("gap", f"a feed after {read.after} has a gap")
    elif len(read.positions) < read.limit and last < known:
        yield Finding("stale read", f"a feed ends at {last} after {known} was known")


class _Newest:
    """The largest number that was known before a moment."""

    def __init__(self, facts: Iterable[tuple[float, int]]) -> None:
        self._times: list[float] = []
        self._largest: list[int] = []
        for time, number in sorted(facts):
            self._times.append(time)
            self._largest.append(max(number, self._largest[-1] if self._largest else 0))

    def before(self, moment: float) -> int:
        """0 where nothing was known yet."""
        at = bisect_left(self._times, moment)
        return self._largest[at - 1] if at else 0
