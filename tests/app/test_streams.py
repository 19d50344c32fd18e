"""The way in for every stream: whose turn it is, and what is answered to a command that another process recorded."""

import asyncio
from hashlib import sha256
from uuid import UUID, uuid4

import pytest

from app.commands.complaints import Complaints
from app.commands.request_identity import CommandRequest
from app.commands.stream import CommandResult
from app.commands.turns import Turns
from domain import errors
from domain.complaint.commands import AddNote, ClassifyComplaint, Command, NameAccused
from domain.complaint.complaint import Complaint
from tests.app.service_stories import AGENT, open_office
from tests.facts import MANAGER


class TooEarly(Complaints):
    """Asks whether a command is known just before another process records it."""

    async def _replayed(self, id: UUID | None, request: CommandRequest) -> CommandResult[Complaint] | None:
        return None


def keyed(text: str) -> CommandRequest:
    return CommandRequest(uuid4(), sha256(text.encode()).digest())


@pytest.mark.parametrize(
    "command", [AddNote("客户来电"), ClassifyComplaint("general", "process.deposit", "deposit-delay")]
)
async def test_a_replay_that_only_the_append_finds_is_no_answer_to_who_was_accused_since(
    database: str, command: Command
) -> None:
    async with open_office(database) as first, open_office(database, complaints=TooEarly) as second:
        id, request = await first.received(), keyed("note")
        taken = await first.complaints.execute(id, command, AGENT, request)
        again = await second.complaints.execute(id, command, AGENT, request)
        assert (again.replayed, again.position, again.aggregate.version) == (True, taken.position, 2)
        await first.complaints.execute(id, NameAccused((AGENT.id,)), MANAGER, CommandRequest.once())
        with pytest.raises(errors.Recused):
            await second.complaints.execute(id, command, AGENT, request)


async def test_turns_are_taken_in_the_order_in_which_they_were_asked_for() -> None:
    turns, id = Turns(), uuid4()
    order: list[int] = []

    async def take(number: int) -> None:
        async with turns.take(id):
            await asyncio.sleep(0)
            order.append(number)

    await asyncio.gather(*(take(number) for number in range(20)))
    assert order == list(range(20))


async def test_nobody_waits_for_the_turn_of_something_else_nor_for_ever() -> None:
    turns, id = Turns(patience=0.05), uuid4()
    async with turns.take(id):
        async with asyncio.timeout(0.04), turns.take(uuid4()):
            pass
        async with turns.take(id):  # whoever is before may be waiting for a database that is away
            pass
        async with turns.take(id):  # and who went ahead gives back no turn that they did not have
            pass
