"""What comes before a step, who owns a case, and how customers are compensated: each rule as one line."""

from domain.procedure.procedure import Procedure
from procedures.wording import STEPS, Language, need_name, role_names, said, word

Line = tuple[str, str]


def needs_told(procedure: Procedure, language: Language) -> list[Line]:
    """What must have happened before a step: everywhere, at a severity, in a category."""
    chinese = language == "zh"
    sources = [("", procedure.step_needs)]
    sources += [(said(one.title, language), one.step_needs) for one in procedure.severities.values()]
    for category in procedure.categories.values():
        title = said(category.title, language)
        sources.append(
            (title, {**category.step_needs, **({"close": category.close_needs} if category.close_needs else {})})
        )
    found: list[Line] = []
    for title, needs in sources:
        for step, needed in needs.items():
            names = ("、" if chinese else ", ").join(need_name(procedure, need, language) for need in needed)
            about = word(STEPS, step, language) + (f" ({title})" if title else "")
            found.append((about, f"先{names}" if chinese else f"needs: {names}"))
    if procedure.apology_when_at_fault:
        found.append(
            ("员工过失", "属实的先由当事人和领导道歉再结案") if chinese
            else ("staff at fault", "the person and the leader apologise before the close")
        )  # fmt: skip
    return found


def ownership_told(procedure: Procedure, language: Language) -> list[Line]:
    """Who owns the case, how it changes hands and how it climbs."""
    chinese = language == "zh"
    found: list[Line] = []
    if procedure.first_contact_follows:
        found.append(("首问负责", "首问人跟踪到底") if chinese else ("first contact", "follows the case to its end"))
    if procedure.owner_must_accept:
        found.append(("移交", "接收人确认后才换责任人") if chinese else ("hand-over", "the next owner accepts first"))
    if procedure.ladder:
        roles = (" → ").join(role_names(procedure, (role,), language) for role in procedure.ladder)
        found.append(("逐级上报", roles) if chinese else ("ladder", roles))
    for category in procedure.categories.values():
        if category.decided_by:
            title, roles = said(category.title, language), role_names(procedure, category.decided_by, language)
            found.append((title, f"由{roles}决定派单") if chinese else (title, f"sent out by: {roles}"))
    for role, clocks in procedure.extendable.items():
        titles = {rule.name: rule.title for rule in procedure.clocks}
        names = ("、" if chinese else ", ").join(word(titles, clock, language) for clock in clocks)
        who = role_names(procedure, (role,), language)
        found.append((f"{who}可延期", names) if chinese else (f"{who} extends", names))
    return found


def compensation_told(procedure: Procedure, language: Language) -> list[Line]:
    """Verified first, so many times over, credit first, and who approves which amount."""
    if "propose-compensation" not in procedure.steps:
        return []
    chinese, rule = language == "zh", procedure.compensation
    found: list[Line] = []
    if rule.verified_first:
        found.append(("补偿", "先查证后退费") if chinese else ("compensation", "after the charge was verified"))
    if rule.billing_errors:
        errors = ("、" if chinese else ", ").join(said(title, language) for title in rule.billing_errors.values())
        found.append(
            ("收费误差", f"{rule.times} 倍返还差额: {errors}") if chinese
            else ("billing errors", f"{rule.times} x (charged - due): {errors}")
        )  # fmt: skip
    if rule.credit_first:
        found.append(("退费方式", "账户充值为主, 现金为辅") if chinese else ("method", "credit before cash"))
    for line in rule.authority:
        roles = role_names(procedure, line.roles, language)
        upto = "" if line.up_to is None else f"{line.up_to} {rule.currency}"
        found.append(
            ("补偿审批", f"{upto} 以内: {roles}" if upto else f"不限额: {roles}") if chinese
            else ("approval of money", f"up to {upto}: {roles}" if upto else f"any amount: {roles}")
        )  # fmt: skip
    return found
