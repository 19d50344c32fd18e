"""From a good token to somebody who may call: found among people, made or brought up to date as recorded facts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from pydantic import TypeAdapter, ValidationError

from app.access.admission import Admission
from app.access.oidc.issuer import USABLE, Issuer
from app.access.oidc.rules import Said, TokenRules, read_rules
from app.access.oidc.tokens import MOST_KNOWN, Token, Tokens
from app.access.refusals import PersonNotActive
from app.access.staffing import NewPerson
from domain.errors import Forbidden, Invalid
from domain.values import Actor

ISSUER: Final = "oidc"  # signs what was recorded because a token said so
NEW_PERSON: Final = TypeAdapter(NewPerson)
KEPT_IN_STEP: Final = ("name", "staff_no", "email")


class TokenGivesNobody(Forbidden):
    """A good token whose claims make nobody of its bearer; the facts say what is missing."""


@dataclass(frozen=True)
class Configured:
    """The issuer that a deployment trusts: the `iss` and `aud` of its tokens, and the text of the file of rules.

    `usable`: seconds for which its keys are good while it is away.
    """

    issuer: str
    audience: str
    rules: str
    usable: float = USABLE


class TokenSignIn:
    """The tokens of the configured issuer."""

    def __init__(
        self, access: Admission, tokens: Tokens, rules: TokenRules, now: Callable[[], datetime]
    ) -> None:
        """`now` is the time that people are recorded at, which in a sandbox is not that of tokens."""
        self._access, self.tokens, self._rules, self._now = access, tokens, rules, now
        self._people: dict[str, str] = {}  # whose a token is that was looked at before, by its digest

    @classmethod
    def of(
        cls, configured: Configured, access: Admission, now: Callable[[], datetime], wall: Callable[[], datetime]
    ) -> Self:
        """`wall`: the time that tokens are of. Raises `TokenRulesWrong`."""
        rules = read_rules(configured.rules, access.known.roles(), access.known.units())
        issuer = Issuer(configured.issuer, usable=configured.usable)
        return cls(access, Tokens(issuer, configured.audience, wall), rules, now)

    @property
    def issuer(self) -> Issuer:
        return self.tokens.issuer

    async def enter(self, text: str) -> tuple[Actor, Token]:
        """Whose token this is.

        Raises `TokenRefused`, `IssuerAway`, `TokenGivesNobody`, `PersonNotActive`, `StorageAway`.
        """
        token = self.tokens.known(text) or await self.tokens.checked(text)
        id = self._people.get(token.digest)
        if id is None:
            id = await self._person(self._rules.said(token.claims))
            if len(self._people) >= 2 * MOST_KNOWN:
                self._people.clear()
            self._people[token.digest] = id
        actor = self._access.directory.present.actors.get(id)
        if actor is None:
            raise PersonNotActive
        return actor, token

    async def _person(self, said: Said) -> str:
        """The id of whoever is meant, once what is recorded of them is what the token says."""
        if said.id is None:
            raise TokenGivesNobody(no_id=True)
        if said.roles is not None and not said.roles:
            raise TokenGivesNobody(no_role=True)
        record = self._access.directory.find(said.id) if said.id.isprintable() else None
        at = self._now()
        if record is None:
            if said.roles is None:
                raise TokenGivesNobody(unknown=True)
            return await self._made(said, at)
        person = record.at(at)
        if not person.is_active(at):
            raise PersonNotActive
        changed: dict[str, Any] = {
            name: value for name, value in said.fields.items()
            if name in KEPT_IN_STEP and value != getattr(person, name)
        }  # fmt: skip
        if said.roles is not None and set(said.roles) != set(person.roles):
            changed["roles"] = said.roles
        if said.says_unit and said.unit != person.unit:
            changed["unit"] = said.unit
        if changed:
            try:
                await self._access.staffing.change(record.id, changed, by=ISSUER, at=at, based_on=lambda _: None)
            except Invalid as error:
                raise TokenGivesNobody(invalid=True) from error
        return record.id

    async def _made(self, said: Said, at: datetime) -> str:
        name = said.fields.get("name", said.id)
        facts = {"id": said.id, "roles": said.roles, "unit": said.unit, **said.fields, "name": name}
        try:
            new = NEW_PERSON.validate_python(facts)
            async with self._access.directory.changing() as change:
                if (known := self._access.directory.find(new.id)) is not None:
                    return known.id  # another process was quicker
                return (await self._access.staffing.add(change, new, by=ISSUER, at=at)).id
        except (ValidationError, Invalid) as error:
            raise TokenGivesNobody(invalid=True) from error
