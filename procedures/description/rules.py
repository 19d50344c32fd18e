"""The rules of a procedure beside its steps and clocks: a code of wording/rules.py for each, with its facts."""

from collections.abc import Iterator

from domain.procedure.procedure import OWN_UNIT, Procedure
from domain.titles import Language, Title
from procedures.description.closing import closing, reports
from procedures.description.incidents import incidents
from procedures.description.line import Rule, rule
from procedures.description.needs import compensation, ownership
from wording.contact import MEANS
from wording.procedures import clock_title, role_title, role_titles, severity_titles, titled, unit_title
from wording.rules import rule_in_words


def rules_told(procedure: Procedure, language: Language) -> list[tuple[str, str]]:
    """(subject, sentence) of every rule that can come to bear here, in the order in which a complaint meets them."""
    return [rule_in_words(code, language, **facts) for code, facts in _rules(procedure)]


def _rules(procedure: Procedure) -> Iterator[Rule]:
    yield from _intake(procedure)
    yield from _handling(procedure)
    yield from ownership(procedure)
    yield from compensation(procedure)
    yield from closing(procedure)
    yield from reports(procedure)
    yield from incidents(procedure)


def _intake(procedure: Procedure) -> Iterator[Rule]:
    if not procedure.anonymous_allowed:
        yield rule("not-anonymous")
    for severity in procedure.severities.values():
        if severity.tell:
            yield rule("told-at-once", severity=severity.title, roles=role_titles(procedure, severity.tell))
    for kind, circle in procedure.confidential_to.items():
        announced = role_titles(procedure, procedure.announced_to)
        roles = role_titles(procedure, circle)
        yield rule("confidential", kind=titled(procedure.kinds, kind), roles=roles, announced=announced)
    if procedure.requires_query_code:
        yield rule("query-code")
    if procedure.duplicates_allowed:
        yield rule("duplicates")
    if procedure.issue_points:
        code = "issue-points-offered" if procedure.unlisted_issue_points_allowed else "issue-points"
        yield rule(code, points=tuple(point.title for point in procedure.issue_points.values()))
    recurrence = procedure.recurrence
    if recurrence is not None:
        severity_title, raised = severity_titles(procedure, (recurrence.severity, recurrence.raise_to))
        code = "recurrence" if recurrence.months > 1 else "recurrence-in-a-month"
        code = code if recurrence.counts_issue_points else "recurrence-of-a-customer"
        yield rule(code, months=recurrence.months, count=recurrence.count, severity=severity_title, raised=raised)


def _handling(procedure: Procedure) -> Iterator[Rule]:
    if "dispute-opinion" in procedure.steps:
        last = role_title(procedure, procedure.last_instance)
        yield rule("dispute-rounds", rounds=procedure.dispute_rounds, role=last)
    if procedure.return_window is not None:
        yield rule("return-window", clock=clock_title(procedure, procedure.return_window))
    yield from _conditions(procedure)
    severities = procedure.severities.items()
    if approved := [code for code, severity in severities if severity.approval]:
        yield rule("approval", severities=severity_titles(procedure, approved))
    if each := [code for code, severity in severities if severity.approval_of_each_unit]:
        yield rule("approval-of-each-unit", severities=severity_titles(procedure, each))
    for role, unit in procedure.heads.items():
        code = "head-of-own" if unit == OWN_UNIT else "head-of"
        yield rule(code, role=role_title(procedure, role), unit=unit_title(procedure, unit))
    if procedure.remedies:
        yield rule("remedies", remedies=tuple(procedure.remedies.values()))
    if procedure.carded_clocks:
        titles = dict.fromkeys(clock.title for clock in procedure.clocks if clock.name in procedure.carded_clocks)
        yield rule("cards", clocks=tuple(titles))
    yield from _standstill(procedure)
    if procedure.routes:
        yield rule("routes", routes=tuple(_routes(procedure)))
    if "inform-customer" in procedure.steps:
        yield rule("means", means=tuple(titled(MEANS, means) for means in procedure.informs_by))


def _standstill(procedure: Procedure) -> Iterator[Rule]:
    """How long clocks may stand still, and who hears of it when one is missed again."""
    for clock in procedure.clocks:
        if clock.tell_at_second_miss:
            yield rule("second-miss", clock=clock.title, roles=role_titles(procedure, clock.tell_at_second_miss))
    if "pause" in procedure.steps:
        yield rule("pause", limit=procedure.longest_pause)
    bounds = procedure.bounds
    if bounds is not None and "pause" in procedure.steps:
        yield rule("most-pauses", most=bounds.pauses, times=bounds.times)
    if bounds is not None and "extend" in procedure.steps:
        yield rule("most-extensions", most=bounds.extensions, times=bounds.times)


def _conditions(procedure: Procedure) -> Iterator[Rule]:
    """What comes before something else, and who is heard."""
    if first := [code for code, severity in procedure.severities.items() if severity.explain_first]:
        yield rule("explain-first", severities=severity_titles(procedure, first))
    if procedure.evidence_examined_by:
        yield rule("return-with-evidence", roles=role_titles(procedure, procedure.evidence_examined_by))
    if "extend" in procedure.steps and procedure.interim_measure_before_extension:
        yield rule("extension-after-measure")
    if "extend" in procedure.steps and procedure.word_before_extension:
        yield rule("extension-after-word")
    if procedure.solution_before_execution:
        yield rule("solution-first")
    for code, repeated in (("plans-refused", procedure.disagreement), ("returns", procedure.returns)):
        if repeated is not None:
            yield rule(code, count=repeated.count, roles=role_titles(procedure, repeated.tell))


def _routes(procedure: Procedure) -> Iterator[Title]:
    """Every `category → unit`, by their titles."""
    categories = {code: category.title for code, category in procedure.categories.items()}
    for code, unit in procedure.routes.items():
        source, target = titled(categories, code), unit_title(procedure, unit)
        yield Title(f"{source.zh} → {target.zh}", f"{source.en} → {target.en}")
