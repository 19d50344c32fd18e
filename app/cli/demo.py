"""`redress demo`: starts a sandbox of its own, plays the story through the REST API, and prints the timeline."""

import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final, NoReturn
from zoneinfo import ZoneInfo

import httpx
from rich.console import Console
from rich.text import Text

from app.cli.demo_lines import indented
from app.cli.demo_story import (
    AFTER_THE_CALL,
    CALL,
    CALLED_BACK,
    COMPLAINT,
    PEOPLE,
    RECURRENCES,
    SCENES,
    SOURCE,
    Heard,
    Scene,
)
from app.cli.first_start import CannotStart
from domain.limits.limits import parse_limit
from domain.titles import Language, Title
from wording import demo as words
from wording.limits import spoken_limit
from wording.sentences import SEMICOLON, listed, sentence

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
SUBJECTS: Final = {
    "severity": "severities", "category": "categories", "outcome": "outcomes", "means": "means", "unit": "units",
    "to_role": "roles",
}  # fmt: skip
INDENT: Final = 13
LOOKS: Final = 300
LOOK_AGAIN_SECONDS: Final = 0.1
ADDRESS: Final = re.compile(r"http://[0-9.]+:[0-9]+")


def play(language: Language, *, plain: bool = False) -> None:
    """Play it. Raises `CannotStart` when the sandbox cannot be started.

    What people of the story write is Chinese in any language.
    """
    signal.signal(signal.SIGTERM, _stop)
    console = Console(highlight=False, no_color=plain, width=None if sys.stdout.isatty() else 100)
    console.print(words.STARTING.in_(language), style="dim")
    with service_for_a_while("--sandbox") as (address, admin_key):
        _Stage(console, address, admin_key, language).play()


@contextmanager
def service_for_a_while(*options: str) -> Iterator[tuple[str, str]]:
    """A service on a free port with a database of its own, gone afterwards; its address and administrator's key.

    Raises `CannotStart`.
    """
    admin_key = f"rk_{secrets.token_urlsafe(32)}"
    with tempfile.TemporaryDirectory(prefix="redress-demo-") as folder:
        # As root the database runs as an unprivileged user, and would else live, and stay, outside this folder.
        os.chmod(folder, 0o711)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("REDRESS_")}
        environment.update(REDRESS_ADMIN_KEY=admin_key, REDRESS_LOG_LEVEL="error", PYTHONUNBUFFERED="1")
        command = [
            sys.executable, "-m", "app", "serve", *options, "--port", "0", "--data", str(Path(folder) / "data"),
        ]  # fmt: skip
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
        ) as server:
            try:
                yield _address_of(server), admin_key
            finally:
                server.terminate()
                server.wait(30)


def _stop(*_: object) -> NoReturn:
    raise SystemExit(128 + signal.SIGTERM)


def _address_of(server: "subprocess.Popen[str]") -> str:
    assert server.stdout is not None
    for line in server.stdout:
        found = ADDRESS.search(line)
        if found:
            return found[0]
    raise CannotStart("The sandbox did not start; see the message above.")


class _Stage:
    """The service from the side of its users: one key for each person, every step through the API."""

    def __init__(self, console: Console, address: str, admin_key: str, language: Language) -> None:
        self._console, self._language = console, language
        self._http = httpx.Client(base_url=address, timeout=30, headers={"Accept-Language": language})
        self._keys = {"admin": admin_key}
        self._names: dict[str, str] = {}
        self._requests = count(1)
        vocabulary = self._ask("admin", "GET", "/v1/vocabulary")
        self._titles = {**vocabulary["subjects"], **vocabulary["procedures"][COMPLAINT["procedure"]]}

    def play(self) -> None:
        for person in PEOPLE:
            self._keys[str(person["id"])] = self._ask("admin", "POST", "/v1/keys", person)["key"]
            self._names[str(person["id"])] = str(person["name"])
        self._heading(words.ONE_COMPLAINT)
        self._set_clock("2026-03-02T09:05")
        complaint = self._ask("li-min", "POST", "/v1/complaints", COMPLAINT)
        taken_down = self._say(words.TAKEN_DOWN, number=complaint["number"], subject=COMPLAINT["subject"])
        self._tell("2026-03-02T09:05", "li-min", self._title("steps", "receive"), taken_down)
        for scene in SCENES:
            complaint = self._act(complaint, scene)
        self._replay(complaint)
        self._recur(complaint)
        self._call()

    def _act(self, complaint: dict[str, Any], scene: Scene) -> dict[str, Any]:
        self._set_clock(scene.at)
        self._judgements(complaint)
        answer = self._send(scene.who, "POST", f"/v1/complaints/{complaint['id']}/{scene.step}", scene.body)
        step = self._title("steps", scene.step)
        if scene.refused:
            refused = self._say(words.REFUSED, status=answer.status_code)
            self._tell(scene.at, scene.who, step, f"[red]{refused}[/red]  {answer.json()['detail']}")
            return complaint
        after: dict[str, Any] = self._checked(answer)
        self._tell(scene.at, scene.who, step, self._words(scene.body))
        self._clocks(complaint, after)
        return after

    def _judgements(self, before: dict[str, Any]) -> None:
        """Say what the clocks recorded by themselves while time went by."""
        history = self._ask("zhao-jing", "GET", f"/v1/complaints/{before['id']}/history")["items"]
        titles = {_clock_id(clock): clock["title"] for clock in before["clocks"]}
        for event in history[before["version"] :]:
            data, at = event["data"], _local(event["recorded_at"])
            clock = self._clock(titles[_started(data["clock"], data)], data["unit"])
            if event["type"] == "DeadlineMissed":
                self._aside(f"[red]{self._say(words.MISSED, at=at, clock=clock)}[/red]")
            else:
                warning = words.SOFT_PASSED if data["due"] else words.WARNED
                said = self._say(warning, at=at, clock=clock, due=_local(data["due_at"]))
                self._aside(f"[yellow]{said}[/yellow]")

    def _clocks(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        """Say which clocks this step started and which it stopped."""
        known = {_clock_id(clock): clock["state"] for clock in before["clocks"]}
        for clock in after["clocks"]:
            name = self._clock(clock["title"], clock["unit"])
            earlier = known.get(_clock_id(clock))
            if earlier is None and clock["state"] == "running":
                started = words.STARTED_SOFT if clock["soft"] else words.STARTED
                self._aside(self._say(started, clock=name, due=_local(clock["due_at"])))
            elif earlier == "running" and clock["state"] != "running":
                colour, ended = _end_of(clock)
                self._aside(f"⏱  {name} [{colour}]{self._say(ended)}[/{colour}]")

    def _replay(self, complaint: dict[str, Any]) -> None:
        self._heading(words.REPLAY)
        history = self._ask("zhao-jing", "GET", f"/v1/complaints/{complaint['id']}/history")["items"]
        versions = [event["version"] for event in history]
        whole = words.WHOLE if versions == list(range(1, len(history) + 1)) else words.NOT_WHOLE
        self._aside(self._say(whole, count=len(history), last=versions[-1]))
        then = self._ask("zhao-jing", "GET", f"/v1/complaints/{complaint['id']}?as_of=2026-03-02T17:00:00%2B08:00")
        status = self._title("states", then["status"])
        self._aside(self._say(words.THEN, status=status, revision=then["opinion"]["revision"]))
        path = f"/v1/complaints/{complaint['id']}/clocks/execute/explanation"
        why = self._ask("zhao-jing", "GET", path)
        limit = spoken_limit(parse_limit(why["limit"]), self._language)
        self._aside(self._say(words.LIMIT, clock=why["clock"]["title"], limit=limit, source=why["source"]))
        for part in why["intervals"]:
            span = f"   {_local(part['start'])} → {_local(part['end'])}  "
            self._aside(f"{span}{part['note']}", hanging=len(span))

    def _recur(self, first: dict[str, Any]) -> None:
        self._heading(words.RECURRENCE)
        complaint: dict[str, Any] = {}
        for at, name, phone in RECURRENCES:
            self._set_clock(at)
            body = {**COMPLAINT, "complainant": {"name": name, "phone": phone}}
            complaint = self._ask("li-min", "POST", "/v1/complaints", body)
            complaint = self._ask(
                "li-min", "POST", f"/v1/complaints/{complaint['id']}/classify",
                {"severity": "general", "category": "process.withdrawal"},
            )  # fmt: skip
            severity = self._title("severities", complaint["severity"])
            said = self._say(words.LABELLED, name=complaint["number"], value=severity)
            self._tell(at, "li-min", self._say(words.TAKEN_AND_CLASSIFIED), said)
        others = [other["number"] for other in complaint["linked"]]
        severity = f"[bold red]{self._title('severities', complaint['severity'])}[/bold red]"
        self._aside(self._say(words.RAISED, severity=severity, others=others))
        history = self._ask("zhao-jing", "GET", f"/v1/complaints/{complaint['id']}/history")["items"]
        told = [event["data"]["to_role"] for event in history if event["type"] == "Escalated"]
        self._aside(self._say(words.TOLD, roles=[self._title("roles", role) for role in told]))
        self._clocks({"clocks": []}, complaint)
        assert first["number"] in others

    def _say(self, template: Title, **facts: object) -> str:
        return sentence(template, self._language, **facts)

    def _title(self, subject: str, code: str) -> str:
        title = self._titles[subject].get(code)
        return code if title is None else str(title[self._language])

    def _clock(self, clock: str, unit: str | None) -> str:
        return clock if unit is None else self._say(words.CLOCK_OF_UNIT, clock=clock, unit=self._title("units", unit))

    def _words(self, body: dict[str, Any]) -> str:
        parts = [self._part(name, value) for name, value in body.items()]
        return listed([part.removesuffix("。") for part in parts if part], self._language, SEMICOLON)

    def _call(self) -> None:
        """A call becomes a complaint, and a callback by phone completes itself."""
        self._heading(words.CALLS)
        self._ask("admin", "POST", "/v1/call-sources", {"id": SOURCE, "name": SOURCE})
        self._hear("call-1", "2026-03-16T09:00", CALL)
        call = self._once(f"/v1/calls/{SOURCE}/call-1", lambda one: bool(one["complaints"]))
        complaint = self._ask("zhao-jing", "GET", f"/v1/complaints/{call['complaints'][0]}")
        vocabulary = self._ask("admin", "GET", "/v1/vocabulary")
        self._titles = {**vocabulary["subjects"], **vocabulary["procedures"][complaint["procedure"]["code"]]}
        talked = self._say(words.TALKED, waited=round(call["wait_seconds"]), talked=round(call["talk_seconds"]))
        self._tell("2026-03-16T09:00", call["agent"], self._say(words.CALL_CAME), talked)
        self._aside(self._say(words.BECAME, number=complaint["number"], subject=complaint["subject"]))
        for scene in AFTER_THE_CALL:
            complaint = self._act(complaint, scene)
        self._hear("call-2", "2026-03-17T10:00", CALLED_BACK, complaint=complaint["number"])
        path = f"/v1/complaints/{complaint['id']}"
        history = self._once(f"{path}/history", lambda one: any(_is_rated(event) for event in one["items"]))
        done = next(event["data"] for event in history["items"] if _is_rated(event))
        self._tell("2026-03-17T10:00", "li-min", self._say(words.CALLED_BACK), self._words(
            {name: done[name] for name in ("reached", "satisfied", "score") if done[name] is not None}
        ))  # fmt: skip
        self._clocks(complaint, self._ask("zhao-jing", "GET", path))

    def _hear(self, call: str, at: str, told: Sequence[Heard], **more: Any) -> None:
        """What the softphone posts of a call that begins then, when it is over."""
        began = datetime.fromisoformat(f"{at}:00+08:00")
        over = began + timedelta(seconds=max(seconds for _, seconds, _ in told))
        self._ask("admin", "PUT", "/v1/sandbox/clock", {"now": over.isoformat()})
        for type, seconds, data in told:
            self._ask("softphone", "POST", "/v1/calls/events", {
                "specversion": "1.0", "id": f"{call}-{type}", "source": SOURCE, "type": type, "subject": call,
                "time": (began + timedelta(seconds=seconds)).isoformat(), "data": {**data, **more},
            })  # fmt: skip

    def _once(self, path: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """What is there, as soon as it is so: what calls lead to follows a moment after them."""
        for _ in range(LOOKS):
            found: dict[str, Any] = self._ask("zhao-jing", "GET", path)
            if wanted(found):
                return found
            time.sleep(LOOK_AGAIN_SECONDS)
        raise CannotStart(f"The story broke: nothing came of {path}")

    def _part(self, name: str, value: Any) -> str:
        """One field of a body: its title before what does not speak for itself, and titles in place of codes."""
        match name, value:
            case "liability", _:
                shares = [f"{self._title('units', share['unit'])} {share['percent']}%" for share in value]
                return self._say(words.LIABILITY, shares=shares)
            case "units", _:
                return listed([self._title("units", unit) for unit in value], self._language)
            case ("severity" | "category" | "outcome" | "means" | "unit" | "to_role"), _:
                return self._title(SUBJECTS[name], value)
            case _, str():
                return value
            case _, bool():
                value = self._title("truth", "true" if value else "false")
        return self._say(words.LABELLED, name=self._title("fields", name), value=value)

    def _set_clock(self, local: str) -> None:
        self._ask("admin", "PUT", "/v1/sandbox/clock", {"now": f"{local}:00+08:00"})

    def _ask(self, who: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._checked(self._send(who, method, path, body))

    def _send(self, who: str, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._keys[who]}"}
        if method == "POST":
            headers["Idempotency-Key"] = f"demo-{next(self._requests)}"
        return self._http.request(method, path, json=body, headers=headers)

    def _checked(self, answer: httpx.Response) -> Any:
        if not answer.is_success:
            raise CannotStart(f"The story broke: {answer.status_code} {answer.json().get('detail')}")
        return answer.json()

    def _heading(self, title: Title) -> None:
        self._console.print(f"\n[bold]{self._say(title)}[/bold]\n")

    def _tell(self, at: str, who: str, step: str, text: str) -> None:
        self._console.print(f"[cyan]{at[5:10]} {at[11:]}[/cyan]  [bold]{step}[/bold]  {self._names[who]}")
        if text:
            self._lines(text)

    def _aside(self, text: str, hanging: int = 0) -> None:
        self._lines(f"[dim]{text}[/dim]", hanging)

    def _lines(self, markup: str, hanging: int = 0) -> None:
        for line in indented(Text.from_markup(markup), self._console.width, INDENT, hanging):
            self._console.print(line, soft_wrap=True)


def _is_rated(event: dict[str, Any]) -> bool:
    return bool(event["type"] == "CallbackDone" and event["data"]["score"] is not None)


def _clock_id(clock: dict[str, Any]) -> tuple[Any, ...]:
    return _started(clock["name"], clock)


def _started(name: str, facts: dict[str, Any]) -> tuple[Any, ...]:
    """What tells a clock from all others, of a clock or of an event about it."""
    return (name, facts["unit"], facts["round"], facts["started_at"])


def _end_of(clock: dict[str, Any]) -> tuple[str, Title]:
    """How a clock ended, and in which colour that is said."""
    if clock["state"] == "met" and clock["stopped_at"] > clock["due_at"]:
        return "yellow", words.LATE
    return {"met": ("green", words.MET), "missed": ("red", words.OVER)}.get(clock["state"], ("dim", words.CANCELLED))


def _local(instant: str) -> str:
    """In China's time; the end of a day is 24:00 of that day, as people there say it."""
    local = datetime.fromisoformat(instant).astimezone(SHANGHAI)
    if (local.hour, local.minute) == (0, 0):
        return f"{local - timedelta(days=1):%m-%d} 24:00"
    return f"{local:%m-%d %H:%M}"
