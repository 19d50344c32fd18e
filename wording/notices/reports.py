"""周报、月报: the report of a period, with its figures in words. Nobody is named in them."""

from collections.abc import Iterable, Iterator
from typing import Final

from domain.indicators import INDICATORS
from domain.procedure.procedure import Procedure
from domain.reporting.reports import PeriodReported, ReportedFigure, hot_spots
from domain.titles import Language, Title
from wording.notices.message import PROCEDURE, Words, lines_of
from wording.sentences import COLON, listed, sentence
from wording.subjects import title

REPORTED: Final = Title("周期报告", "Report")
RISEN: Final = Title("投诉量上升", "Complaints have risen")
PERIOD: Final = Title("周期", "Period")
BEFORE: Final = Title("上期 {before}", "before: {before}")
HOT_SPOTS: Final = Title("热点", "Hot spots")
NOTHING: Final = "—"
HOUR: Final = 3600.0  # seconds


def words_of_report(event: PeriodReported, procedure: Procedure, language: Language, *, rose: bool) -> Words:
    """Every figure with that of the period before; `rose` for those who hear of a rise, and read of it in the title."""
    rule = next((rule for rule in procedure.reports if rule.period == event.kind), None)
    report = (procedure.title if rule is None else rule.title).in_(language)
    head = (RISEN if rose else REPORTED).in_(language)
    facts = [
        (PROCEDURE, procedure.title.in_(language)),
        (PERIOD, f"{event.period} ({event.first} – {event.last})"),
        *_figures(event.figures, language),
        *_hot_spots(event, procedure, language),
    ]
    return Words(f"{head}{COLON.in_(language)}{report} {event.period}", lines_of(facts, language))


def _figures(figures: Iterable[ReportedFigure], language: Language) -> Iterator[tuple[Title, str]]:
    for one in figures:
        shape = INDICATORS.get(one.indicator, "count")
        money = "" if one.amount is None else f" {one.amount} {one.currency or ''}".rstrip()
        now, before = f"{_value(one.value, shape)}{money}", _value(one.before, shape)
        yield title("indicators", one.indicator), _compared(now, before, one.rise, language)


def _hot_spots(event: PeriodReported, procedure: Procedure, language: Language) -> Iterator[tuple[Title, str]]:
    """One line with all of them, the most frequent first."""
    points = [
        f"{procedure.issue_points[one.key].title.in_(language)} {_compared(str(one.count), str(one.before), one.rise, language)}"
        for one in hot_spots(event, procedure)
    ]
    if points:
        yield HOT_SPOTS, listed(points, language)


def _compared(now: str, before: str, rise: float | None, language: Language) -> str:
    risen = "" if rise is None else f", {rise:+g} %"
    return f"{now} ({sentence(BEFORE, language, before=before)}{risen})"


def _value(value: float | None, shape: str) -> str:
    """Shares in per cent, durations in hours, everything else as it was counted."""
    if value is None:
        return NOTHING
    if shape == "rate":
        return f"{100 * value:.1f} %"
    return f"{value / HOUR:.1f} h" if shape == "duration" else f"{value:g}"
