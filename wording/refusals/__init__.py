"""Why something is refused, in words: which rule it is, and what to do next. Never personal data.

One table per family, from the name of the error's class; its facts fill the sentence.
"""

from collections.abc import Mapping
from typing import Final

from domain.procedure.titles import Language
from wording.refusals import compensation, families, handling, incidents, opinion, request, service, state, who
from wording.refusals.sentence import RefusalWords
from wording.sentences import joined, sentence

REFUSALS: Final[Mapping[str, RefusalWords]] = {
    **families.WORDS,
    **request.WORDS,
    **state.WORDS,
    **opinion.WORDS,
    **handling.WORDS,
    **compensation.WORDS,
    **who.WORDS,
    **incidents.WORDS,
    **service.WORDS,
}


def refusal_in_words(error: str, facts: Mapping[str, object], language: Language) -> str:
    """The sentences of the error of this name. A fact that is None or False is not given."""
    words = REFUSALS[error]
    parts = (words.sentence, *(part for name, part in words.more.items() if facts.get(name) not in (None, False)))
    return joined((sentence(part, language, **facts) for part in parts), language)
