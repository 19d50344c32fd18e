"""`redress demo`: starts a sandbox of its own, plays the story through the REST API, and prints the timeline."""

import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
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
from app.cli.demo_story import COMPLAINT, PEOPLE, RECURRENCES, SCENES, STEP_NAMES, Scene
from app.cli.first_start import CannotStart

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
LABELS: Final = {
    "effective": "有效", "reached": "联系上客户", "satisfied": "满意", "score": "评分", "justified": "投诉成立",
}  # fmt: skip
INDENT: Final = 13
ADDRESS: Final = re.compile(r"http://[0-9.]+:[0-9]+")


def play(*, plain: bool = False) -> None:
    """Play it. Raises `CannotStart` when the sandbox cannot be started."""
    signal.signal(signal.SIGTERM, _stop)
    console = Console(highlight=False, no_color=plain, width=None if sys.stdout.isatty() else 100)
    console.print("Starting a sandbox: its own PostgreSQL, its own clock …", style="dim")
    with sandbox() as (address, admin_key):
        _Stage(console, address, admin_key).play()


@contextmanager
def sandbox() -> Iterator[tuple[str, str]]:
    """A service on a free port with a database of its own, gone afterwards; its address and administrator's key."""
    admin_key = f"rk_{secrets.token_urlsafe(32)}"
    with tempfile.TemporaryDirectory(prefix="redress-demo-") as folder:
        # As root the database runs as an unprivileged user, and would else live, and stay, outside this folder.
        os.chmod(folder, 0o711)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("REDRESS_")}
        environment.update(REDRESS_ADMIN_KEY=admin_key, REDRESS_LOG_LEVEL="error", PYTHONUNBUFFERED="1")
        command = [
            sys.executable,
            "-m",
            "app",
            "serve",
            "--sandbox",
            "--port",
            "0",
            "--data",
            str(Path(folder) / "data"),
        ]
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

    def __init__(self, console: Console, address: str, admin_key: str) -> None:
        self._console = console
        self._http = httpx.Client(base_url=address, timeout=30)
        self._keys = {"admin": admin_key}
        self._names: dict[str, str] = {}
        self._requests = count(1)

    def play(self) -> None:
        for person in PEOPLE:
            self._keys[str(person["id"])] = self._ask("admin", "POST", "/v1/keys", person)["key"]
            self._names[str(person["id"])] = str(person["name"])
        self._heading("一、一件投诉，从来电到结案  (one complaint, from the call to its close)")
        self._set_clock("2026-03-02T09:05")
        complaint = self._ask("li-min", "POST", "/v1/complaints", COMPLAINT)
        self._tell("2026-03-02T09:05", "li-min", "受理", f"{complaint['number']}：{COMPLAINT['subject']}")
        for scene in SCENES:
            complaint = self._act(complaint, scene)
        self._replay(complaint)
        self._recur(complaint)

    def _act(self, complaint: dict[str, Any], scene: Scene) -> dict[str, Any]:
        self._set_clock(scene.at)
        self._judgements(complaint)
        answer = self._send(scene.who, "POST", f"/v1/complaints/{complaint['id']}/{scene.step}", scene.body)
        step = STEP_NAMES[scene.step]
        if scene.refused:
            self._tell(scene.at, scene.who, step, f"[red]拒绝 {answer.status_code}[/red]  {answer.json()['detail']}")
            return complaint
        after: dict[str, Any] = self._checked(answer)
        self._tell(scene.at, scene.who, step, _words(scene.body))
        self._clocks(complaint, after)
        return after

    def _judgements(self, before: dict[str, Any]) -> None:
        """Say what the clocks recorded by themselves while time went by."""
        history = self._ask("zhao-jing", "GET", f"/v1/complaints/{before['id']}/history")["items"]
        for event in history[before["version"] :]:
            data, at = event["data"], _local(event["recorded_at"])
            name = data["clock"] + (f" · {data['unit']}" if data["unit"] else "")
            if event["type"] == "DeadlineMissed":
                self._aside(f"[red]✗  {at}  {name} 超时[/red]")
            else:
                text = "到达软时限，不计超时" if data["due"] else f"预警，{_local(data['due_at'])} 到期"
                self._aside(f"[yellow]⚠  {at}  {name} {text}[/yellow]")

    def _clocks(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        """Say which clocks this step started and which it stopped."""
        known = {_clock_id(clock): clock["state"] for clock in before["clocks"]}
        for clock in after["clocks"]:
            name = clock["name"] + (f" · {clock['unit']}" if clock["unit"] else "")
            earlier = known.get(_clock_id(clock))
            if earlier is None and clock["state"] == "running":
                soft = "（软时限）" if clock["soft"] else ""
                self._aside(f"⏱  {name} 开始，{_local(clock['due_at'])} 到期{soft}")
            elif earlier == "running" and clock["state"] != "running":
                self._aside(f"⏱  {name} {_mark(clock)}")

    def _replay(self, complaint: dict[str, Any]) -> None:
        self._heading("二、回放  (any moment of it, from the history)")
        history = self._ask("zhao-jing", "GET", f"/v1/complaints/{complaint['id']}/history")["items"]
        versions = [event["version"] for event in history]
        whole = versions == list(range(1, len(history) + 1))
        self._aside(f"{len(history)} 个事件，版本 1 至 {versions[-1]}，{'无缺号' if whole else '有缺号！'}")
        then = self._ask("zhao-jing", "GET", f"/v1/complaints/{complaint['id']}?as_of=2026-03-02T17:00:00%2B08:00")
        self._aside(f"3月2日 17:00 时：状态 {then['status']}，第 {then['opinion']['revision']} 版处理意见")
        path = f"/v1/complaints/{complaint['id']}/clocks/execute/explanation"
        why = self._ask("zhao-jing", "GET", path)
        self._aside(f"时限 execute（{why['limit']}，{why['source']}）：")
        for part in why["intervals"]:
            span = f"   {_local(part['start'])} → {_local(part['end'])}  {part['kind']:<10} "
            self._aside(f"{span}{part['note']}", hanging=len(span))

    def _recur(self, first: dict[str, Any]) -> None:
        self._heading("三、同一问题点一个月内第五次  (the fifth recurrence is raised to severe)")
        complaint: dict[str, Any] = {}
        for at, name, phone in RECURRENCES:
            self._set_clock(at)
            body = {**COMPLAINT, "complainant": {"name": name, "phone": phone}}
            complaint = self._ask("li-min", "POST", "/v1/complaints", body)
            complaint = self._ask(
                "li-min", "POST", f"/v1/complaints/{complaint['id']}/classify",
                {"severity": "general", "category": "process.withdrawal"},
            )  # fmt: skip
            self._tell(at, "li-min", "受理并分类", f"{complaint['number']}：{complaint['severity']}")
        others = [other["number"] for other in complaint["linked"]]
        self._aside(f"系统升级为[bold red] {complaint['severity']} [/bold red]，关联 {'、'.join(others)}")
        history = self._ask("zhao-jing", "GET", f"/v1/complaints/{complaint['id']}/history")["items"]
        told = [event["data"]["to_role"] for event in history if event["type"] == "Escalated"]
        self._aside(f"第一时间告知：{'、'.join(told)}")
        self._clocks({"clocks": []}, complaint)
        assert first["number"] in others

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

    def _heading(self, text: str) -> None:
        self._console.print(f"\n[bold]{text}[/bold]\n")

    def _tell(self, at: str, who: str, step: str, text: str) -> None:
        self._console.print(f"[cyan]{at[5:10]} {at[11:]}[/cyan]  [bold]{step}[/bold]  {self._names[who]}")
        if text:
            self._lines(text)

    def _aside(self, text: str, hanging: int = 0) -> None:
        self._lines(f"[dim]{text}[/dim]", hanging)

    def _lines(self, markup: str, hanging: int = 0) -> None:
        for line in indented(Text.from_markup(markup), self._console.width, INDENT, hanging):
            self._console.print(line, soft_wrap=True)


def _words(body: dict[str, Any]) -> str:
    parts = [_part(name, value) for name, value in body.items()]
    return "；".join(part.removesuffix("。") for part in parts if part)


def _part(name: str, value: Any) -> str:
    if name == "liability":
        return "责任比例 " + "、".join(f"{share['unit']} {share['percent']}%" for share in value)
    if isinstance(value, list):
        return "、".join(str(item) for item in value)
    if isinstance(value, bool):
        return f"{LABELS[name]}：{'是' if value else '否'}"
    return str(value) if isinstance(value, str) else f"{LABELS[name]}：{value}"


def _clock_id(clock: dict[str, Any]) -> tuple[Any, ...]:
    return (clock["name"], clock["unit"], clock["round"], clock["started_at"])


def _mark(clock: dict[str, Any]) -> str:
    if clock["state"] == "met" and clock["stopped_at"] > clock["due_at"]:
        return "[yellow]✓ 结束（已过软时限）[/yellow]"
    return {"met": "[green]✓ 按时[/green]", "missed": "[red]✗ 超时[/red]"}.get(clock["state"], "— 取消")


def _local(instant: str) -> str:
    """In China's time; the end of a day is 24:00 of that day, as people there say it."""
    local = datetime.fromisoformat(instant).astimezone(SHANGHAI)
    if (local.hour, local.minute) == (0, 0):
        return f"{local - timedelta(days=1):%m-%d} 24:00"
    return f"{local:%m-%d %H:%M}"
