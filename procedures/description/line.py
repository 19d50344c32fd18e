"""One rule of a procedure as data: its code in wording/rules.py, and the facts of the file that its sentence names."""

Rule = tuple[str, dict[str, object]]


def rule(code: str, /, **facts: object) -> Rule:
    return code, facts
