"""What a procedure's own codes are called: by its file, and by the general words where it names none."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from domain.procedure.moments import INFORMED
from domain.procedure.procedure import ESCALATED, EVIDENCE, ClockRule, Procedure
from domain.titles import Language, Title
from wording.moments import MOMENTS
from wording.people import ROLES
from wording.requirements import MISSING, REQUIREMENTS
from wording.sentences import listed, sentence

EVERY_UNIT = Title("每个责任单位", "each unit")
TO_ROLES = Title("上报{roles}", "to {roles}")
SOFT = Title("只预警", "warns only")
WINDOW = Title("期限窗口", "window")
GONE_UP = Title("已上报{role}", "gone up to {role}")
ROLE_INFORMED = Title("上报{role}", "{role} informed")


def titled(titles: Mapping[str, Title], code: str) -> Title:
    """The code itself where nobody gave it a name."""
    return titles.get(code) or Title(code, code)


@lru_cache(maxsize=256)
def own_words(procedure: Procedure) -> Mapping[str, Mapping[str, Title]]:
    """What a procedure calls its own codes, by subject; sub-categories that its file does not list have no title."""
    return {
        "procedures": {procedure.code: procedure.title},
        "kinds": procedure.kinds,
        "severities": {code: severity.title for code, severity in procedure.severities.items()},
        "categories": {code: category.title for code, category in procedure.categories.items()},
        "issue-points": {code: point.title for code, point in procedure.issue_points.items()},
        "roles": {**ROLES, **procedure.roles},
        "units": procedure.units,
        "clocks": {rule.name: _shared_title(procedure, rule.name) for rule in procedure.clocks},
        "form": {field.name: field.title for field in procedure.form},
        "evidence": procedure.evidence,
        "remedies": procedure.remedies,
        "fault-grades": procedure.fault_grades,
        "compensation-bases": procedure.compensation.billing_errors,
        "reports": {rule.period: rule.title for rule in procedure.reports},
    }


def _shared_title(procedure: Procedure, clock: str) -> Title:
    """All titles where rules for several severities or kinds share the name of the clock."""
    titles = dict.fromkeys(rule.title for rule in procedure.clocks if rule.name == clock)
    return Title("／".join(title.zh for title in titles), " / ".join(title.en for title in titles))


def role_title(procedure: Procedure, role: str) -> Title:
    return procedure.roles.get(role) or titled(ROLES, role)


def role_titles(procedure: Procedure, roles: Iterable[str]) -> tuple[Title, ...]:
    return tuple(role_title(procedure, role) for role in roles)


def severity_titles(procedure: Procedure, severities: Iterable[str]) -> tuple[Title, ...]:
    titles = {code: severity.title for code, severity in procedure.severities.items()}
    return tuple(titled(titles, code) for code in severities)


def clock_title(procedure: Procedure, name: str) -> Title:
    """Of a clock as such; one that runs is called by the rule that it runs by."""
    return titled(own_words(procedure)["clocks"], name)


def moment_title(procedure: Procedure, moment: str) -> Title:
    """Of a moment of incidents with the role that is informed."""
    if not moment.startswith(INFORMED):
        return titled(MOMENTS, moment)
    role = role_title(procedure, moment.removeprefix(INFORMED))
    return Title(sentence(ROLE_INFORMED, "zh", role=role), sentence(ROLE_INFORMED, "en", role=role))


def unit_title(procedure: Procedure, unit: str) -> Title:
    return titled(procedure.units, unit)


def need_title(procedure: Procedure, need: str) -> Title:
    """What a requirement is called; a piece of evidence by the title that the procedure gives it."""
    if need.startswith(EVIDENCE):
        return titled(procedure.evidence, need.removeprefix(EVIDENCE))
    if need.startswith(ESCALATED):
        role = role_title(procedure, need.removeprefix(ESCALATED))
        return Title(sentence(GONE_UP, "zh", role=role), sentence(GONE_UP, "en", role=role))
    return REQUIREMENTS.get(need) or titled(MISSING, need)  # a stage of one that files name, or what no file names


def conditions_of(procedure: Procedure, rule: ClockRule, language: Language) -> list[str]:
    """For whom a clock runs and how strict it is; empty for one that is hard and for every complaint."""
    found: list[str] = []
    if rule.severities:
        chosen = (code for code in procedure.severities if code in rule.severities)
        found.append(listed(severity_titles(procedure, chosen), language))
    if rule.kinds:
        found.append(listed([title for code, title in procedure.kinds.items() if code in rule.kinds], language))
    if rule.per_unit:
        found.append(EVERY_UNIT.in_(language))
    if rule.to_roles:
        roles = role_titles(procedure, (code for code in procedure.roles if code in rule.to_roles))
        found.append(sentence(TO_ROLES, language, roles=roles))
    if rule.soft:
        found.append(SOFT.in_(language))
    if rule.window:
        found.append(WINDOW.in_(language))
    return found
