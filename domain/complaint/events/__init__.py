"""What can happen to a complaint, in the past tense. Events are permanent: add fields with defaults, never rename.

Every event carries who did it (`actor`); `timestamp` is when it was recorded. A field marked `PERSONAL` is sealed
before it reaches the log (docs/decisions/0002). Topics are explicit and never a Python path. Each module is a theme;
what its events change is in the module of the same name above.
"""

from eventsourcing.utils import register_topic

from domain.complaint.events.capa import *
from domain.complaint.events.classification import *
from domain.complaint.events.closing import *
from domain.complaint.events.compensation import *
from domain.complaint.events.deadlines import *
from domain.complaint.events.escalation import *
from domain.complaint.events.event import *
from domain.complaint.events.findings import *
from domain.complaint.events.handling import *
from domain.complaint.events.in_calls import *
from domain.complaint.events.intake import *
from domain.complaint.events.opinion import *
from domain.complaint.events.overriding import *
from domain.complaint.events.ownership import *
from domain.complaint.events.pausing import *
from domain.complaint.events.records import *
from domain.complaint.events.recurrence import *
from domain.complaint.events.redirecting import *
from domain.complaint.events.returning import *
from domain.complaint.events.scoring import *
from domain.complaint.events.taking_over import *
from domain.complaint.events.units import *

EVENTS: tuple[type[ComplaintEvent], ...] = tuple(ComplaintEvent.__subclasses__())
for _event in EVENTS:
    _event.TOPIC = f"complaint.{_event.__name__}"
    register_topic(_event.TOPIC, _event)


def type_of(topic: str) -> str:
    """`complaint.Dispatched` -> `Dispatched`."""
    return topic.rpartition(".")[2]


TEXTS_FOR_FEW = (FaultGraded,)  # of these what is said, too


def is_known_to_few(event: ComplaintEvent) -> bool:
    """差错定级: whether it is for those alone who see faults: a grading, and that its agent was named by it."""
    return isinstance(event, TEXTS_FOR_FEW) or (isinstance(event, AccusedNamed) and event.actor.role == "system")
