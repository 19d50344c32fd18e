"""What a procedure for incidents says beside its steps and clocks, and the words that only such a procedure uses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from domain.procedure.call_surge import SurgeRule
from domain.procedure.moments import INCIDENT_MOMENTS, informed

CALL_SURGE: Final = "call-surge"


@dataclass(frozen=True)
class IncidentRules:
    """Who is told of which kind of incident, how its end is told, and from when on many calls are an incident.

    `must_be_told`: kind to the roles without whom it is not closed. Those in `told_of_recovery` who were told of the
    incident are told of its end too, by one of the means in `recovery_told_by`.
    """

    must_be_told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    told_of_recovery: tuple[str, ...] = ()
    recovery_told_by: tuple[str, ...] = ("phone", "in-person")
    surge: SurgeRule | None = None


def moments_of(roles: Iterable[str]) -> tuple[str, ...]:
    """Every moment that the clocks of a procedure with these roles may name."""
    return (*INCIDENT_MOMENTS, *(informed(role) for role in roles))
