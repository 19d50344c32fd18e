"""Every read model: those of the cases, and those of the calls, which follow the log by themselves."""

from typing import Final

from projections.calls_table import CALLS
from projections.case import ReadModel
from projections.incidents_table import INCIDENTS
from projections.indicators_table import INDICATOR_ROWS
from projections.lookups_table import LOOKUPS
from projections.search_table import TRACKING
from projections.sla_table import SLA

OF_CASES: Final[tuple[ReadModel, ...]] = (TRACKING, SLA, INDICATOR_ROWS, INCIDENTS, LOOKUPS)
OF_CALLS: Final[tuple[ReadModel, ...]] = (CALLS,)
READ_MODELS: Final[tuple[ReadModel, ...]] = OF_CASES + OF_CALLS
