"""What comes before a step, who owns a case, and how customers are compensated."""

from collections.abc import Iterator

from domain.procedure.procedure import Needs, Procedure
from domain.titles import Title
from procedures.description.line import Rule, rule
from wording.procedures import clock_title, need_title, role_title, role_titles
from wording.subjects import title


def needs(procedure: Procedure) -> Iterator[Rule]:
    """What must have happened before a step: everywhere, at a severity, in a category."""
    yield from _needs_of(procedure, None, procedure.step_needs)
    for severity in procedure.severities.values():
        yield from _needs_of(procedure, severity.title, severity.step_needs)
    for category in procedure.categories.values():
        of_close = {"close": category.close_needs} if category.close_needs else {}
        yield from _needs_of(procedure, category.title, {**category.step_needs, **of_close})
        if justified := tuple(need_title(procedure, need) for need in category.justified_needs):
            yield rule("justified-needs", of=category.title, needs=justified)
    if procedure.apology_when_at_fault:
        yield rule("apology")
    if procedure.overridable:
        titles = tuple(need_title(procedure, need) for need in procedure.overridable)
        yield rule("overridable", needs=titles, roles=role_titles(procedure, procedure.steps.get("override", ())))


def _needs_of(procedure: Procedure, of: Title | None, step_needs: Needs) -> Iterator[Rule]:
    for step, needed in step_needs.items():
        titles = tuple(need_title(procedure, need) for need in needed)
        yield rule("step-needs-of" if of else "step-needs", step=title("steps", step), of=of, needs=titles)


def step_titles(steps: tuple[str, ...]) -> tuple[Title, ...]:
    return tuple(title("steps", step) for step in steps)


def ownership(procedure: Procedure) -> Iterator[Rule]:
    """Who owns the case, how it changes hands and how it climbs."""
    if procedure.first_contact_follows:
        yield rule("first-contact")
    if procedure.owner_must_accept:
        yield rule("hand-over")
    if procedure.ladder:
        yield rule("ladder", roles=role_titles(procedure, procedure.ladder))
    for category in procedure.categories.values():
        if category.decided_by:
            roles, steps = role_titles(procedure, category.decided_by), step_titles(category.decided)
            yield rule("decided-by", category=category.title, roles=roles, steps=steps)
        if category.found_by:
            yield rule("found-by", category=category.title, roles=role_titles(procedure, category.found_by))
    for severity in procedure.severities.values():
        if severity.ended_by:
            yield rule("ended-by", of=severity.title, roles=role_titles(procedure, severity.ended_by))
    for role, clocks in procedure.extendable.items():
        titles = tuple(clock_title(procedure, clock) for clock in clocks)
        yield rule("extends", role=role_title(procedure, role), clocks=titles)


def compensation(procedure: Procedure) -> Iterator[Rule]:
    """Verified first, so many times over, credit first, and who approves which amount."""
    if "propose-compensation" not in procedure.steps:
        return
    rules = procedure.compensation
    if rules.verified_first:
        yield rule("verified-first")
    if rules.billing_errors:
        yield rule("billing-errors", times=rules.times, errors=tuple(rules.billing_errors.values()))
    if rules.credit_first:
        yield rule("credit-first")
    for line in rules.authority:
        roles = role_titles(procedure, line.roles)
        if line.up_to is None:
            yield rule("authority-over-any", roles=roles)
        else:
            yield rule("authority", amount=line.up_to, currency=rules.currency, roles=roles)
