"""The people of the call centre in an emergency, and the words in which its stories are told."""

from __future__ import annotations

from typing import Any, Final

from tests.http.desk import Desk, done, problem
from tests.stories.staff import employ

STAFF: Final[dict[str, tuple[str, str | None]]] = {
    "gu-fang": ("supervisor", None),
    "ma-chao": ("it", None),
    "shen-lan": ("vp-operations", None),
    "ye-qing": ("leadership", None),
}
ACD_DOWN: Final[dict[str, Any]] = {
    "kind": "acd-failure",
    "title": "ACD系统故障",
    "text": "九点起所有座席不能登录。",
}


async def on_duty(desk: Desk) -> None:
    """Everybody of the plan has a key."""
    await employ(desk, STAFF)


async def opened(desk: Desk, who: str = "li-min", **changes: Any) -> dict[str, Any]:
    """An incident that somebody opened."""
    return done(await desk.post(who, "/v1/incidents", {**ACD_DOWN, **changes}), 201)


async def step(desk: Desk, who: str, id: str, name: str, /, **body: Any) -> dict[str, Any]:
    """A step that was taken; the incident after it."""
    return done(await desk.post(who, f"/v1/incidents/{id}/{name}", body))


async def inform(desk: Desk, who: str, id: str, role: str, means: str = "phone") -> dict[str, Any]:
    return await step(desk, who, id, "inform", to_role=role, text=f"已通知{role}。", means=means)


async def refused(desk: Desk, status: int, who: str, id: str, name: str, /, **body: Any) -> dict[str, Any]:
    return problem(await desk.post(who, f"/v1/incidents/{id}/{name}", body), status)


async def look(desk: Desk, id: str, who: str = "gu-fang") -> dict[str, Any]:
    """The incident as this person sees it now."""
    return done(await desk.get(who, f"/v1/incidents/{id}"))


async def happened(desk: Desk, id: str, who: str = "gu-fang") -> list[str]:
    """The types of its events, in order."""
    return [event["type"] for event in done(await desk.get(who, f"/v1/incidents/{id}/history"))["items"]]


def states(incident: dict[str, Any]) -> dict[str, str]:
    """The state of each clock."""
    return {clock["name"]: clock["state"] for clock in incident["clocks"]}
