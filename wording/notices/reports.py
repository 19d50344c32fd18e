"""周报、月报: the report of a period, with its figures in words. Nobody is named in them."""

from collections.abc import Iterable, Iterator
from typing import Final

from domain.indicators import INDICATORS
from domain.procedure.procedure import Procedure
from domain.reporting.reports import PeriodReported, ReportedFigure
from domain.titles import Language, Title
from wording.notices.message import PROCEDURE, Words, lines_of
from wording.sentences import COLON, sentence
from wording.subjects import title

REPORTED: Final = Title("周期报告", "Report")
RISEN: Final = Title("投诉量上升", "Complaints have risen")
PERIOD: Final = Title("周期", "Period")
BEFORE: Final = Title("上期 {before}", "before: {before}")
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
    ]
    return Words(f"{head}{COLON.in_(language)}{report} {event.period}", lines_of(facts, language))


def _figures(figures: Iterable[ReportedFigure], language: Language) -> Iterator[tuple[Title, str]]:
    for one in figures:
        shape = INDICATORS.get(one.indicator, "count")
        before = sentence(BEFORE, language, before=_value(one.before, shape))
        rise = "" if one.rise is None else f", {one.rise:+g} %"
        money = "" if one.amount is None else f" {one.amount} {one.currency or ''}".rstrip()
        yield title("indicators", one.indicator), f"{_value(one.value, shape)}{money} ({before}{rise})"


def _value(value: float | None, shape: str) -> str:
    """Shares in per cent, durations in hours, everything else as it was counted."""
    if value is None:
        return NOTHING
    if shape == "rate":
        return f"{100 * value:.1f} %"
    return f"{value / HOUR:.1f} h" if shape == "duration" else f"{value:g}"
