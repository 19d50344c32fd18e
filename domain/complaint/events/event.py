"""What every event of a complaint is."""

from dataclasses import field
from typing import Annotated, Any, ClassVar

from eventsourcing.domain import AggregateEvent

from domain.values import AGAINST_PEOPLE, PERSONAL, PLACES, ActedBy, Imported

PersonalText = Annotated[str, PERSONAL]
OptionalPersonalText = Annotated[str | None, PERSONAL]
NamedPerson = Annotated[str, AGAINST_PEOPLE]
NamedPeople = Annotated[tuple[str, ...], AGAINST_PEOPLE]


class ComplaintEvent(AggregateEvent):
    """The root of all events of a complaint. `imported`: it happened in another system, and was brought in later."""

    TOPIC: ClassVar[str]
    actor: ActedBy
    imported: Annotated[Imported | None, PLACES] = field(default=None, kw_only=True)

    def apply(self, aggregate: Any) -> None:
        aggregate.evolve(self)
