"""What is owed without a limit of its own: called as the close calls it when it is missing."""

from typing import Final

from domain.procedure.procedure import Procedure
from domain.titles import Title
from wording.procedures import need_title
from wording.requirements import MISSING

BOXES: Final = "form."


def obligation_title(need: str, procedure: Procedure) -> Title:
    """Of a need of the close; what a file makes up itself by the file's title."""
    if need in MISSING:
        return MISSING[need]
    if need.startswith(BOXES):
        field = next((field for field in procedure.form if field.name == need.removeprefix(BOXES)), None)
        return Title(need, need) if field is None else field.title
    return need_title(procedure, need)
