"""The words in which stories ask for time and clocks."""

from __future__ import annotations

from typing import Any

from tests.http.desk import Desk


async def at(desk: Desk, moment: str) -> None:
    """It is this time now in Shanghai ("03-02 09:05")."""
    day, hour = moment.split()
    await desk.set_clock(f"2026-{day}T{hour}:00+08:00")


def clock(complaint: dict[str, Any], name: str, unit: str | None = None) -> dict[str, Any]:
    """The latest clock of this name and unit."""
    found: list[dict[str, Any]] = [one for one in complaint["clocks"] if (one["name"], one["unit"]) == (name, unit)]
    return max(found, key=lambda one: (one["round"], one["started_at"], one["state"] != "cancelled"))


def due(complaint: dict[str, Any], name: str, unit: str | None = None) -> str:
    return str(clock(complaint, name, unit)["due_at"])


def state(complaint: dict[str, Any], name: str, unit: str | None = None) -> str:
    return str(clock(complaint, name, unit)["state"])
