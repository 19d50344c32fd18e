"""Every code that answers and events have, with what it is called: the product's, and those of each procedure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.titles import Title
from procedures.rules import Rules
from wording.procedures import own_words
from wording.subjects import SUBJECTS


@dataclass(frozen=True)
class Vocabulary:
    """Codes and their titles, by subject: `subjects` are the product's, `procedures` those that each file names.

    `refusals` are by slug; what stands in braces is filled in by the case. What has no title is called by its code.
    """

    subjects: Mapping[str, Mapping[str, Title]]
    refusals: Mapping[str, Title]
    procedures: Mapping[str, Mapping[str, Mapping[str, Title]]]


@dataclass(frozen=True)
class VocabularyQueries:
    """Everybody with a key may read it. `refusals`: of every problem that this service answers with."""

    rules: Rules
    refusals: Mapping[str, Title]

    @property
    def edition(self) -> tuple[Any, ...]:
        """Differs where the vocabulary does."""
        return tuple((one.code, one.version) for one in self.rules.procedures.values())

    def all(self) -> Vocabulary:
        """Of the procedures in force."""
        own = {procedure.code: own_words(procedure) for procedure in self.rules.procedures.values()}
        return Vocabulary(SUBJECTS, self.refusals, own)
