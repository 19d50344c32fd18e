"""What every section of a procedure file refers to: the words that the file itself defines, and titles."""

from collections.abc import Collection
from typing import Final

from domain.complaint.steps import STEPS
from domain.limits.calendar import FIRST_YEAR, LAST_YEAR, OutsideCalendar
from domain.limits.limits import Limit, SameDay, parse_limit
from domain.limits.wrong import WrongRule
from domain.procedure.procedure import ClockRule
from domain.titles import Title
from procedures.yaml_entry import Entry
from procedures.yaml_gatherer import Fields, Gatherer

# Roles that every deployment has, whatever its procedures call their own.
GENERAL_ROLES: Final = ("integration", "partner", "auditor", "quality", "admin")
STEP_NAMES: Final = ("receive", *(step.name for step in STEPS))
NO_TITLE: Final = Title("", "")
NO_LIMIT: Final[Limit] = SameDay()
NO_ENTRIES: Final[list[Entry]] = []


class Words(Gatherer):
    """Gathers mistakes, and knows the words of the file as far as it has been read."""

    def __init__(self, calendars: Collection[str], *, is_kept: bool = False) -> None:
        super().__init__()
        self.calendars, self.is_kept = calendars, is_kept
        # None: the section itself is unreadable, and complaints about what refers to it would only repeat that.
        self.roles: Collection[str] | None = None
        self.severities: Collection[str] | None = None
        self.steps: Collection[str] | None = None
        self.sighted: Collection[str] | None = None
        self.kinds: Collection[str] | None = None
        self.evidence: Collection[str] = ()
        self.read_clocks: tuple[ClockRule, ...] = ()
        self.dispatchers: Collection[str] | None = None
        self.is_for_incidents = False

    def titles(self, fields: Fields, name: str, least: int = 1) -> dict[str, Title]:
        entries = self.coded(fields, name, least)
        return {code: self.wording(self.fields(entry, ("zh", "en"))) for code, entry in entries.items()}

    def title(self, fields: Fields, name: str) -> Title:
        return self.wording(self.fields(fields[name], ("zh", "en"))) if name in fields else NO_TITLE

    def wording(self, fields: Fields) -> Title:
        return Title(self.value(fields, "zh", Entry.text, ""), self.value(fields, "en", Entry.text, ""))

    def tell(self, fields: Fields, name: str) -> tuple[str, ...]:
        return self.names(fields, name, self.roles, "role")


def limit(entry: Entry) -> Limit:
    """A time limit as procedures write it. Raises `Mistake`."""
    try:
        return parse_limit(entry.text())
    except OutsideCalendar:
        raise entry.error("date-outside", first=FIRST_YEAR, last=LAST_YEAR) from None
    except WrongRule as wrong:
        raise entry.error(wrong.code, **wrong.facts) from None
