"""更正: what was taken down wrong of who complains, or of what, is corrected with a reason, and the old value stays."""

from dataclasses import replace

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events as e
from domain.procedure.procedure import Procedure
from domain.values import Complainant
from procedures.library import Library
from tests.facts import AGENT, ASKED, MANAGER, SETTLEMENT, happened, received, withdrawn
from tests.spec import given, kf0001

WHY = "客户来电更正"
PERSON = Complainant(name="张三", phone="+8613800000000", customer_no="C-1001")
TAKEN = (received(complainant=PERSON, anonymous=False),)


@pytest.mark.parametrize(
    ("command", "person", "changed"),
    [
        (c.CorrectComplainant(WHY, name="张三丰"), replace(PERSON, name="张三丰"), ("name",)),
        (c.CorrectComplainant(WHY, phone="138 0013 8001"), replace(PERSON, phone="+8613800138001"), ("phone",)),
        (
            c.CorrectComplainant(WHY, email="a@example.com", address="南京路 1 号"),
            replace(PERSON, email="a@example.com", address="南京路 1 号"), ("email", "address"),
        ),
        (c.CorrectComplainant(WHY, remove=("customer_no",)), replace(PERSON, customer_no=None), ("customer_no",)),
    ],
)  # fmt: skip
def test_what_is_given_is_corrected_and_the_rest_stays(
    command: c.CorrectComplainant, person: Complainant, changed: tuple[str, ...]
) -> None:
    when = given(*TAKEN).when(command)
    when.then(happened(e.ComplainantCorrected, complainant=person, changed=changed, reason=WHY))
    assert (when.complaint.complainant, when.complaint.formerly) == (person, [PERSON])


def test_what_is_known_already_is_no_event() -> None:
    for command in (c.CorrectComplainant(WHY), c.CorrectComplainant(WHY, phone="0086 13800000000", name="张三")):
        given(*TAKEN).when(command).then_nothing()
    subject = given(*TAKEN).complaint.subject
    given(*TAKEN).when(c.CorrectSubject(subject, WHY)).then_nothing()


def test_a_number_or_address_is_checked_as_at_the_intake() -> None:
    given(*TAKEN).when(c.CorrectComplainant(WHY, phone="12")).then_refused(errors.NotAPhoneNumber)
    given(*TAKEN).when(c.CorrectComplainant(WHY, email="nobody")).then_refused(errors.NotAnEmail)


def test_what_is_given_and_to_be_removed_at_once_is_refused() -> None:
    command = c.CorrectComplainant(WHY, phone="13800138001", remove=("phone",))
    given(*TAKEN).when(command).then_refused(errors.GivenAndRemoved)


def test_who_stays_anonymous_has_nothing_to_correct_and_is_not_offered_it() -> None:
    anonymous = given(received(complainant=Complainant(anonymous=True), anonymous=True))
    anonymous.when(c.CorrectComplainant(WHY, name="张三")).then_refused(errors.AnonymousStays)
    anonymous.when(c.CorrectSubject("入金未到账", WHY)).then(happened(e.SubjectCorrected, subject="入金未到账"))
    assert "correct-complainant" not in anonymous.allowed(AGENT)
    assert "correct-subject" in anonymous.allowed(AGENT)


def test_units_and_machines_correct_nothing() -> None:
    given(*ASKED).when(c.CorrectSubject("别的", WHY), by=SETTLEMENT).then_refused(errors.RoleForbids)
    assert not {"correct-complainant", "correct-subject"} & {*given(*ASKED).allowed(SETTLEMENT)}


def test_it_is_corrected_after_the_close_too() -> None:
    ended = (*TAKEN, withdrawn())
    phone = c.CorrectComplainant(WHY, phone="13800138001")
    given(*ended).when(phone, by=MANAGER).then(happened(e.ComplainantCorrected, changed=("phone",)))
    given(*ended).when(c.CorrectSubject("入金未到账", WHY)).then(happened(e.SubjectCorrected))


@pytest.mark.parametrize("code", sorted(Library.ready().procedures))
def test_every_procedure_lets_those_correct_who_take_complaints_down_and_no_machine(code: str) -> None:
    procedure: Procedure = Library.ready().procedures[code]
    if procedure.incidents is not None:
        return
    takers = tuple(role for role in procedure.steps["receive"] if role not in ("integration", "partner"))
    assert takers
    assert procedure.steps["correct-complainant"] == procedure.steps["correct-subject"] == takers
    assert kf0001().steps["correct-subject"]
