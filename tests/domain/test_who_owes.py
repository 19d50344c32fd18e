"""Who owes what: whoever can do it, by the step that they may take."""

from dataclasses import replace
from typing import Final

import pytest

from app.notifications.subjects import OfComplaint
from domain.complaint import events
from domain.complaint.complaint import Complaint
from domain.complaint.obligations import obligations_of
from domain.complaint.owers import units_owing
from domain.notices.notices import Addressee
from domain.obligation import Obligation, ids_of, is_waiting
from domain.people import People, Person
from domain.procedure.duties import role_for, step_of
from domain.values import Actor
from procedures.library import Library
from projections.obligations_query import Owing, Wanted
from tests.facts import (
    AGENT,
    MONDAY_9AM,
    OVERTURNED,
    Fact,
    dispatched,
    disputed,
    executed,
    happened,
    on,
    received,
    revised,
    ruled,
)
from tests.spec import JudgeClocks, given

READY: Final = Library.ready().procedures
COURIER: Final = READY["courier"]
# As a deployment may have it: the departments answer the customer themselves.
BY_UNITS: Final = replace(
    COURIER,
    clocks=tuple(replace(one, owed_by="unit") if one.name == "answer-customer" else one for one in COURIER.clocks),
)
SENT: Final = (
    received(issue_point=None), happened(events.Classified, severity="general", category="operation.mistake"),
    dispatched("station", "sorting"),
)  # fmt: skip
DONE: Final = (*SENT, executed("station"), executed("sorting"))


def named(name: str, complaint: Complaint) -> list[Obligation]:
    return [one for one in obligations_of(complaint) if one.name == name and one.waits]


def test_what_units_have_to_do_after_the_last_result_is_owed_by_each_of_them() -> None:
    rows = named("answer-customer", given(*DONE, procedure=BY_UNITS).complaint)
    assert [(str(one.owed_by), one.step) for one in rows] == [
        ("unit:station", "inform-customer"), ("unit:sorting", "inform-customer"),
    ]  # fmt: skip


def test_where_one_unit_leads_it_answers_for_the_others() -> None:
    led = (*SENT[:2], happened(events.Dispatched, units=("station", "sorting"), owner=None, note=None, lead="sorting"))
    rows = named("answer-customer", given(*led, *DONE[3:], procedure=BY_UNITS).complaint)
    assert [str(one.owed_by) for one in rows] == ["unit:sorting"]


def test_its_miss_is_charged_to_those_who_owed_it() -> None:
    outcome = given(*DONE, procedure=BY_UNITS).when(JudgeClocks(), at=on("2026-03-04"))
    missed = {one.clock: one.owed_by for one in outcome.events if isinstance(one, events.DeadlineMissed)}
    assert missed["answer-customer"] == ("station", "sorting")


@pytest.mark.parametrize("code", [code for code, one in READY.items() if any(r.name == "send-on" for r in one.clocks)])
def test_what_came_back_is_sent_on_by_a_dispatch(code: str) -> None:
    rules = [rule for rule in READY[code].clocks if rule.name == "send-on"]
    assert {step_of(rule, READY[code]) for rule in rules} == {"dispatch"}


def test_the_agent_s_level_is_the_agent_s_to_settle() -> None:
    centre = READY["call-centre"]
    complaint = given(received(issue_point=None, kind="complaint"), procedure=centre).complaint
    [row] = named("agent-level", complaint)
    assert (row.owed_by.kind, row.owed_by.code, row.step) == ("person", AGENT.id, "settle")


@pytest.mark.parametrize("code", READY)
def test_every_clock_of_every_file_names_a_step_that_its_ower_may_take(code: str) -> None:
    procedure = READY[code]
    for rule in procedure.clocks:
        if rule.owed_by is not None and not rule.window:
            assert rule.owed_by in procedure.steps.get(step_of(rule, procedure), ()), rule.name


def confidential(*facts: Fact) -> Complaint:
    return given(received(issue_point=None, kind="whistle-blowing"), *facts, procedure=COURIER).complaint


def test_what_is_confidential_is_owed_within_its_circle_alone() -> None:
    open_ = [one for one in obligations_of(confidential()) if one.waits]
    assert {str(one.owed_by) for one in open_} == {"role:supervisor"}
    sent = confidential(*SENT[1:])
    assert {str(one.owed_by) for one in obligations_of(sent) if one.waits} == {"role:supervisor"}


def test_the_circle_hears_of_a_miss_where_those_outside_would_have() -> None:
    history = given(received(issue_point=None, kind="whistle-blowing"), procedure=COURIER)
    outcome = history.when(JudgeClocks(), at=on("2026-03-02", "10:30"))
    told = {one.clock: one.told for one in outcome.events if isinstance(one, events.DeadlineMissed)}
    assert told["forward"] == ("supervisor",)
    assert all(one.owed_by == () for one in outcome.events if isinstance(one, events.DeadlineMissed))


def test_an_owner_owes_while_they_are_there_and_may_take_the_step() -> None:
    complaint = given(*SENT[:2], procedure=COURIER).complaint
    [row] = named("forward", complaint)
    assert (str(row.owed_by), row.owed_by.otherwise) == (f"person:{AGENT.id}", role_for("classify", COURIER))
    assert row.owed_by.at_present({"agent"}) == row.owed_by == row.owed_by.at_present({"dispatcher", "unit"})
    assert str(row.owed_by.at_present(())) == str(row.owed_by.at_present({"unit"})) == "role:agent"
    assert row.arose_at == MONDAY_9AM


def test_what_only_others_decide_is_theirs_and_not_the_agent_s() -> None:
    violation = (received(issue_point=None), happened(events.Classified, severity="general", category="violation"))
    [row] = named("forward", given(*violation, procedure=COURIER).complaint)
    assert (str(row.owed_by), row.step) == ("role:deputy-general-manager", "dispatch")


def test_the_last_ruling_is_owed_by_the_last_instance() -> None:
    rounds = (*OVERTURNED, revised()) + (disputed(revision=2), ruled("overturned"), revised(3)) * 4
    complaint = given(*rounds, disputed(revision=3)).complaint
    assert complaint.this_round.overturned == complaint.procedure.dispute_rounds
    [row] = named("ruling", complaint)
    assert (str(row.owed_by), row.step) == ("role:general-manager", "issue-ruling")


def test_a_miss_that_was_nobody_s_is_not_laid_on_the_next_unit_and_brings_no_card() -> None:
    hotline = READY["hotline-12345"]
    sent = (
        received(issue_point=None), happened(events.Classified, severity=None, category="education.school"),
        dispatched("education"), happened(events.Returned, unit="education", ground="不属", legal_basis="三定"),
    )  # fmt: skip
    history = given(*sent, procedure=hotline)
    outcome = history.when(JudgeClocks(), at=on("2026-03-24"))
    nobodys = [one for one in outcome.events if isinstance(one, events.DeadlineMissed) and one.clock == "handle"]
    assert [one.owed_by for one in nobodys] == [()]
    assert not [one for one in outcome.events if isinstance(one, events.Supervised)]
    later = given(
        *sent, happened(
            events.DeadlineMissed, clock="handle", unit=None, round=1, started_at=nobodys[0].started_at,
            due_at=nobodys[0].due_at, told=(), owed_by=(),
        ), dispatched("market"), procedure=hotline,
    )  # fmt: skip
    [late] = [clock for clock in later.complaint.clocks if clock.state == "missed"]
    assert (late.name, units_owing(later.complaint, late)) == ("handle", ())
    assert [str(one.owed_by) for one in named("handle", later.complaint)] == ["unit:market"], "it has still to be done"


def test_a_hand_over_that_somebody_who_left_never_accepted_is_owed_by_who_may_give_it_to_another() -> None:
    complaint = given(*SENT, happened(events.HandedOver, to="agent-2", before=AGENT.id), procedure=COURIER).complaint
    [row] = named("hand-over", complaint)
    assert (str(row.owed_by), row.step) == ("person:agent-2", "accept-hand-over")
    assert row.owed_by.at_present({"agent"}) == row.owed_by
    left = row.owed_by.at_present(())
    assert (str(left), left.instead) == ("role:dispatcher", "hand-over")
    assert left == row.owed_by.at_present({"unit"})  # of another role since


def test_what_is_owed_again_has_an_id_of_its_own() -> None:
    retail = READY["retail-400"]
    classified = happened(events.Classified, severity="class-one", category=next(iter(retail.categories)))
    back = happened(events.Returned, unit="shop-1", ground="非我店", legal_basis="门店责任范围")
    sent = (received(issue_point=None), classified, dispatched("shop-1"), back, dispatched("shop-1"))
    complaint = given(*sent, procedure=retail).complaint
    rows = obligations_of(complaint)
    assert [one.state for one in rows if (one.name, one.unit) == ("result", "shop-1")] == ["waived", "open"]
    ids = ids_of(complaint.id, rows)
    assert len(set(ids)) == len(ids)
    before = given(*sent[:3], procedure=retail).complaint
    assert set(ids_of(before.id, obligations_of(before))) <= set(ids)  # and the first one keeps its own


def test_what_an_owner_owes_who_never_had_a_key_is_found_under_the_role_that_it_is_shown_under() -> None:
    reader = Actor("agent-2", frozenset({"agent"}))
    wanted = Wanted.by(("role:agent",), reader)
    found = [("person:agent-1", "agent"), ("person:nobody-1", "agent"), ("person:boss-1", "board-office")]
    here = People.of([Person("agent-1", roles=frozenset({"agent"}))])
    nobodys = Owing("person:nobody-1", "agent", frozenset(), falls=True)
    assert wanted.owers(found, here) == [Owing("role:agent"), nobodys]


def test_what_is_done_or_was_waived_waits_for_nobody() -> None:
    assert not is_waiting("met", MONDAY_9AM)
    assert not is_waiting("missed", MONDAY_9AM)
    assert is_waiting("missed", None)


def test_a_message_lists_what_to_do_for_those_whose_it_is_and_not_for_the_role_of_an_owner_who_is_there() -> None:
    history = given(*SENT[:1], procedure=COURIER)
    subject, event = OfComplaint(history.complaint, None), history.stream[-1]

    def lines(to: Addressee, *roles: str) -> str:
        return subject.words_for(to, lambda _: frozenset(roles), event, "en").text

    assert "To do" in lines(Addressee("actor", AGENT.id), "agent")
    assert "To do" not in lines(Addressee("role", "agent"), "agent")
    assert "To do" in lines(Addressee("role", "agent"))  # the owner has left


GENERAL: Final = READY["general"]
SORTED: Final = received(issue_point=None), happened(events.Classified, severity="simple", category="product")
TO_SALES: Final = (*SORTED, dispatched("sales"))


@pytest.mark.parametrize(
    ("story", "step"),
    [
        (SORTED, "settle"), (TO_SALES, "inform-customer"), ((*TO_SALES, executed("sales")), "inform-customer"),
        ((SORTED[0], happened(events.Classified, severity="complex", category="product")), "inform-customer"),
        ((*SORTED, happened(events.SettledOnTheSpot, explanation="解释", accepted=True)), "settle"),
    ],
)  # fmt: skip
def test_nobody_is_asked_to_settle_on_the_spot_what_went_another_way(story: tuple[Fact, ...], step: str) -> None:
    complaint = given(*story, procedure=GENERAL).complaint
    assert [one.step for one in obligations_of(complaint) if one.name == "answer"] == [step]
