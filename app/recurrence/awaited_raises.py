"""The complaints' door in as people use it: what may raise a complaint is answered with the raise that follows."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from app.commands.complaints import Complaints
from app.commands.request_identity import CommandRequest
from app.commands.stream import CommandResult
from app.recurrence.raises import command_id_of_raise
from domain.complaint.commands import ClassifyComplaint, Command, CorrectComplainant, ReceiveComplaint
from domain.complaint.complaint import Complaint
from domain.complaint.events import Classified, ComplainantCorrected
from domain.complaint.recurrence import counted_as
from domain.values import Actor
from eventlog.follower import Follower

POLICY_SECONDS: Final = 2.0
# What a complaint is about, or whose it is.
RAISES: Final = (ClassifyComplaint, CorrectComplainant)
RAISING: Final = (Classified, ComplainantCorrected)


@dataclass(frozen=True)
class AwaitedRaises:
    """As `Complaints`, whose refusals it raises."""

    complaints: Complaints
    policy: Follower[Any]

    async def receive(
        self, command: ReceiveComplaint, actor: Actor, request: CommandRequest
    ) -> CommandResult[Complaint]:
        return await self.complaints.receive(command, actor, request)

    async def execute(
        self, id: UUID, command: Command, actor: Actor, request: CommandRequest
    ) -> CommandResult[Complaint]:
        result = await self.complaints.execute(id, command, actor, request)
        return await self._with_raise(result) if isinstance(command, RAISES) else result

    async def _with_raise(self, result: CommandResult[Complaint]) -> CommandResult[Complaint]:
        """A repeated request is answered with the same raise, whatever came after it."""
        complaint, recurrence = result.aggregate, result.aggregate.procedure.recurrence
        if result.unchanged or recurrence is None:
            return result
        if complaint.severity != recurrence.severity:
            return result
        if counted_as(recurrence, complaint.issue_point, complaint.complainant_id) is None:
            return result
        is_followed = result.appended and await self.policy.reached(result.position, POLICY_SECONDS)
        if not (result.replayed or is_followed):
            return result
        _, happened = await self.complaints.history(complaint.id)
        position = max(
            recorded.position for recorded, event in happened
            if isinstance(event, RAISING) and recorded.originator_version <= complaint.version
        )  # fmt: skip
        return await self.complaints.after(result, command_id_of_raise(complaint.id, position))
