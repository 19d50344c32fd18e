"""What is owed without a limit of its own: called as the close calls it when it is missing."""

from typing import Final

from domain.procedure.procedure import Procedure
from domain.titles import Title
from wording.procedures import need_title, role_title
from wording.requirements import MISSING
from wording.sentences import sentence

# Of incidents: their end, and the record of them.
OF_INCIDENTS: Final = {
    "restored": Title("恢复正常", "back to normal"),
    "recorded": Title("做好事故记录并结束", "recorded and closed"),
}
TOLD: Final = ("told", "told-of-end")


def obligation_title(need: str, procedure: Procedure) -> Title:
    """Of a need of the close; what a file makes up itself by the file's title."""
    if need in MISSING:
        return MISSING[need]
    kind, _, role = need.partition(".")
    if kind in TOLD:
        told = role_title(procedure, role)
        return Title(*(sentence(MISSING[kind], language, title=told, code=role) for language in ("zh", "en")))
    return OF_INCIDENTS.get(need) or need_title(procedure, need)
