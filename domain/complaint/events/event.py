"""What every event of a complaint is."""

from typing import Annotated, Any, ClassVar

from eventsourcing.domain import AggregateEvent

from domain.values import AGAINST_PEOPLE, PERSONAL, ActedBy

PersonalText = Annotated[str, PERSONAL]
OptionalPersonalText = Annotated[str | None, PERSONAL]
NamedPerson = Annotated[str, AGAINST_PEOPLE]
NamedPeople = Annotated[tuple[str, ...], AGAINST_PEOPLE]


class ComplaintEvent(AggregateEvent):
    """The root of all events of a complaint."""

    TOPIC: ClassVar[str]
    actor: ActedBy

    def apply(self, aggregate: Any) -> None:
        aggregate.evolve(self)
