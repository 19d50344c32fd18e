"""In which language a reader is answered: what `Accept-Language` asks for, else what the deployment speaks."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from fastapi import Request

from domain.titles import LANGUAGES, Language

LanguageOf = Callable[[Request], Language]

VARY: Final = "Accept-Language"
LONGEST: Final = 400  # characters of the header that are read
WEIGHT: Final = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.ASCII)


def language_of(default: Language) -> LanguageOf:
    """What tells the language of a request's answer. Asked only where an answer has words."""

    @lru_cache(maxsize=512)
    def chosen(header: str) -> Language:
        return _chosen(header, default)

    def language(request: Request) -> Language:
        header = ",".join(request.headers.getlist("accept-language"))
        return chosen(header[:LONGEST]) if header else default

    return language


def said_in(language: Language) -> dict[str, str]:
    """The headers of an answer that has words."""
    return {"Content-Language": language, "Vary": VARY}


def _chosen(header: str, default: Language) -> Language:
    """The best liked of ours: of equals the one named first. The default where none is liked."""
    ordered: list[Language] = [default, *(one for one in LANGUAGES if one != default)]
    weights, of_others = _weights(header)
    for language in ordered:
        weights.setdefault(language, of_others)
    best = max(weights, key=weights.__getitem__)
    return best if weights[best] > 0 else default


def _weights(header: str) -> tuple[dict[Language, float], float]:
    """How well liked our languages are, in the order they are named; and how well those that are not named."""
    weights: dict[Language, float] = {}
    of_others = 0.0
    for part in header.split(","):
        name, _, parameter = (piece.strip().lower() for piece in part.partition(";"))
        found = WEIGHT.fullmatch(parameter) if parameter else None
        if parameter and found is None:
            continue
        weight, primary = 1.0 if found is None else float(found[1]), name.partition("-")[0]
        if name == "*":
            of_others = weight
        for language in LANGUAGES:
            if language == primary:
                weights[language] = max(weight, weights.get(language, 0.0))
    return weights, of_others
