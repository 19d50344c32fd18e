"""Every read model."""

from typing import Final

from projections.case import ReadModel
from projections.incidents_table import INCIDENTS
from projections.indicators_table import INDICATOR_ROWS
from projections.sla_table import SLA
from projections.tracking_table import TRACKING

READ_MODELS: Final[tuple[ReadModel, ...]] = (TRACKING, SLA, INDICATOR_ROWS, INCIDENTS)
