"""What can be searched of a complaint: its number, and whatever free text its events hold. Never who said it.

Whoever reads a complaint's texts reads all of these; what is for fewer eyes is not among them.
"""

from collections.abc import Collection, Iterator
from functools import cache
from typing import Final, get_type_hints

from domain.complaint.events import EVENTS, TEXTS_FOR_FEW, AttachmentAdded, ComplaintEvent, Received, TakenOver
from domain.complaint.steps import STEP_NAMED
from domain.procedure.forms import written_answers
from domain.values import PERSONAL
from projections.search import levelled

# Where an attachment lies; what a complainant is asked for, which is theirs; and which call it was.
NOT_SEARCHED: Final = frozenset({(AttachmentAdded, "reference"), (Received, "query_code"), (Received, "call_id")})
TEXTS: Final = (str, str | None)


def searched_text(event: ComplaintEvent, searchable: Collection[str] = ()) -> str:
    """The levelled text of one event, opened; empty where it holds none.

    `searchable`: the questions of the form whose answers are searched.
    """
    return levelled(_texts(event, searchable))


def may_hold_text(topic: str) -> bool:
    """Whether events of this topic have to be opened to be searched."""
    return topic in _topics()


def _texts(event: ComplaintEvent, searchable: Collection[str]) -> Iterator[str | None]:
    if isinstance(event, Received):
        yield event.number
    for name in _fields(type(event)):
        yield getattr(event, name)
    if isinstance(event, TakenOver) and event.step in STEP_NAMED and event.said is not None:
        as_taken_here: type[ComplaintEvent] = STEP_NAMED[event.step].event
        for name in _fields(as_taken_here):
            yield text if isinstance(text := event.said.get(name), str) else None
    yield from (answer for _, answer in written_answers(getattr(event, "facts", {}), searchable))


@cache
def _fields(event: type[ComplaintEvent]) -> tuple[str, ...]:
    if issubclass(event, TEXTS_FOR_FEW):
        return ()
    hints = get_type_hints(event, include_extras=True).items()
    return tuple(
        name for name, hint in hints
        if PERSONAL in getattr(hint, "__metadata__", ()) and hint.__origin__ in TEXTS
        and (event, name) not in NOT_SEARCHED
    )  # fmt: skip


@cache
def _topics() -> frozenset[str]:
    return frozenset(one.TOPIC for one in EVENTS if _fields(one) or {"facts", "said"} & get_type_hints(one).keys())
