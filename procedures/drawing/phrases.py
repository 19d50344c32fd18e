"""The short phrases that both kinds of drawing share."""

from domain.procedure.procedure import Procedure
from domain.titles import Language
from procedures.drawing.flow import Passage
from wording.drawings import HEADING, WHY
from wording.procedures import role_titles, severity_titles
from wording.sentences import listed, sentence
from wording.states import DRAWN
from wording.subjects import text


def heading(procedure: Procedure, language: Language) -> str:
    return sentence(HEADING, language, title=procedure.title, code=procedure.code, version=procedure.version)


def step_name(step: str, language: Language) -> str:
    return text("steps", step, language)


def state_name(state: str, language: Language) -> str:
    return DRAWN[state].in_(language)


def role_names(procedure: Procedure, roles: tuple[str, ...], language: Language) -> str:
    return listed(role_titles(procedure, roles), language)


def way_words(procedure: Procedure, passage: Passage, language: Language) -> str:
    """When a way off the main path is taken; empty where the step says it all."""
    if passage.why:
        return WHY[passage.why].in_(language)
    return listed(severity_titles(procedure, passage.severities), language)
