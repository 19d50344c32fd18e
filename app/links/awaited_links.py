"""The complaints' door in as people use it: who links two complaints finds it on both of them at once."""

from dataclasses import dataclass
from typing import Any, Final, Protocol
from uuid import UUID

from app.commands.request_identity import CommandRequest
from app.commands.stream import CommandResult
from domain.complaint.commands import Command, LinkComplaints, ReceiveComplaint, UnlinkComplaints
from domain.complaint.complaint import Complaint
from domain.values import Actor
from eventlog.follower import Follower

SECONDS: Final = 2.0  # after which the answer goes out, and the other side follows when it can


class Commands(Protocol):
    """The door that this one stands before."""

    async def receive(
        self, command: ReceiveComplaint, actor: Actor, request: CommandRequest
    ) -> CommandResult[Complaint]: ...

    async def execute(
        self, id: UUID, command: Command, actor: Actor, request: CommandRequest
    ) -> CommandResult[Complaint]: ...


@dataclass(frozen=True)
class AwaitedLinks:
    """As the commands themselves, whose refusals it raises."""

    commands: Commands
    other_sides: Follower[Any]

    async def receive(
        self, command: ReceiveComplaint, actor: Actor, request: CommandRequest
    ) -> CommandResult[Complaint]:
        return await self.commands.receive(command, actor, request)

    async def execute(
        self, id: UUID, command: Command, actor: Actor, request: CommandRequest
    ) -> CommandResult[Complaint]:
        result = await self.commands.execute(id, command, actor, request)
        if isinstance(command, LinkComplaints | UnlinkComplaints):
            await self.other_sides.reached(result.position, SECONDS)
        return result
