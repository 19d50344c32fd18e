"""Answers packed with gzip, for callers who take it: JSON and CSV shrink to a tenth, files that are packed stay."""

from functools import partial
from typing import Final

from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from app.http.protocol.lists import XLSX_TYPE

WORTH_IT: Final = 1_000  # bytes: a smaller answer fits into one packet anyway
LEVEL: Final = 4  # a third of the time of level 9 for a few bytes more

Compressed = partial(
    GZipMiddleware,
    minimum_size=WORTH_IT,
    compresslevel=LEVEL,
    exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, XLSX_TYPE),
)
