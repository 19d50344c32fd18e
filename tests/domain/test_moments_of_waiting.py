"""What starts and stops a limit where a case waits for somebody: to be classified, ruled on, revised, sent on."""

from domain.clocks.moments import Moment
from domain.complaint import events
from domain.procedure.moments import MomentName
from tests.facts import (
    ASKED_TWO,
    DISPUTED,
    OPENED,
    OVERTURNED,
    Fact,
    dispatched,
    disputed,
    recalled,
    received,
    reopened,
    revised,
    ruled,
    withdrawn,
)
from tests.spec import given


def moments(name: MomentName, *facts: Fact) -> list[Moment]:
    return [moment for moment in given(*facts).complaint.moments if moment.name == name]


def sent_back(unit: str) -> Fact:
    return Fact(events.Returned, {"unit": unit, "ground": "不属本部门", "legal_basis": "职责分工"})


def test_a_complaint_waits_to_be_classified_from_its_receipt() -> None:
    assert len(moments("Unclassified", received())) == 1


def test_what_was_never_classified_waits_for_it_again_when_it_is_opened_again() -> None:
    waits = moments("Unclassified", received(), withdrawn(), reopened())
    assert [moment.round for moment in waits] == [1, 2]


def test_what_was_classified_does_not_wait_for_it_again() -> None:
    waits = moments("Unclassified", *OPENED, withdrawn(), reopened())
    assert [moment.round for moment in waits] == [1]


def test_the_first_dispute_of_a_revision_waits_for_a_ruling_and_the_second_for_the_same() -> None:
    assert len(moments("OpinionDisputed", *ASKED_TWO, disputed(), disputed("trading"))) == 1


def test_a_dispute_of_the_revised_opinion_waits_for_a_ruling_of_its_own() -> None:
    again = (*OVERTURNED, revised(), disputed(revision=2))
    assert len(moments("OpinionDisputed", *again)) == 2
    assert len(moments("OpinionRevised", *again)) == 1


def test_every_ruling_ends_the_wait_and_only_one_that_overturns_waits_for_a_revision() -> None:
    assert len(moments("RulingIssued", *DISPUTED, ruled("upheld"))) == 1
    assert moments("RulingOverturned", *DISPUTED, ruled("upheld")) == []
    assert len(moments("RulingOverturned", *DISPUTED, ruled("overturned"))) == 1


def test_a_case_is_nobodys_once_the_last_unit_has_sent_it_back() -> None:
    assert moments("EveryUnitReturned", *ASKED_TWO, sent_back("settlement")) == []
    assert len(moments("EveryUnitReturned", *ASKED_TWO, sent_back("settlement"), sent_back("trading"))) == 1


def test_a_case_that_is_nobodys_waits_to_be_sent_on_or_for_who_examines_an_appeal() -> None:
    appealed = sent_back("trading")
    appealed.facts["evidence"] = "交机视频"
    for last, waits, other in (
        (sent_back("trading"), "WaitsToBeSentOn", "AppealWaits"), (appealed, "AppealWaits", "WaitsToBeSentOn"),
    ):  # fmt: skip
        both = (*ASKED_TWO, sent_back("settlement"), last)
        assert [len(moments(name, *both)) for name in (waits, other)] == [1, 0]  # type: ignore[arg-type]
    again = (*ASKED_TWO, appealed, recalled("settlement"), dispatched("settlement"), recalled("settlement"))
    assert [len(moments("AppealWaits", *again)), len(moments("WaitsToBeSentOn", *again))] == [1, 1]


def test_who_was_never_asked_leaves_nobody_without_it() -> None:
    assert moments("EveryUnitReturned", *OPENED, sent_back("nobody")) == []
