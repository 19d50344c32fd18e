"""All subjects by name: each a table from the codes of the product to what they are called."""

from collections.abc import Mapping
from typing import Final

from domain.titles import Language, Title
from wording import access, columns, contact, indicators, people, states, values
from wording.events import EVENTS
from wording.fields import FIELDS
from wording.moments import MOMENTS
from wording.requirements import REQUIREMENTS
from wording.steps import STEPS

SUBJECTS: Final[Mapping[str, Mapping[str, Title]]] = {
    "steps": STEPS,
    "events": EVENTS,
    "moments": MOMENTS,
    "requirements": REQUIREMENTS,
    "states": states.COMPLAINT,
    "incident-states": states.INCIDENT,
    "call-states": states.CALL,
    "directions": values.DIRECTIONS,
    "call-types": values.CALL_TYPES,
    "groups-of-calls": values.GROUPS_OF_CALLS,
    "call-consequences": values.CALL_CONSEQUENCES,
    "unit-states": states.UNIT,
    "unit-roles": states.UNIT_ROLES,
    "opinion-states": states.OPINION,
    "capa-states": states.CAPA,
    "compensation-states": states.COMPENSATION,
    "clock-states": states.CLOCK,
    "obligation-states": states.OBLIGATION,
    "notification-states": states.NOTIFICATION,
    "move-states": states.MOVE,
    "roles": people.ROLES,
    "addressees": people.ADDRESSEES,
    "kinds-of-people": people.KINDS,
    "people-states": people.PEOPLE_STATES,
    "sources": people.SOURCES,
    "channels": contact.CHANNELS,
    "means": contact.MEANS,
    "ways-out": contact.WAYS_OUT,
    "rated-by": contact.RATED_BY,
    "outcomes": values.OUTCOMES,
    "cards": values.CARDS,
    "approval-forms": values.APPROVAL_FORMS,
    "payments": values.PAYMENTS,
    "attachments": values.ATTACHMENTS,
    "relations": values.RELATIONS,
    "customer-checks": values.CUSTOMER_CHECKS,
    "days": values.DAYS,
    "periods": values.PERIODS,
    "digests": values.DIGESTS,
    "reach": values.REACH,
    "sight": values.SIGHT,
    "answers": values.ANSWERS,
    "truth": values.TRUTH,
    "streams": values.STREAMS,
    "customer-system": values.CUSTOMER_SYSTEM,
    "intervals": values.INTERVALS,
    "judgements": values.JUDGEMENTS,
    "counted-in": values.COUNTED_IN,
    "time": values.TIME,
    "shapes": values.SHAPES,
    "counts": values.COUNTS,
    "reported": values.REPORTED,
    "groups": values.GROUPS,
    "recurring": values.RECURRING,
    "published": values.PUBLISHED,
    "languages": values.LANGUAGE_NAMES,
    "indicators": indicators.INDICATORS,
    "access-kinds": access.KINDS,
    "access-outcomes": access.OUTCOMES,
    "columns": columns.COLUMNS,
    "imports": states.IMPORT,
    "imported": values.IMPORTED,
    "tables": values.TABLES,
    "fields": FIELDS,
}


def title(subject: str, code: str) -> Title:
    """What this code is called; the code itself where nobody gave it a name."""
    return SUBJECTS[subject].get(code) or Title(code, code)


def text(subject: str, code: str, language: Language) -> str:
    return title(subject, code).in_(language)
