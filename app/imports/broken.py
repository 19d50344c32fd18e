"""Files that nothing can be taken from, or only up to a row."""

from domain.errors import Invalid


class NotATable(Invalid):
    """Neither CSV, XLSX nor NDJSON, or without a heading; the parts say what it is."""


class RowUnreadable(NotATable):
    """The file breaks off at a row, mostly for a quote that is never closed."""

    def __init__(self, row: int) -> None:
        super().__init__("/file", row=row)
        self.row = row
