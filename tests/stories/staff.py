"""The people of a procedure that are not of the reference procedure: each with a role, and some with a unit."""

from __future__ import annotations

from typing import Any

from tests.http.desk import Desk, done


async def employ(desk: Desk, staff: dict[str, tuple[str, str | None]]) -> None:
    """Gives each person a key, for the role and unit given."""
    for who, (role, unit) in staff.items():
        await a_unit(desk, unit)
        created = await desk.post("admin", "/v1/keys", {"id": who, "name": who, "roles": [role], "unit": unit})
        desk.keys[who] = done(created, 201)["key"]


async def a_unit(desk: Desk, unit: str | None) -> None:
    """Sees to it that there is this unit, where no procedure names it."""
    if unit is not None and (await desk.get("admin", f"/v1/units/{unit}")).status_code == 404:
        done(await desk.post("admin", "/v1/units", {"code": unit, "titles": {"zh": unit, "en": unit}}), 201)


async def look(desk: Desk, id: str, who: str = "li-min") -> dict[str, Any]:
    """The complaint as this person sees it now."""
    return done(await desk.get(who, f"/v1/complaints/{id}"))


async def escalated_to(desk: Desk, id: str, who: str = "li-min") -> list[str]:
    """The roles that the case went up to, in order."""
    items = done(await desk.get(who, f"/v1/complaints/{id}/history"))["items"]
    return [event["data"]["to_role"] for event in items if event["type"] == "Escalated"]


async def told_at(desk: Desk, id: str, kind: str, who: str = "li-min") -> list[tuple[str, list[str]]]:
    """Each warning or miss (`kind`) of the history: the clock, and the roles that were told."""
    items = done(await desk.get(who, f"/v1/complaints/{id}/history"))["items"]
    return [(event["data"]["clock"], event["data"]["told"]) for event in items if event["type"] == kind]
