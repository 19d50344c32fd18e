"""Whom a token makes of somebody: a file that says which claims give id, name, roles and unit.

    id: preferred_username
    name: name
    roles:
      claim: realm_access.roles
      values:
        complaint-agents: agent
        complaint-leads: [agent, manager]
    unit:
      claim: department
      values: {结算部: settlement}
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from procedures.yaml_entry import Entry, Mistake, closest, compose

FIELDS: Final = ("id", "name", "staff_no", "email", "roles", "unit")
MAPPED: Final = ("claim", "values")
LONGEST_CLAIM: Final = 200
DEEPEST: Final = 5


class RuleMistake(Mistake):
    """A mistake of a file that says what tokens mean."""


class TokenRulesWrong(Exception):
    """A file of rules with all that is wrong in it."""

    def __init__(self, mistakes: Iterable[RuleMistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("; ".join(map(str, self.mistakes)))


@dataclass(frozen=True)
class Mapped:
    """What the values of a claim stand for."""

    claim: str
    values: Mapping[str, tuple[str, ...]]

    def of(self, claims: Mapping[str, Any]) -> tuple[str, ...]:
        """Everything that the token's values give, each once, in the order of the file; others give nothing."""
        found = claim_of(claims, self.claim)
        said = {str(one) for one in (found if isinstance(found, list) else [found]) if isinstance(one, str | int)}
        return tuple(dict.fromkeys(code for value, codes in self.values.items() if value in said for code in codes))


@dataclass(frozen=True)
class Said:
    """What a token says of somebody. `roles` is None where the rules leave roles to the register of people."""

    id: str | None
    fields: Mapping[str, str] = field(default_factory=dict)
    roles: tuple[str, ...] | None = None
    unit: str | None = None
    says_unit: bool = False


@dataclass(frozen=True)
class TokenRules:
    """`texts`: the claims that give texts, by field; id is one of them."""

    texts: Mapping[str, str]
    roles: Mapped | None
    unit: Mapped | None

    def said(self, claims: Mapping[str, Any]) -> Said:
        texts = {name: text for name, claim in self.texts.items() if (text := _text(claims, claim)) is not None}
        units = () if self.unit is None else self.unit.of(claims)
        return Said(
            texts.pop("id", None), texts, None if self.roles is None else self.roles.of(claims),
            units[0] if units else None, self.unit is not None,
        )  # fmt: skip


def read_rules(text: str, roles: Collection[str], units: Collection[str]) -> TokenRules:
    """The rules of a file. Raises `TokenRulesWrong` with every mistake, each with its line and field.

    `roles` and `units` are those that there are.
    """
    mistakes: list[Mistake] = []
    try:
        top = compose(text, RuleMistake)
        found = top.fields(FIELDS, mistakes.append)
        if "id" not in found:
            mistakes.append(top.missing("id"))
    except RuleMistake as mistake:
        raise TokenRulesWrong([mistake]) from None
    texts: dict[str, str] = {}
    mapped: dict[str, Mapped] = {}
    for name, entry in found.items():
        try:
            if name in ("roles", "unit"):
                mapped[name] = _mapped(entry, name, roles if name == "roles" else units, mistakes)
            else:
                texts[name] = _claim(entry)
        except RuleMistake as mistake:
            mistakes.append(mistake)
    if mistakes:
        raise TokenRulesWrong(one for one in mistakes if isinstance(one, RuleMistake))
    return TokenRules({"name": "name", **texts}, mapped.get("roles"), mapped.get("unit"))


def _mapped(entry: Entry, name: str, known: Collection[str], mistakes: list[Mistake]) -> Mapped:
    fields = entry.fields(MAPPED, mistakes.append)
    claim, values = entry.require(fields, "claim"), entry.require(fields, "values")
    given: dict[str, tuple[str, ...]] = {}
    for value, codes in values.fields().items():
        written = codes.items() if name == "roles" and not _is_text(codes) else [codes]
        try:
            given[value] = tuple(_code(one, "role" if name == "roles" else "unit", known) for one in written)
        except RuleMistake as mistake:
            mistakes.append(mistake)
    return Mapped(_claim(claim), given)


def _is_text(entry: Entry) -> bool:
    try:
        entry.text()
    except RuleMistake:
        return False
    return True


def _code(entry: Entry, what: str, known: Collection[str]) -> str:
    code = entry.text()
    if code not in known:
        raise entry.error("unknown", what=what, word=code, known=tuple(sorted(known)), close=closest(code, known))
    return code


def _claim(entry: Entry) -> str:
    claim = entry.text()
    if len(claim) > LONGEST_CLAIM:
        raise entry.error("version-too-long", most=LONGEST_CLAIM)
    return claim


def _text(claims: Mapping[str, Any], claim: str) -> str | None:
    found = claim_of(claims, claim)
    text = str(found).strip() if isinstance(found, str | int) and not isinstance(found, bool) else ""
    return text or None


def claim_of(claims: Mapping[str, Any], name: str) -> Any:
    """A claim by its name; with dots in it also one that lies in another: realm_access.roles."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split(".", DEEPEST):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    return found
