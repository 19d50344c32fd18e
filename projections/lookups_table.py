"""What complaints are looked up by, exactly: whom they are of, what another system called them, answers of the form.

All of it are keyed hashes. Whom they are of stands beside them, sealed, for to hash alone nobody can be told apart.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Index, LargeBinary, Table, Uuid, text

from domain.complaint.customers import known_by, most_personal, spelled
from domain.identity import levelled
from domain.procedure.forms import searchable_questions, written_answers
from domain.scripts import simplified
from domain.values import Complainant
from migrations.metadata import metadata
from projections.case import Case, ReadModel, Row, Target
from projections.tracking_table import SCHEMA

PERSON: Final = "lookups.person"
CUSTOMER, NAME_BEGINS, OLD_NUMBER = "customer", "name begins", "old number"
LONGEST_BEGINNING: Final = 12  # characters of a name by which it is found
LONGEST_ANSWER: Final = 200  # characters, as many as can be asked for; what is longer is a text, and searched by `q`

lookups = Table(
    "lookups",
    metadata,
    Column("complaint_id", Uuid, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),  # as in `tracking`, by which they are listed
    Column("person", LargeBinary),  # whom it is of, sealed: name, telephone, e-mail, address, customer number
    Column("found_by", ARRAY(BigInteger), nullable=False),  # keyed hashes
    Column("found_by_before", ARRAY(BigInteger), nullable=False),  # those that were corrected since
    schema=SCHEMA,
)

Index(None, lookups.c.found_by, postgresql_using="gin")
Index(
    "lookups_found_by_before_idx", lookups.c.found_by_before, postgresql_using="gin",
    postgresql_where=lookups.c.found_by_before != text("ARRAY[]::bigint[]"),
)  # fmt: skip

Sought = tuple[str, str]  # a kind, and what is looked for as it is compared


def lookup_rows(case: Case) -> list[Row]:
    """The complaint's one row; empty where nobody gave anything, or who did was erased."""
    it, seal = case.complaint, case.seal
    person = it.complainant
    sealed = [person.name, person.phone, person.email, person.address, person.customer_no]
    now = found_by(case)
    before = {hashed for former in it.formerly for hashed in seal.found_by(of_person(former, it.id))}
    before.update(hashed for former in it.answered_before for hashed in seal.found_by(_answers(former, case)))
    who = None if person.anonymous else seal.column(PERSON, sealed)
    return [(it.id, case.position, it.received_at, who, sorted(now), sorted(before - now))]


def found_by(case: Case) -> frozenset[int]:
    """The hashes by which a complaint is looked up as it stands."""
    it, seal = case.complaint, case.seal
    old_number = [] if it.old_number is None else [of_old_number(it.old_number)]
    sought = (*of_person(it.complainant, it.id), *_answers(it.facts, case), *old_number)
    return frozenset(seal.found_by(sought))


def of_person(person: Complainant, complaint: UUID) -> Iterator[Sought]:
    """By what somebody is found who complained: what they are compared by, whose that is, how their name begins."""
    if person.anonymous:
        return
    yield from known_by(person).items()
    if (customer := whose(person, complaint)) is not None:
        yield CUSTOMER, customer
    name = spelled(person.name or "")
    yield from ((NAME_BEGINS, name[:length]) for length in range(1, min(len(name), LONGEST_BEGINNING) + 1))


def whose(person: Complainant, complaint: UUID) -> str | None:
    """What the id of a customer is made of: the most personal that they gave, or else the complaint itself."""
    best = most_personal(known_by(person))
    if best is not None:
        return " ".join(best)
    return None if person.name is None else f"complaint {complaint}"


def of_name(name: str) -> Sought:
    """How it begins that is looked for."""
    return NAME_BEGINS, spelled(name)[:LONGEST_BEGINNING]


def of_old_number(number: str) -> Sought:
    return OLD_NUMBER, as_compared(number)


def of_answer(question: str, answer: str) -> Sought:
    """What is answered to a question of a form."""
    return f"answer {question}", as_compared(answer)


def as_compared(text: str) -> str:
    """A number or code as it is looked for: in any case, width and writing."""
    return simplified(levelled(text))


def _answers(facts: Mapping[str, Any], case: Case) -> Iterator[Sought]:
    for question, answer in written_answers(facts, searchable_questions(case.complaint.procedure)):
        if len(answer) <= LONGEST_ANSWER:
            yield of_answer(question, answer)


LOOKUPS: Final = ReadModel("lookups", (Target(lookups, lookup_rows, owner="complaint_id"),))
