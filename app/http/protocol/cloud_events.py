"""CloudEvents 1.0 as softphones post them: one event, a batch, or binary mode, each read into what is stored.

Unknown attributes pass and are kept. What is wrong with one event of a batch is said in its place, and does not stop
its neighbours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import unquote

from annotated_types import Ge, Le, MaxLen
from fastapi import Request
from pydantic_core import PydanticCustomError

from app.commands.written import as_time
from app.http.protocol.body import checked_json
from app.http.protocol.problems import Problem, Wrong
from domain.call.posted import CALL_TYPES, SEATS, Posted
from domain.identity import is_filled_in, levelled

SINGLE: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
JSON: Final = "application/json"
MOST: Final = 500
PREFIX: Final = "ce-"
LONGEST: Final[Mapping[str, int]] = {"id": 200, "source": 64, "type": 100, "subject": 200, "sequence": 64}
OWN: Final = frozenset({"specversion", "time", "data", "datacontenttype", *LONGEST})
VERSIONS: Final = ("1.0",)
DIRECTIONS: Final = ("inbound", "outbound")
TEXTS: Final = ("caller", "callee", "agent", "queue", "cause", "complaint", "state")
LONGEST_TEXT: Final = 200
SCORES: Final = range(1, 6)


@dataclass(frozen=True)
class RecordingTold:
    """Where a recording lies (https), its hash and length."""

    uri: str
    sha256: str | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class CallTold:
    """What is said of a call or seat; other fields pass and are kept.

    `caller`, `callee`: numbers in any writing. `cause`: why it ended or was not taken up. `complaint`: an id or number.
    `score`: 1 to 5, keyed in by the customer. `form`: the body of `POST /v1/complaints`, of a wrap-up. `state`: of a
    seat.
    """

    direction: Literal["inbound", "outbound"] | None = None
    caller: str | None = None
    callee: str | None = None
    agent: str | None = None
    queue: str | None = None
    cause: str | None = None
    complaint: str | None = None
    state: str | None = None
    score: Annotated[int, Ge(1), Le(5)] | None = None
    recording: RecordingTold | None = None
    form: dict[str, Any] | None = None


@dataclass(frozen=True)
class CallEventPosted:
    """A CloudEvent 1.0. `id`: the source's own, the same whenever it is posted again. `subject`: which call.

    `type`: call.offered, call.ringing, call.answered, call.held, call.resumed, call.transferred,
    call.conference_joined, call.ended, call.missed, call.recording_available, call.wrap_up, call.satisfaction_keyed,
    callback.attempted, agent.state_changed; others are stored and marked. `time`: RFC 3339. `sequence`: the source's
    own count.
    """

    specversion: Literal["1.0"]
    id: Annotated[str, MaxLen(LONGEST["id"])]
    source: Annotated[str, MaxLen(LONGEST["source"])]
    type: Annotated[str, MaxLen(LONGEST["type"])]
    subject: Annotated[str, MaxLen(LONGEST["subject"])] | None = None
    time: datetime | None = None
    sequence: Annotated[str, MaxLen(LONGEST["sequence"])] | int | None = None
    data: CallTold | None = None


@dataclass(frozen=True)
class Item:
    """One event of a request: what was posted, or what is wrong with it; `id` and `source` where they can be read."""

    id: str | None
    source: str | None
    posted: Posted | None
    wrong: tuple[Wrong, ...] = ()


@dataclass(frozen=True)
class Events:
    items: list[Item]
    is_batch: bool


def events_in(request: Request, body: bytes) -> Events:
    """The events of a request. Raises 400, 413, 415 and 422 for what is wrong with the request as a whole."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    attributes = _binary(request)
    if attributes and kind in (JSON, ""):
        return Events([_item({**attributes, "data": checked_json(body)[1] if body else None})], is_batch=False)
    if kind == BATCH:
        found = checked_json(body)[1]
        if not isinstance(found, list):
            raise Problem(422, "invalid-body", wrong=[Wrong("", "list_type")])
        if len(found) > MOST:
            raise Problem(413, "too-many-events", {"most": MOST})
        return Events([_item(one) for one in found], is_batch=True)
    if kind in (SINGLE, JSON):
        return Events([_item(checked_json(body)[1])], is_batch=False)
    raise Problem(415, "no-cloud-event")


def _binary(request: Request) -> dict[str, Any]:
    """The attributes of binary mode, which travel as headers."""
    return {
        name.removeprefix(PREFIX): unquote(value) for name, value in request.headers.items() if name.startswith(PREFIX)
    }


def _item(found: Any) -> Item:
    if not isinstance(found, dict):
        return Item(None, None, None, (Wrong("", "dict_type"),))
    wrong: list[Wrong] = []
    if found.get("specversion") not in VERSIONS:
        wrong.append(_missing_or(found, "specversion", Wrong("/specversion", "literal_error", {"expected": VERSIONS})))
    kind, source = found.get("type"), found.get("source")
    is_ours = isinstance(kind, str) and kind in CALL_TYPES
    is_of_seat = isinstance(kind, str) and kind.startswith(SEATS)
    needed = {"id", "source", "type"} | ({"subject"} if is_ours and not is_of_seat else set())
    texts = {name: _text(found, name, most, wrong, needed=name in needed) for name, most in LONGEST.items()}
    if texts["source"] is not None and ("/" in texts["source"] or " " in texts["source"]):
        wrong.append(Wrong("/source", "not-a-source"))
    at, data = _time(found, wrong), _data(found, wrong, is_ours=is_ours)
    seat = _seat(data, texts, wrong) if is_of_seat else None
    shown = [one if isinstance(one, str) else None for one in (found.get("id"), source)]
    if wrong or texts["id"] is None or texts["source"] is None or texts["type"] is None:
        return Item(shown[0], shown[1], None, tuple(wrong[:20]))
    extensions = {name: value for name, value in found.items() if name not in OWN}
    posted = Posted(
        texts["source"], texts["id"], texts["type"], None if is_of_seat else texts["subject"], seat, at,
        texts["sequence"], data, extensions,
    )  # fmt: skip
    return Item(posted.id, posted.source, posted)


def _missing_or(found: Mapping[str, Any], name: str, wrong: Wrong) -> Wrong:
    return wrong if found.get(name) is not None else Wrong(f"/{name}", "missing")


def _text(found: Mapping[str, Any], name: str, most: int, wrong: list[Wrong], *, needed: bool) -> str | None:
    value = found.get(name)
    if value is None:
        if needed:
            wrong.append(Wrong(f"/{name}", "missing"))
        return None
    if name == "sequence" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    mistake = _mistake_of_text(value, most)
    if mistake is not None:
        wrong.append(Wrong(f"/{name}", *mistake))
        return None
    return str(value)


def _mistake_of_text(value: Any, most: int) -> tuple[str, dict[str, object]] | None:
    if not isinstance(value, str):
        return "string_type", {}
    if len(value) > most:
        return "string_too_long", {"max_length": most}
    if not value.isprintable() or not is_filled_in(value):
        return "is_filled_in", {}
    return None


def _time(found: Mapping[str, Any], wrong: list[Wrong]) -> datetime | None:
    if found.get("time") is None:
        return None
    try:
        return as_time(found["time"]).astimezone(UTC)
    except PydanticCustomError as error:
        wrong.append(Wrong("/time", error.type))
    except (ValueError, OverflowError):
        wrong.append(Wrong("/time", "time-misspelt"))
    return None


def _data(found: Mapping[str, Any], wrong: list[Wrong], *, is_ours: bool) -> dict[str, Any]:
    data = found.get("data")
    if data is None:
        return {}
    if not isinstance(data, dict):
        if is_ours:
            wrong.append(Wrong("/data", "dict_type"))
        return {"value": data}
    if is_ours:
        wrong.extend(_mistakes_in(data))
    return data


def _mistakes_in(data: Mapping[str, Any]) -> list[Wrong]:
    """What is wrong with the fields that we know of a call; others are the source's own."""
    wrong: list[Wrong] = []
    for name in TEXTS:
        mistake = None if data.get(name) is None else _mistake_of_text(data[name], LONGEST_TEXT)
        if mistake is not None:
            wrong.append(Wrong(f"/data/{name}", *mistake))
    if data.get("direction") not in (None, *DIRECTIONS):
        wrong.append(Wrong("/data/direction", "literal_error", {"expected": DIRECTIONS}))
    score = data.get("score")
    if score is not None and (not isinstance(score, int) or isinstance(score, bool)):
        wrong.append(Wrong("/data/score", "int_type"))
    elif score is not None and score not in SCORES:
        wrong.append(Wrong("/data/score", "less_than_equal" if score > 1 else "greater_than_equal", {"le": 5, "ge": 1}))
    if data.get("form") is not None and not isinstance(data["form"], dict):
        wrong.append(Wrong("/data/form", "dict_type"))
    return wrong + _mistakes_of_recording(data.get("recording"))


def _mistakes_of_recording(recording: Any) -> list[Wrong]:
    if recording is None:
        return []
    if not isinstance(recording, dict):
        return [Wrong("/data/recording", "dict_type")]
    wrong = [
        Wrong(f"/data/recording/{name}", *mistake) for name, most in (("uri", 2000), ("sha256", 64))
        if recording.get(name) is not None and (mistake := _mistake_of_text(recording[name], most)) is not None
    ]  # fmt: skip
    if recording.get("uri") is None:
        wrong.append(Wrong("/data/recording/uri", "missing"))
    seconds = recording.get("seconds")
    if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, int | float)):
        wrong.append(Wrong("/data/recording/seconds", "float_type"))
    return wrong


def _seat(data: Mapping[str, Any], texts: Mapping[str, str | None], wrong: list[Wrong]) -> str | None:
    """Whose seat it is: the agent that the data name, or the subject."""
    said = data.get("agent") or texts["subject"]
    if not isinstance(said, str):
        if not wrong:
            wrong.append(Wrong("/data/agent", "missing"))
        return None
    return levelled(said)
