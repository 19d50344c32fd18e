"""What a procedure for incidents says beside its steps and clocks."""

from collections.abc import Iterator

from domain.procedure.procedure import Procedure
from procedures.description.line import Rule, rule
from wording.contact import MEANS
from wording.procedures import role_titles, titled


def incidents(procedure: Procedure) -> Iterator[Rule]:
    """Nothing where the procedure is for complaints."""
    rules = procedure.incidents
    if rules is None:
        return
    for kind, roles in rules.must_be_told.items():
        yield rule("must-be-told", kind=titled(procedure.kinds, kind), roles=role_titles(procedure, roles))
    if rules.told_of_recovery:
        means = tuple(titled(MEANS, code) for code in rules.recovery_told_by)
        yield rule("told-of-end", roles=role_titles(procedure, rules.told_of_recovery), means=means)
    if rules.surge is not None:
        surge = rules.surge
        yield rule("call-surge", multiple=surge.multiple, days=surge.days, least=surge.at_least)
