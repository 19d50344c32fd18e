"""认定被投诉人: who is accused in a way that means nobody is kept and decided about, and kept out from then on."""

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.people import People, Person
from tests.facts import (
    AGENT,
    ASKED,
    BOARD_OFFICE,
    GENERAL_MANAGER,
    MANAGER,
    STAFF,
    Fact,
    accused,
    classified,
    happened,
    person,
    received,
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
