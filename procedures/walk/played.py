"""One step of a walk, as an example is told: what was done, by whom, for which units, and what was said."""

from dataclasses import dataclass

from domain.procedure.procedure import Procedure
from domain.titles import LANGUAGES, Title
from domain.values import Actor
from procedures.walk.asks import NO_SUCH_CUSTOMER, Ask
from wording.procedures import own_words, role_title, titled, unit_title
from wording.records import CUSTOMER_ANSWERS
from wording.sentences import sentence
from wording.subjects import title as title_of
from wording.walks import ANONYMOUS, LONG_AFTER, NOT, SAID, STEP_BY

ANSWERS = ("agreed", "accepted", "reached", "satisfied", "approved", "effective", "wrong", "matches")


@dataclass(frozen=True)
class Played:
    """Without `ask` time passed, or a complaint of this kind was received, with a name or without."""

    ask: Ask | None = None
    actor: Actor | None = None
    kind: str | None = None
    is_anonymous: bool = False

    def told(self, procedure: Procedure) -> Title:
        """It in one line."""
        if self.ask is None and self.kind is None:
            return LONG_AFTER
        step = "receive" if self.ask is None else self.ask.step
        notes = [] if self.actor is None else [role_title(procedure, next(iter(self.actor.roles)))]
        notes += self._units(procedure) + self._says(procedure)
        title = title_of("steps", step)
        if not notes:
            return title
        return Title(*(sentence(STEP_BY, language, step=title, notes=tuple(notes)) for language in LANGUAGES))

    def _units(self, procedure: Procedure) -> list[Title]:
        said = {} if self.ask is None else vars(self.ask.command)
        of_actor = None if self.actor is None else self.actor.unit
        units = dict.fromkeys((of_actor, said.get("unit"), *said.get("units", ())))
        return [unit_title(procedure, unit) for unit in units if unit]

    def _says(self, procedure: Procedure) -> list[Title]:
        if self.ask is None:
            kinds = [] if len(procedure.kinds) == 1 else [titled(procedure.kinds, self.kind or "")]
            return [*kinds, ANONYMOUS] if self.is_anonymous else kinds
        said, words = vars(self.ask.command), own_words(procedure)
        found = [
            titled(words[subject], said[name])
            for name, subject in (("severity", "severities"), ("category", "categories"), ("to_role", "roles"))
            if said.get(name)
        ]
        if self.ask.step == "issue-ruling":
            found.append(title_of("outcomes", said["outcome"]))
        if self.ask.step == "check-customer" and said["matches"] is None:
            found.append(CUSTOMER_ANSWERS[NO_SUCH_CUSTOMER.code])
        answers = [name for name in ANSWERS if said.get(name) is not None]
        return found + [SAID[name] if said[name] else NOT[name] for name in answers]
