"""认定被投诉人: who is accused in a way that means nobody is kept and decided about, and kept out from then on."""

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.complaint.obligations import obligations_of
from domain.notices.notices import Addressee
from domain.people import People, Person
from domain.procedure.procedure import Procedure
from procedures.library import Library
from tests.facts import (
    AGENT,
    ASKED,
    BOARD_OFFICE,
    FRIDAY_9AM,
    GENERAL_MANAGER,
    MANAGER,
    STAFF,
    Fact,
    accused,
    classified,
    happened,
    person,
    received,
    rejected,
    reopened,
)
from tests.spec import given

SAID = "前台小刘"
NAMED = (*ASKED, accused(SAID))
SEVENTH = person("agent-7", "agent")


def matched(*people: str, said: str = SAID) -> Fact:
    return happened(events.AccusedMatched, accused=said, people=people, reason="监控录像").by(MANAGER)


def test_whoever_is_decided_to_be_meant_is_kept_out_from_then_on() -> None:
    given(*NAMED).complaint.sight_for(SEVENTH)
    outcome = given(*NAMED).when(c.MatchAccused(SAID, "agent-7", "监控录像"), by=MANAGER)
    outcome.then(happened(events.AccusedMatched, accused=SAID, people=("agent-7",), reason="监控录像"))
    assert outcome.complaint.accused == ["agent-7"]
    assert outcome.complaint.named == [SAID]
    with pytest.raises(errors.Recused):
        outcome.complaint.sight_for(SEVENTH)


def test_the_owner_who_is_meant_owns_it_no_more_and_is_handed_nothing() -> None:
    offered = happened(events.HandedOver, to="agent-7", before="agent-1")
    given(*NAMED, offered).when(c.MatchAccused(SAID, "agent-1", "自认"), by=MANAGER)
    assert given(*NAMED, matched("agent-1")).complaint.owner.actor is None
    assert given(*NAMED, offered, matched("agent-7")).complaint.offer is None


@pytest.mark.parametrize("nobody", [None, "nobody", "Nobody "])
def test_it_may_be_nobody_of_ours(nobody: str | None) -> None:
    outcome = given(*NAMED).when(c.MatchAccused(SAID, nobody, "是外包保安"), by=MANAGER)
    outcome.then(happened(events.AccusedMatched, accused=SAID, people=()))
    assert outcome.complaint.accused == []
    assert outcome.complaint.named == [SAID]


def test_a_decision_is_corrected_by_another_and_the_same_again_changes_nothing() -> None:
    given(*NAMED, matched("agent-7")).when(c.MatchAccused(SAID, "agent-7", "再次"), by=MANAGER).then_nothing()
    corrected = given(*NAMED, matched("agent-7")).when(c.MatchAccused(SAID, "agent-2", "看错了"), by=MANAGER)
    assert corrected.complaint.accused == ["agent-2"]
    freed = given(*ASKED, accused("王静", "agent-7")).when(c.MatchAccused("agent-7", "nobody", "同名"), by=MANAGER)
    assert freed.complaint.accused == ["王静"]


def test_only_what_was_said_is_decided_about_and_only_somebody_known_is_meant() -> None:
    other = c.MatchAccused("小刘", "agent-7", "x")
    assert given(*NAMED).when(other, by=MANAGER).then_refused(errors.NotAmongTheAccused).facts == {}
    near = given(*NAMED).when(c.MatchAccused(SAID, "agent-77", "x"), by=MANAGER).then_refused(errors.UnknownPerson)
    assert isinstance(near, errors.UnknownPerson)
    assert near.pointer == "/person"


def test_those_who_have_left_may_be_meant() -> None:
    people = People.of([*STAFF.known.values(), Person("left-1", "刘洋", present=False)])
    outcome = given(*NAMED).when(c.MatchAccused(SAID, "left-1", "已离职"), by=MANAGER, people=people)
    assert outcome.complaint.accused == ["left-1"]


def test_nobody_decides_about_themselves_or_about_a_name_that_is_theirs() -> None:
    people = People.of([*STAFF.known.values(), Person("manager-1", "王伟"), Person("agent-9", "王伟")])
    history = given(*ASKED, accused("王伟"))
    for meant in ("agent-9", "nobody", "manager-1"):
        history.when(c.MatchAccused("王伟", meant, "x"), by=MANAGER, people=people).then_refused(errors.Recused)
    assert history.when(c.MatchAccused("王伟", "agent-9", "x"), by=GENERAL_MANAGER, people=people).refusal is None


def test_it_is_offered_to_those_who_decide_where_somebody_is_accused() -> None:
    assert "match-accused" in given(*NAMED).allowed(MANAGER)
    assert "match-accused" not in given(*NAMED).allowed(AGENT)
    assert "match-accused" not in given(*ASKED).allowed(MANAGER)


# 待认定

UNKNOWN = happened(events.AccusedNamed, people=(SAID,), unmatched=(SAID,))


def owed(*facts: Fact, procedure: Procedure | None = None) -> list[tuple[str, str, str]]:
    """Of what is owed about the accused: by whom, in which state, until when it was done."""
    rows = obligations_of(given(*facts, procedure=procedure).complaint)
    return [(str(one.owed_by), one.step, one.state) for one in rows if one.name == "match-accused"]


def test_somebody_accused_whom_nobody_matches_is_noted_as_such() -> None:
    people = People.of([*STAFF.known.values(), Person("agent-7", "王静")])
    named = given(*ASKED).when(c.NameAccused(("王静", "agent-7", SAID)), by=MANAGER, people=people)
    named.then(happened(events.AccusedNamed, people=("王静", "agent-7", SAID), unmatched=(SAID,)))


def test_what_was_named_in_two_steps_is_matched_by_both() -> None:
    people = People.of([*STAFF.known.values(), Person("agent-7", "王静")])
    named = given(*ASKED, accused("agent-7")).when(c.NameAccused(("王静", "agent-7")), by=MANAGER, people=people)
    named.then(happened(events.AccusedNamed, people=("王静",), unmatched=()))


def test_somebody_with_the_right_role_owes_it_to_say_who_is_meant() -> None:
    assert owed(*ASKED, UNKNOWN) == [("role:manager", "match-accused", "open")]
    assert owed(*ASKED, UNKNOWN, matched("agent-7")) == [("role:manager", "match-accused", "met")]
    assert owed(*ASKED, UNKNOWN, matched()) == [("role:manager", "match-accused", "met")]  # nobody of ours
    assert owed(*NAMED) == []  # recorded before it was noted, or matched by itself


def test_it_is_owed_until_each_of_them_is_matched() -> None:
    others = happened(events.AccusedNamed, people=("保安",), unmatched=("保安",))
    assert owed(*ASKED, UNKNOWN, others, matched("agent-7")) == [("role:manager", "match-accused", "open")]
    done = matched(said="保安")
    assert owed(*ASKED, UNKNOWN, others, matched("agent-7"), done) == [("role:manager", "match-accused", "met")]
    again = [state for _, _, state in owed(*ASKED, UNKNOWN, matched("agent-7"), others.at(FRIDAY_9AM))]
    assert again == ["met", "open"]


def test_a_new_round_asks_for_it_anew_and_an_end_waives_it() -> None:
    ended = (*ASKED, UNKNOWN, rejected())
    assert [state for _, _, state in owed(*ended)] == ["waived"]
    assert [state for _, _, state in owed(*ended, reopened().at(FRIDAY_9AM))] == ["waived", "open"]


def test_who_owes_it_is_told_when_it_arises() -> None:
    assert Addressee("role", "manager") in {one.to for one in given(*ASKED, UNKNOWN).told}
    first = received(accused=(SAID,), unmatched=(SAID,))
    assert Addressee("role", "manager") in {one.to for one in given(first).told}


@pytest.mark.parametrize("code", [code for code, one in Library.ready().procedures.items() if one.incidents is None])
def test_in_every_procedure_somebody_owes_it_who_may_match(code: str) -> None:
    procedure = Library.ready().procedure(code)
    [(role, step, state)] = owed(received(accused=(SAID,), unmatched=(SAID,)), procedure=procedure)
    assert role.removeprefix("role:") in procedure.steps["match-accused"]
    assert (step, state) == ("match-accused", "open")


# 调查人员


@pytest.mark.parametrize("investigator", ["agent-7", "ＡＧＥＮＴ-7", "王静", "王 静", "JN-0107", SAID])
def test_nobody_is_sent_to_investigate_what_they_are_accused_of(investigator: str) -> None:
    there = People.of([*STAFF.known.values(), Person("agent-7", "王静", frozenset({"agent"}), staff_no="JN-0107")])
    send = c.SendInvestigators(("王五", investigator), "客户现场")
    story = (received(), classified("severe"), accused(SAID), matched("agent-7"))
    refusal = given(*story).when(send, by=BOARD_OFFICE, people=there).then_refused(errors.InvestigatorIsAccused)
    assert isinstance(refusal, errors.Invalid)
    assert refusal.pointer == "/people/1"
    others = c.SendInvestigators(("王五", "李四"), "客户现场")
    given(*story).when(others, by=BOARD_OFFICE, people=there).then(
        happened(events.InvestigatorsSent, people=("王五", "李四"), place="客户现场")
    )
