"""无人值守: the form of an intake that nobody filled in, where a source says what becomes of what nobody took up."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from domain import errors
from domain.call.unattended import LeftBehind, Unattended
from domain.titles import Language
from procedures.rules import Rules
from wording.calls import MISSED, VOICEMAIL

MOMENT: Final = timedelta(seconds=1)


class UnattendedHours:
    """What each source says of its own, by `of`."""

    def __init__(self, of: Callable[[str], Unattended | None], rules: Rules, language: Language) -> None:
        self.of, self._rules, self._language = of, rules, language

    def form(self, unattended: Unattended, left: LeftBehind, at: datetime) -> Mapping[str, Any] | None:
        """None where somebody was to be there when it came, who has seen that it was missed."""
        if not left.is_voicemail and self._is_attended(unattended, at):
            return None
        subject, content = VOICEMAIL if left.is_voicemail else MISSED
        said: dict[str, Any] = {
            "procedure": unattended.procedure, "channel": "voicemail" if left.is_voicemail else "phone",
            "subject": subject.in_(self._language), "content": content.in_(self._language),
        }  # fmt: skip
        return said if unattended.kind is None else {**said, "kind": unattended.kind}

    def _is_attended(self, unattended: Unattended, at: datetime) -> bool:
        """By the hours of the calendar that the source names; without one nobody ever is."""
        calendar = self._rules.calendars.get(unattended.calendar or "")
        return calendar is not None and calendar.working_time(at, at + MOMENT) > timedelta(0)


def must_be_known(unattended: Unattended, rules: Rules) -> None:
    """Raises `UnknownProcedure`, `UnknownKind`, `UnknownCalendar` for what nobody published."""
    known = {code: one for code, one in rules.procedures.items() if one.incidents is None}
    procedure = known.get(unattended.procedure)
    if procedure is None:
        raise errors.UnknownProcedure(
            "/unattended/procedure", known={code: one.title for code, one in known.items()}
        )
    if unattended.kind is not None and unattended.kind not in procedure.kinds:
        raise errors.UnknownKind("/unattended/kind", known=procedure.kinds)
    if unattended.calendar is not None and unattended.calendar not in rules.calendars:
        raise errors.UnknownCalendar("/unattended/calendar", known=tuple(sorted(rules.calendars)))
