"""What the stories of the hotlines share: the people behind their numbers, and a matter on its way to a department."""

from __future__ import annotations

from typing import Any

from tests.http.desk import Desk, done


async def at_work(desk: Desk, who: str, role: str, unit: str | None = None) -> str:
    """This person has a key from now on."""
    if who in desk.keys:
        return who
    created = await desk.post("admin", "/v1/keys", {"id": who, "name": who, "roles": [role], "unit": unit})
    desk.keys[who] = done(created, 201)["key"]
    return who


async def noted(desk: Desk, procedure: str, kind: str, category: str, **changes: Any) -> str:
    """A matter that the agent wrote down and sorted; its id."""
    id: str = (await desk.receive("li-min", procedure=procedure, kind=kind, facts={"district": "城东"}, **changes))[
        "id"
    ]
    await desk.step("li-min", id, "classify", category=category)
    return id


async def look(desk: Desk, id: str, who: str = "li-min") -> dict[str, Any]:
    found: dict[str, Any] = done(await desk.get(who, f"/v1/complaints/{id}"))
    return found


async def cards(desk: Desk, id: str, who: str) -> list[tuple[str, str | None]]:
    """The cards that electronic supervision raised, each with the department it is against."""
    items = done(await desk.get(who, f"/v1/complaints/{id}/history"))["items"]
    return [(event["data"]["card"], event["data"]["unit"]) for event in items if event["type"] == "Supervised"]


async def rates(desk: Desk, who: str, procedure: str, unit: str) -> dict[str, float | None]:
    """The response, resolution and satisfaction rate of a department."""
    await desk.caught_up()
    items = done(await desk.get(who, f"/v1/indicators?procedure={procedure}&by=unit"))["items"]
    figures = {one["indicator"]: one["value"] for one in items if one["key"] == unit}
    return {name: value for name, value in figures.items() if name.endswith("-rate")}


async def told_of_misses(desk: Desk, id: str, who: str) -> dict[str, list[str]]:
    """Who was told of each missed clock."""
    items = done(await desk.get(who, f"/v1/complaints/{id}/history"))["items"]
    return {one["data"]["clock"]: one["data"]["told"] for one in items if one["type"] == "DeadlineMissed"}
