"""接管: what the system before has it, where the procedure would not have taken it so."""

from typing import Annotated, Any, Literal

from domain.complaint.events.event import ComplaintEvent
from domain.values import PERSONAL

EndedAs = Literal["closed", "rejected", "withdrawn"]


class TakenOver(ComplaintEvent):
    """A step as another system has it, which the procedure refuses: `because` is the refusal, `missing` what it needs.

    It ends the complaint where the other system had it ended (`ended_as`); otherwise it changes nothing of where the
    complaint stands, and is there to be read. `said` is what was recorded with it. Without a `step` it lets go what was
    still owed when an ended complaint was taken over: `released` names the clocks.
    """

    step: str | None = None
    ended_as: EndedAs | None = None
    because: str | None = None
    missing: tuple[str, ...] = ()
    justified: bool | None = None
    released: tuple[str, ...] = ()
    said: Annotated[dict[str, Any] | None, PERSONAL] = None
