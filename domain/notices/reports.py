"""周报、月报: whom the report of a period tells, and its figures in words. Nobody is named in them."""

from collections.abc import Iterable, Iterator
from typing import Final

from domain.notices.notices import Addressee, Telling
from domain.notices.words import PROCEDURE, Language, Words, colon, in_words, lines_of
from domain.procedure.procedure import Procedure
from domain.procedure.titles import Title
from domain.reporting.indicators import INDICATORS
from domain.reporting.reports import PeriodReported, ReportedFigure

TELLING: Final = (PeriodReported,)
REPORTED: Final = Title("周期报告", "Report")
RISEN: Final = Title("投诉量上升", "Complaints have risen")
PERIOD: Final = Title("周期", "Period")
BEFORE: Final = Title("上期 {before}", "before: {before}")
NOTHING: Final = "—"
HOUR: Final = 3600.0  # seconds


def tellings_of(event: PeriodReported) -> tuple[Telling, ...]:
    """Who is to be told, each once: those who hear of a rise first, then those who get every report."""
    roles: Iterable[str] = dict.fromkeys((*event.rise_told, *event.told))
    return tuple(Telling(Addressee("role", role)) for role in roles)


def number_of(event: PeriodReported) -> str:
    """What the report is called: the procedure and its period, as in `COURIER-2026-03`."""
    return f"{event.procedure.upper()}-{event.period}"


def words_of(event: PeriodReported, procedure: Procedure, language: Language, to: Addressee) -> Words:
    """Every figure with that of the period before; those who hear of a rise read of it in the title."""
    rule = next((rule for rule in procedure.reports if rule.period == event.kind), None)
    report = in_words(procedure.title if rule is None else rule.title, language)
    head = in_words(RISEN if to.code in event.rise_told else REPORTED, language)
    facts = [
        (PROCEDURE, in_words(procedure.title, language)),
        (PERIOD, f"{event.period} ({event.first} – {event.last})"),
        *_figures(event.figures, language),
    ]
    return Words(f"{head}{colon(language)}{report} {event.period}", lines_of(facts, language))


def _figures(figures: Iterable[ReportedFigure], language: Language) -> Iterator[tuple[Title, str]]:
    for one in figures:
        indicator = INDICATORS.get(one.indicator)
        title = Title(one.indicator, one.indicator) if indicator is None else indicator.title
        shape = "count" if indicator is None else indicator.shape
        before = in_words(BEFORE, language).format(before=_value(one.before, shape))
        rise = "" if one.rise is None else f", {one.rise:+g} %"
        money = "" if one.amount is None else f" {one.amount} {one.currency or ''}".rstrip()
        yield title, f"{_value(one.value, shape)}{money} ({before}{rise})"


def _value(value: float | None, shape: str) -> str:
    """Shares in per cent, durations in hours, everything else as it was counted."""
    if value is None:
        return NOTHING
    if shape == "rate":
        return f"{100 * value:.1f} %"
    return f"{value / HOUR:.1f} h" if shape == "duration" else f"{value:g}"
