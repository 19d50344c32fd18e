"""How a case ends: callbacks, what the close needs, reopening; and the reports of what happened."""

from collections.abc import Iterator

from domain.procedure.procedure import Procedure
from procedures.description.line import Rule, rule
from procedures.description.needs import needs, step_titles
from wording.procedures import need_title, role_titles, severity_titles
from wording.subjects import title


def closing(procedure: Procedure) -> Iterator[Rule]:
    if "record-callback" in procedure.steps:
        yield rule("callback", tries=procedure.callback_attempts)
    if procedure.dissatisfaction is not None:
        found = procedure.dissatisfaction
        roles, deciding = role_titles(procedure, found.tell), role_titles(procedure, found.decides)
        steps = step_titles(found.decided)
        then = {"steps": steps, "notice": found.notice, "verdict": found.verdict}
        yield rule("dissatisfied", count=found.count, roles=roles, deciding=deciding, **then)
    yield from needs(procedure)
    if procedure.notice_when_justified:
        yield rule("justified")
    for needed, severities in closing_needs(procedure).items():
        titles = tuple(need_title(procedure, need) for need in needed)
        code = "close-needs-of" if severities else "close-needs"
        yield rule(code, severities=severity_titles(procedure, severities), needs=titles)
    if "reopen" in procedure.steps and procedure.reopens:
        yield rule("reopening", states=tuple(title("states", state) for state in sorted(procedure.reopens)))


def closing_needs(procedure: Procedure) -> dict[tuple[str, ...], tuple[str, ...]]:
    """What closing needs, and the severities that need just that; only where something is needed."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for code, severity in procedure.severities.items():
        needed = tuple(dict.fromkeys((*procedure.close_needs, *severity.close_needs)))
        if needed:
            found[needed] = (*found.get(needed, ()), code)
    if not procedure.severities and procedure.close_needs:
        found[procedure.close_needs] = ()
    return found


def reports(procedure: Procedure) -> Iterator[Rule]:
    for report in procedure.reports:
        roles, risen = role_titles(procedure, report.tell), role_titles(procedure, report.rise_tell)
        code = "report" if not risen else "report-and-rise" if roles else "report-of-rise"
        yield rule(code, report=report.title, roles=roles, risen=risen)
