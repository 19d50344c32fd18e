"""处理方法: the plan that is on the table, of each unit its own; one that nobody's unit made is that of all.

Another plan, one that the customer refused, and being asked anew leave the former plan behind, and what was said of it.
"""

from domain.complaint import events
from domain.complaint.state import Plan, RoundState
from domain.identity import levelled


def plan_of(now: RoundState, unit: str | None) -> Plan:
    """A unit's own plan; where it has none, that of all."""
    return now.plans.get(unit) or now.plans.get(None) or Plan()


def says_what_is_planned(now: RoundState, unit: str, text: str) -> bool:
    """Whether these are the words of a unit's plan, or of that of all."""
    planned = plan_of(now, unit).text
    return planned is not None and levelled(planned) == levelled(text)


def plan_agreed_or_refused(now: RoundState, event: events.SolutionAgreed) -> None:
    """Put a plan on the table, or take one off that the customer refuses. One for all replaces the units' own."""
    plan = plan_of(now, event.unit)
    if plan.text is None or levelled(plan.text) != levelled(event.text):
        plan = _next(now, plan, event.text)
    if not event.agreed:
        plan = _next(now, plan, None)
    now.plans = {None: plan} if event.unit is None else {**now.plans, event.unit: plan}


def every_plan_lapses(now: RoundState) -> None:
    """Sent out anew, the plan is made anew."""
    now.plans = {None: _next(now, plan_of(now, None), None)}


def own_plan_lapses(now: RoundState, unit: str) -> None:
    """A unit that is asked anew begins anew."""
    now.plans.pop(unit, None)


def _next(now: RoundState, before: Plan, text: str | None) -> Plan:
    now.plans_made += 1
    return Plan(now.plans_made, before.number, text)
