"""How much a procedure file may hold, so that reading or asking for it keeps nobody else's requests waiting.

What is looked up for a complaint, or shown to everybody, grows with it: clocks with the severities and kinds they are
for, titles with units and categories. A provincial hotline sends its work to several hundred units.
"""

from collections.abc import Mapping
from typing import Final

import yaml

from procedures.yaml_entry import Entry

# By the name of the section or list; anything else that holds entries may hold the last of these.
MOST: Final[Mapping[str, int]] = {"units": 2000, "categories": 2000, "routes": 2000, "clocks": 200, "severities": 20,
                                   "issue_points": 500}
MOST_OTHERWISE: Final = 100


def refuse_too_large(top: Entry) -> None:
    """Raises the mistake of the first section that holds more than it may, before anything is made of it."""
    waiting = [("", top)]
    while waiting:
        name, entry = waiting.pop()
        node = entry.node
        if isinstance(node, yaml.ScalarNode):
            continue
        most = MOST.get(name, MOST_OTHERWISE)
        if len(node.value) > most:
            raise entry.error("too-many", most=most)
        if isinstance(node, yaml.SequenceNode):
            within = [(name, entry.within(one, f"[{index}]")) for index, one in enumerate(node.value)]
        else:
            within = [(key.value, entry.within(one, f".{key.value}")) for key, one in node.value
                      if isinstance(key, yaml.ScalarNode)]  # fmt: skip
        waiting.extend(reversed(within))
