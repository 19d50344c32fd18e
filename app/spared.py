"""What is loaded stays loaded, and costs nothing: no garbage collection looks at it again."""

import gc
from functools import cache


@cache
def spare_the_collector() -> None:
    """Without what is loaded by now in every full collection, no request waits for one. Done once in a process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
