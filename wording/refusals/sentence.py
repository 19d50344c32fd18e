"""A refusal in words: the sentence of its rule, and what is added to it where a fact is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.titles import Title


@dataclass(frozen=True)
class RefusalWords:
    """`more` by the name of the fact that it is said of; each part is a sentence of its own."""

    sentence: Title
    more: Mapping[str, Title] = field(default_factory=dict)
