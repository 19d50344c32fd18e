"""Why something is refused, in words: which rule it is, and what to do next. Never personal data.

One table per family, from the name of the error's class; its facts fill the sentence.
"""

from collections.abc import Mapping
from typing import Final

from domain.errors import Declined, Missing, Refused
from domain.titles import Language, Title
from wording.people import ROLES
from wording.procedures import titled
from wording.refusals import (
    access,
    calls,
    compensation,
    families,
    handling,
    imports,
    incidents,
    opinion,
    proof,
    request,
    service,
    state,
    who,
)
from wording.refusals.sentence import RefusalWords
from wording.requirements import MISSING
from wording.sentences import clauses, joined, sentence

REFUSALS: Final[Mapping[str, RefusalWords]] = {
    **families.WORDS,
    **request.WORDS,
    **state.WORDS,
    **opinion.WORDS,
    **proof.WORDS,
    **handling.WORDS,
    **compensation.WORDS,
    **who.WORDS,
    **incidents.WORDS,
    **imports.WORDS,
    **service.WORDS,
    **calls.WORDS,
    **access.WORDS,
}


def refusal_text(error: Declined, language: Language) -> str:
    """Its sentences; a fact that is None or False is not given."""
    words, facts = REFUSALS[type(error).__name__], dict(error.facts)
    if isinstance(error, Refused) and error.missing:
        facts["missing"] = clauses(missing_in_words(error.missing, language), language)
    parts = (words.sentence, *(part for name, part in words.more.items() if _is_given(facts.get(name))))
    return joined((sentence(part, language, **facts) for part in parts), language)


def _is_given(fact: object) -> bool:
    return fact is not None and fact is not False  # nought is a fact


def missing_in_words(missing: Missing, language: Language) -> list[str]:
    """What is missing, each in words; `form.order_no` is a box of the form, `evidence.photo` a piece of evidence."""
    return [_missing_in_words(code, title, language) for code, title in missing.items()]


def _missing_in_words(code: str, title: Title | None, language: Language) -> str:
    if code in MISSING:
        return MISSING[code].in_(language)
    kind, _, own = code.partition(".")
    return sentence(MISSING[kind], language, title=title or titled(ROLES, own), code=own)
