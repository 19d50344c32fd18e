"""The intake and the steps of an aggregate: one pair of endpoints for all of them, which differ in what they take."""

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol
from uuid import UUID

from fastapi import Request, Response
from pydantic import TypeAdapter

from app.commands.request_identity import CommandRequest
from app.commands.stream import CommandResult
from app.http.protocol.answers import shown_response
from app.http.protocol.body import adapter_of, parse, read_body
from app.http.protocol.caller import Caller
from app.http.protocol.idempotency import command_request
from app.http.protocol.language import LanguageOf, said_in
from app.http.protocol.parameters import id_or
from app.http.protocol.routes import IdEndpoint, Routes
from app.queries.complaints import Shown
from app.queries.step_forms import StepForms
from domain.errors import NotFound
from domain.titles import Language
from domain.values import Actor
from wording.operations import summary_of_step

AsCommand = Callable[[Any, Mapping[str, TypeAdapter[Any]]], Any]


class TakenStep(Protocol):
    """What is wanted of a row of an aggregate's table of steps."""

    @property
    def name(self) -> str: ...

    @property
    def command(self) -> type[Any]: ...

    @property
    def event(self) -> type[Any]: ...


@dataclass(frozen=True)
class Door:
    """One aggregate's way in, and what its answers show; `missing` is raised for what is no id at all."""

    path: str
    caller: Caller
    execute: Callable[[UUID, Any, Actor, CommandRequest], Awaitable[CommandResult[Any]]]
    shown: Callable[[CommandResult[Any], Actor, Language], Awaitable[Shown]]
    view: type[Any]
    missing: type[NotFound]
    language_of: LanguageOf

    def add_intake(
        self,
        routes: Routes,
        command: type[Any],
        receive: Callable[[Any, Actor, CommandRequest], Awaitable[CommandResult[Any]]],
        *,
        step: str,
        name: str,
        summary: str,
        description: str,
    ) -> None:
        """The endpoint that begins such an aggregate: 201 with its `Location`."""
        adapter = adapter_of(command)

        async def intake(request: Request) -> Response:
            actor = self.caller(request)
            body = await read_body(request)
            result = await receive(parse(body, adapter), actor, command_request(request, actor, body))
            language = self.language_of(request)
            headers = {"Location": f"{self.path}/{result.aggregate.id}", **said_in(language)}
            return shown_response(await self.shown(result, actor, language), 201, headers, replayed=result.replayed)

        intake.__name__ = name
        routes.add(
            "POST", self.path, intake, self.view, body=command, status=201, summary=summary, description=description,
            step=step,
        )  # fmt: skip

    def add_steps(
        self,
        routes: Routes,
        steps: Iterable[TakenStep],
        *,
        of: str = "",
        written: Mapping[str, tuple[type[Any], AsCommand]] = MappingProxyType({}),
    ) -> StepForms:
        """An endpoint for each step, and their forms.

        `of` tells the steps of this aggregate from those of others in the description. `written`: the body of a step
        that is not written as its command, and what makes the command of it.
        """
        bodies: dict[str, TypeAdapter[Any]] = {}
        for step in steps:
            name = step.name.replace("-", "_")
            shape, as_command = written.get(step.name, (step.command, None))
            bodies[step.name] = adapter_of(shape)
            routes.add(
                "POST", f"{self.path}/{{id}}/{step.name}", self._step(bodies, step.name, as_command), self.view,
                body=shape, step=step.name, name=f"{name}_{of}" if of else name,
                summary=summary_of_step(step.name, of), operation_id=shape.__name__,
                description=inspect.cleandoc(f"Leads to the event {step.event.__name__}. {_own_words(shape)}"),
            )  # fmt: skip

        return StepForms(self.path, bodies)

    def _step(self, bodies: Mapping[str, TypeAdapter[Any]], step: str, as_command: AsCommand | None) -> IdEndpoint:
        async def take_step(request: Request, id: str) -> Response:
            actor = self.caller(request)
            body = await read_body(request)
            command, asked = parse(body, bodies[step]), command_request(request, actor, body)
            command = command if as_command is None else as_command(command, bodies)
            result = await self.execute(id_or(self.missing, id), command, actor, asked)
            language = self.language_of(request)
            shown = await self.shown(result, actor, language)
            return shown_response(shown, headers=said_in(language), replayed=result.replayed)

        return take_step


def _own_words(command: type[Any]) -> str:
    doc = command.__doc__ or ""
    return "" if doc.startswith(f"{command.__name__}(") else doc
