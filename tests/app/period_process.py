"""A process that reports periods and is killed at the worst moment.

`python -m tests.app.period_process WHEN URL MOMENT`: WHEN is `before` or `after` what it appends for the third period.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import datetime
from typing import Final

from app.queries.period_counts import counts_for
from app.reports.period_runner import PeriodRunner
from domain.reporting.periods import Period
from domain.reporting.reports import PeriodReported
from tests.app.service_stories import open_office

NTH: Final = 3


class DyingPeriodRunner(PeriodRunner):
    """The real runner, in a process whose end is near."""

    when: str
    calls = 0

    async def _append(self, fact: PeriodReported, period: Period) -> None:
        self.calls += 1
        if self.calls == NTH and self.when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        await super()._append(fact, period)
        if self.calls == NTH and self.when == "after":
            os.kill(os.getpid(), signal.SIGKILL)


async def run(when: str, url: str, moment: datetime) -> None:
    DyingPeriodRunner.when = when
    async with open_office(url, moment) as office, office.follower() as follower:
        runner = DyingPeriodRunner(
            office.pool, office.log, office.codec, follower, office.library,
            counts_for(office.pool, office.codec, office.library), office.now,
        )  # fmt: skip
        async with runner:
            await asyncio.sleep(50)
    sys.exit("nothing killed it")


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2], datetime.fromisoformat(sys.argv[3])))
