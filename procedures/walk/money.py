"""款项: what the file lets somebody begin about money, and lets nobody bring to its end."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from procedures.walk.findings import Finding
from procedures.walk.walk import Walk
from wording.steps import STEPS

# Each leaves something open that only the next one ends, however the case got there.
ONE_AFTER_THE_OTHER: Final = ("verify-charge", "propose-compensation", "approve-compensation", "pay-compensation")


def left_undone(walk: Walk) -> Iterator[Finding]:
    """Steps about money that the file has without the one that has to follow; no walk need come to them."""
    steps = walk.procedure.steps
    for step, following in pairwise(ONE_AFTER_THE_OTHER):
        if step in steps and following not in steps:
            yield Finding("money-left-undone", f"steps.{step}", {"following": STEPS[following]})
