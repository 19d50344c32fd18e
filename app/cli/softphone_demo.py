"""`redress softphone demo`: two softphones call each other on this machine, and a complaint comes out of it."""

import asyncio
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx
from rich.console import Console

from app.cli.demo import service_for_a_while
from app.cli.first_start import CannotStart
from app.cli.language import said
from domain.titles import Title
from softphone.baresip import Netstrings, netstring
from wording import softphone as words

T = TypeVar("T")
PROGRAM: Final = "baresip"
SOURCE, AGENT, CUSTOMER = "desk-7", "agent-7", "13800001234"
PATIENCE_SECONDS: Final = 60.0
LOOK_AGAIN_SECONDS: Final = 0.1
TALK_SECONDS: Final = 2.0
PORTS: Final = (20_000, 30_000)
LINES_OF_A_LOG: Final = 8
FORM: Final = {
    "procedure": "call-centre", "channel": "phone", "kind": "complaint", "subject": "空调安装后漏水",
    "content": "客户来电：上周安装的空调室内机漏水，要求上门维修。",
    "complainant": {"name": "王女士", "phone": CUSTOMER},
}  # fmt: skip
# No sound card, no registrar: the sound is looped inside, and they call each other at their addresses.
CONFIG: Final = """
sip_listen 127.0.0.1:{sip}
call_local_timeout 120
audio_player aubridge,in
audio_source aubridge,out
audio_alert aubridge,alert
module_path {modules}
module g711.so
module aubridge.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
"""
MODULES: Final = ("/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules", "/opt/homebrew/lib/baresip/modules")


def play(console: Console) -> None:
    """Raises `CannotStart` where baresip is missing, or something does not come about in time."""
    modules = next((place for place in MODULES if (Path(place) / "ctrl_tcp.so").exists()), None)
    if shutil.which(PROGRAM) is None or modules is None:
        raise CannotStart(said(words.NO_BARESIP))
    signal.signal(signal.SIGTERM, _stopped)
    console.print(said(words.STARTING), style="dim")
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="redress-softphone-")))
        address, key = opened.enter_context(service_for_a_while())
        with httpx.Client(base_url=address, timeout=30, headers={"Authorization": f"Bearer {key}"}) as http:
            play = _Play(console, http, folder, modules, opened)
            try:
                play.play()
            except CannotStart:
                play.show_logs()
                raise


def _stopped(*_: object) -> None:
    raise SystemExit(128 + signal.SIGTERM)


class _Play:
    def __init__(
        self, console: Console, http: httpx.Client, folder: Path, modules: str, opened: ExitStack
    ) -> None:
        self._console, self._http, self._folder, self._modules, self._opened = console, http, folder, modules, opened
        self._spool = folder / "spool.db"

    def play(self) -> None:
        person = {"id": AGENT, "name": "李敏", "roles": ["agent"]}
        self._ask("POST", "/v1/people", person)
        secret = self._ask("POST", "/v1/call-sources", {"id": SOURCE, "name": "7号座席"})["secret"]
        agents_sip, agents_control = self._phone(AGENT, "answermode=auto")
        _, customers_control = self._phone(CUSTOMER, "answermode=manual")
        self._bridge(agents_control, secret)
        self._tell(words.CALLING, caller=CUSTOMER, agent=AGENT)
        asyncio.run(_call(customers_control, f"sip:{AGENT}@127.0.0.1:{agents_sip}"))
        call = self._call_that(lambda one: one["state"] == "ended")
        self._tell(words.CALLED, id=call["id"], talk=round(call["talk_seconds"]), agent=call["agent"])
        self._say_wrap_up(call["id"])
        call = self._call_that(lambda one: bool(one["complaints"]))
        complaint = self._ask("GET", f"/v1/complaints/{call['complaints'][0]}")
        self._tell(words.TAKEN, number=complaint["number"], owner=complaint["owner"]["actor"])

    def show_logs(self) -> None:
        """What the softphones and the bridge said last, for whoever looks for the reason."""
        for log in sorted(self._folder.glob("**/*log")):
            lines = log.read_text("utf-8", "replace").splitlines()[-LINES_OF_A_LOG:]
            self._console.print(f"{log.relative_to(self._folder)}:", *lines, sep="\n  ", style="dim", markup=False)

    def _phone(self, user: str, account: str) -> tuple[int, int]:
        """A softphone of its own: the ports of its calls and of its ctrl_tcp."""
        home, (sip, control) = self._folder / user, _free_ports(2)
        home.mkdir()
        (home / "config").write_text(CONFIG.format(sip=sip, control=control, modules=self._modules))
        (home / "accounts").write_text(f"<sip:{user}@127.0.0.1:{sip}>;regint=0;{account}\n")
        self._opened.enter_context(_running([PROGRAM, "-f", str(home)], home / "log"))
        return sip, control

    def _bridge(self, control: int, secret: str) -> None:
        log = self._folder / "bridge.log"
        command = [
            sys.executable, "-m", "app", "softphone", "run", "--to", str(self._http.base_url), "--source", SOURCE,
            "--baresip", f"127.0.0.1:{control}", "--agent", AGENT, "--spool", str(self._spool),
        ]  # fmt: skip
        environment = {**os.environ, "REDRESS_CALL_SECRET": secret, "PYTHONUNBUFFERED": "1", "REDRESS_LANGUAGE": "en"}
        self._opened.enter_context(_running(command, log, environment))
        _until(lambda: words.REPORTS["connected"].en in log.read_text() or None)

    def _say_wrap_up(self, call: str) -> None:
        data = self._folder / "wrap-up.json"
        data.write_text(json.dumps({"agent": AGENT, "form": FORM}), "utf-8")
        command = [
            sys.executable, "-m", "app", "softphone", "say", "call.wrap_up", "--source", SOURCE, "--call", call,
            "--data", str(data), "--spool", str(self._spool),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)

    def _call_that(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The newest call, once it is so. Raises `CannotStart`."""

        def looked() -> dict[str, Any] | None:
            items: list[dict[str, Any]] = self._ask("GET", "/v1/calls?limit=1")["items"]
            return next((one for one in items if wanted(one)), None)

        return _until(looked)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        answer = self._http.request(method, path, json=body)
        if answer.is_error:
            raise CannotStart(answer.json().get("detail", answer.text))
        found: dict[str, Any] = answer.json()
        return found

    def _tell(self, template: Title, **facts: object) -> None:
        self._console.print(said(template, **facts))


@contextmanager
def _running(command: list[str], log: Path, environment: Mapping[str, str] | None = None) -> Iterator[None]:
    with log.open("wb") as out, subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment, start_new_session=True
    ) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


async def _call(control: int, peer: str) -> None:
    """The customer dials, talks for a little, and hangs up."""
    async with _commanding(control) as (send, heard):
        send({"command": "dial", "params": peer})
        async for told in heard:
            if told.get("type") == "CALL_ESTABLISHED":
                break
        await asyncio.sleep(TALK_SECONDS)
        send({"command": "hangup"})
        async for told in heard:
            if told.get("type") == "CALL_CLOSED":
                break


@asynccontextmanager
async def _commanding(control: int) -> AsyncIterator[Any]:
    reader, writer = await _connected(control)
    strings = Netstrings()

    async def heard() -> AsyncIterator[dict[str, Any]]:
        while received := await asyncio.wait_for(reader.read(65536), PATIENCE_SECONDS):
            for text in strings.take(received):
                yield json.loads(text)
        raise CannotStart(said(words.NOT_IN_TIME))

    try:
        yield lambda command: writer.write(netstring(command)), heard()
    finally:
        writer.close()


def _until(look: Callable[[], T | None]) -> T:
    """What it finds, once it finds something. Raises `CannotStart`."""
    limit = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < limit:
        if (found := look()) is not None:
            return found
        time.sleep(LOOK_AGAIN_SECONDS)
    raise CannotStart(said(words.NOT_IN_TIME))


async def _connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Raises `CannotStart` where nobody listens there within the time."""
    limit = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            if time.monotonic() > limit:
                raise CannotStart(said(words.NOT_IN_TIME)) from None
            await asyncio.sleep(LOOK_AGAIN_SECONDS)


def _free_ports(count: int) -> list[int]:
    """Below those that the machine gives to whoever connects, so that nobody takes one before it is listened on."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(*PORTS)
        with socket.socket() as one, suppress(OSError):
            one.bind(("127.0.0.1", port))
            found.append(port)
    return found
