"""What an agent noted in a call as the commands that it means: the body of an intake, a file that was recorded."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from pydantic import ValidationError

from app.commands.shapes import adapter_of
from domain.call.call import Call, Recording
from domain.complaint.commands import Attach, CallRecorded, ReceiveComplaint
from domain.errors import Invalid
from domain.values import is_file_name

INTAKE: Final = adapter_of(ReceiveComplaint)
FILE: Final = adapter_of(Attach)
RECORDING: Final = "recording"
LONGEST_NAME: Final = 200


class FormInvalid(Invalid):
    """What a softphone sent is none; `places` are JSON pointers to what is wrong in it."""

    def __init__(self, places: tuple[str, ...]) -> None:
        super().__init__(places[0] if places else "")
        self.places = places


def intake_of(form: Mapping[str, Any], call: Call, call_id: str, began_at: datetime) -> ReceiveComplaint:
    """An intake as its form says, and of what it leaves out as the call does. Raises `FormInvalid`."""
    body = {"channel": "phone", "call_id": call_id, "occurred_at": began_at.isoformat(), **form}
    person = body.get("complainant")
    if person is None:
        body["complainant"] = {"anonymous": True} if call.caller is None else {"phone": call.caller}
    elif isinstance(person, Mapping) and not person.get("anonymous") and not person.get("phone"):
        body["complainant"] = {**person, "phone": call.caller}
    try:
        return INTAKE.validate_json(json.dumps(body), strict=True)
    except ValidationError as error:
        raise FormInvalid(_places(error)) from None


def recorded(recording: Recording, evidence: str | None) -> CallRecorded:
    """A recording as it is attached. Raises `FormInvalid` where its address or hash is none that can be kept."""
    name = unquote(urlsplit(recording.uri).path.rpartition("/")[2])[:LONGEST_NAME]
    name = name if is_file_name(name) else RECORDING
    sha256 = recording.sha256.lower() if isinstance(recording.sha256, str) else None
    file = {"name": name, "kind": "recording", "reference": recording.uri, "sha256": sha256}
    try:
        FILE.validate_json(json.dumps(file), strict=True)
    except ValidationError as error:
        places = (place.replace("/reference", "/uri") for place in _places(error))
        raise FormInvalid(tuple(f"/{RECORDING}{place}" for place in places)) from None
    return CallRecorded(name, recording.uri, sha256, evidence)


def _places(error: ValidationError) -> tuple[str, ...]:
    found = ("".join(f"/{part}" for part in one["loc"])[:LONGEST_NAME] for one in error.errors(include_input=False))
    return tuple(dict.fromkeys(found))[:20]
