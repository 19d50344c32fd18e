"""The number of a complaint that a person can quote."""

from datetime import date

from app.commands.query_codes import new_query_code
from domain.procedure.procedure import Procedure


def counted_on(day: date, kind: str, procedure: Procedure) -> date | None:
    """The day in whose sequence it stands.

    举报保密: what is confidential is in none, or a hole in it would tell that there is something to see.
    """
    return None if kind in procedure.confidential_to else day


def number_of(procedure: Procedure, day: date, count: int) -> str:
    """The number of the one that was counted so on its day; one that was not (0) gets what nobody guesses."""
    last = f"{count:06d}" if count else new_query_code()
    return f"{procedure.code.upper()}-{day:%Y%m%d}-{last}"
