"""A first mapping, guessed from the heading and the first rows of a file: to be read and corrected by a person."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import IO, Final

import yaml

from app.imports.tables import Row, Table, opened
from app.imports.workbooks import sheets_of
from domain.procedure.procedure import Procedure
from domain.titles import Language
from wording.column_names import (
    CATEGORY,
    CHANNELS,
    CLOSED_AT,
    ENDED,
    OF_COMPLAINTS,
    RATING,
    RESULT,
    STATUS,
    UNIT,
)
from wording.imports import GUESSED_FORMATS, SUGGESTED, TIME_FORMATS

LOOKED_AT: Final = 500  # rows
MOST_VALUES: Final = 30


def suggested(file: IO[bytes], procedure: Procedure, language: Language) -> str:
    """The mapping as YAML, with comments that say what to look at. Raises `NotATable`."""
    table = opened(file)
    sheets = sheets_of(file) if table.format == "xlsx" else []
    rows = [row for row in islice(table.rows, LOOKED_AT) if row is not None]
    return _Suggestion(table, rows, procedure, language, sheets).text()


class _Suggestion:
    def __init__(
        self, table: Table, rows: Sequence[Row], procedure: Procedure, language: Language, sheets: Sequence[str]
    ) -> None:
        self._sheets = sheets
        self._columns, self._rows, self._rules, self._language = table.columns, rows, procedure, language
        self._used: set[str] = set()

    def text(self) -> str:
        closed_at, result, status = (self._column(words) for words in (CLOSED_AT, RESULT, STATUS))
        found = {field: column for field, words in OF_COMPLAINTS.items() if (column := self._column(words))}
        category, unit, rating = (self._column(words) for words in (CATEGORY, UNIT, RATING))
        lines = [f"# {SUGGESTED['head'].in_(self._language)}", f"procedure: {self._rules.code}"]
        if len(self._sheets) > 1:
            lines.append(f"sheet: {_scalar(self._sheets[0])} # {', '.join(self._sheets[1:])}")
        formats = self._formats([found.get("received_at"), closed_at])
        lines += ["times:", f"  formats: {_flow(formats)}", "complaint:"]
        if "received_at" not in found:
            lines.append(f"  received_at: # {SUGGESTED['no-time'].in_(self._language)}")
        for field, column in found.items():
            lines.append(f"  {field}: {self._channel(column) if field == 'channel' else _scalar(column)}")
        lines += self._steps(found, closed_at, result, status, category)
        if status is not None:
            lines += [
                "status:", f"  column: {_scalar(status)}", f"  values: {_flow(self._statuses(status))}",
                f"  # {SUGGESTED['status'].in_(self._language)}",
            ]  # fmt: skip
        for kind, column in (("category", category), ("unit", unit), ("rating", rating)):
            if column is not None:
                values = ", ".join(self._values(column))
                lines.append(f"# {SUGGESTED[kind].in_(self._language)} {column}: {values}")
        return "\n".join([*lines, "facts: rest", ""])

    def _column(self, words: Iterable[str]) -> str | None:
        for word in words:
            for column in self._columns:
                if column not in self._used and _is_called(column.casefold(), word):
                    self._used.add(column)
                    return column
        return None

    def _steps(
        self,
        found: dict[str, str],
        closed_at: str | None,
        result: str | None,
        status: str | None,
        category: str | None,
    ) -> list[str]:
        lines = []
        if category is not None and "received_at" in found:
            usual = "other" if "other" in self._rules.categories else next(iter(self._rules.categories))
            values = dict.fromkeys(self._values(category), usual)
            lines += ["  - step: classify", f"    at: {_scalar(found['received_at'])}"]
            if self._rules.severities:
                lines.append(f"    severity: {{value: {next(iter(self._rules.severities))}}}")
            lines.append(f"    category: {{column: {_scalar(category)}, values: {_flow(values)}, otherwise: {usual}}}")
        if closed_at is not None:
            said = result or status
            lines += ["  - step: close", f"    at: {_scalar(closed_at)}"]
            lines.append(f"    outcome: {_scalar(status) if status else '{value: closed}'}")
            lines.append(f"    summary: {_scalar(said) if said else '{value: closed}'}")
        return ["steps:", *lines] if lines else []

    def _formats(self, columns: Iterable[str | None]) -> list[str]:
        """Those that read what stands in the columns of times; all that are usual, where none does."""
        written = [str(row[column]) for column in columns if column for row in self._rows if row.get(column)]
        known = (*TIME_FORMATS, *GUESSED_FORMATS)
        counts = Counter(next((one for one in known if _reads(one, text)), None) for text in written)
        return [one for one, _ in counts.most_common() if one is not None] or list(TIME_FORMATS)

    def _values(self, column: str) -> list[str]:
        counts = Counter(str(row[column]).strip() for row in self._rows if row.get(column))
        return [value for value, _ in counts.most_common(MOST_VALUES)]

    def _channel(self, column: str) -> str:
        meant = {
            value: next((code for word, code in CHANNELS.items() if word in value.casefold()), "partner")
            for value in self._values(column)
        }
        return f"{{column: {_scalar(column)}, values: {_flow(meant)}, otherwise: partner}}"

    def _statuses(self, column: str) -> dict[str, str]:
        return {
            value: "closed" if any(word in value.casefold() for word in ENDED) else "open"
            for value in self._values(column)
        }


def _is_called(name: str, word: str) -> bool:
    """Short words of Latin letters stand within too many others."""
    return name == word or (word in name and (len(word) > 2 or not word.isascii()))


def _reads(format: str, text: str) -> bool:
    try:
        datetime.strptime(text.strip(), format)  # noqa: DTZ007 (only whether it fits)
    except ValueError:
        return False
    return True


def _flow(value: object) -> str:
    written: str = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=10_000, sort_keys=False)
    return written.strip()


def _scalar(value: str) -> str:
    return _flow([value])[1:-1]
