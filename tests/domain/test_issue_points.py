"""Issue points: how a procedure's are named, what is near to them, and where one is needed."""

from dataclasses import replace
from typing import Any

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.complaint.intake import Identity, check_intake, receive
from domain.complaint.issue_point import issue_point_named
from domain.procedure.issue_points import edit_distance, near_misses, offered
from domain.procedure.procedure import Procedure
from domain.request import Request
from procedures.library import Library
from tests.facts import AGENT, COMPLAINT_ID, MANAGER, MONDAY_9AM, OTHER_ID, classified, happened, received
from tests.spec import CN, given, kf0001

UNNAMED = received(issue_point=None)
NONE_LISTED = replace(kf0001(), version="A/1.0", issue_points={})
OTHERS_TAKEN = replace(kf0001(), version="A/1.0", unlisted_issue_points_allowed=True)
OPEN = ("hotline-mayor", "hotline-12345", "power-95598", "city-12319", "general", "retail-400")


def taken_down(procedure: Procedure, issue_point: str | None) -> str | None:
    """The issue point of a complaint that was taken down so."""
    command = c.ReceiveComplaint("kf0001", "phone", "入金未到账", "三天前入金", issue_point=issue_point)
    by = check_intake(command, procedure, Request(AGENT, MONDAY_9AM))
    return receive(command, Identity(COMPLAINT_ID, "N", OTHER_ID), by, procedure, CN, at=MONDAY_9AM).issue_point


def test_the_reference_procedure_lists_the_points_of_the_contract() -> None:
    assert kf0001().issue_points.keys() >= {
        "deposit-delay", "withdrawal-refused", "app-crash", "login-failed", "account-opening-slow", "staff-attitude",
        "quote-error", "explained-wrongly",
    }  # fmt: skip
    assert not kf0001().unlisted_issue_points_allowed


@pytest.mark.parametrize("code", OPEN)
def test_hotlines_general_and_retail_list_common_ones_and_take_others(code: str) -> None:
    procedure = Library.ready().procedure(code)
    assert len(procedure.issue_points) >= 8
    assert issue_point_named("lost-umbrella", procedure) == "lost-umbrella"


def test_classifying_a_general_complaint_needs_an_issue_point() -> None:
    refusal = given(UNNAMED).when(c.ClassifyComplaint("general", "process.withdrawal")).then_refused(
        errors.IssuePointMissing
    )
    assert isinstance(refusal, errors.IssuePointMissing)
    assert refusal.pointer == "/issue_point"
    known: Any = refusal.facts["known"]
    assert list(known)[:2] == ["withdrawal-refused", "withdrawal-delay"]  # those of the category come first
    assert known.keys() == kf0001().issue_points.keys()


def test_reclassifying_down_to_general_needs_one_too() -> None:
    major = classified("major", issue_point=None)
    given(UNNAMED, major).when(c.ClassifyComplaint("general"), by=MANAGER).then_refused(errors.IssuePointMissing)
    given(UNNAMED, major).when(c.ClassifyComplaint("general", issue_point="quote-error"), by=MANAGER).then(
        happened(events.Classified, severity="general", issue_point="quote-error")
    )


@pytest.mark.parametrize("severity", ["minor", "major", "severe"])
def test_a_severity_that_counts_nothing_needs_none(severity: str) -> None:
    outcome = given(UNNAMED).when(c.ClassifyComplaint(severity, "other"))
    assert (outcome.refusal, outcome.complaint.issue_point) == (None, None)


@pytest.mark.parametrize("severity", ["minor", "general", "major", "severe"])
def test_one_that_is_not_listed_is_refused_and_near_ones_are_offered(severity: str) -> None:
    refusal = given(UNNAMED).when(c.ClassifyComplaint(severity, "other", "deposit-delays")).then_refused(
        errors.UnknownIssuePoint
    )
    assert isinstance(refusal, errors.UnknownIssuePoint)
    assert (refusal.pointer, list(refusal.near)) == ("/issue_point", ["deposit-delay"])


@pytest.mark.parametrize(
    "said",
    ["deposit-delay", "DEPOSIT-DELAY", "入金未到账", "入金延迟", "Deposit not credited", "ＬＡＴＥ deposit"],
)
def test_its_title_and_a_synonym_stand_for_its_code_at_the_intake_and_at_the_classification(said: str) -> None:
    assert taken_down(kf0001(), said) == "deposit-delay"
    given(UNNAMED).when(c.ClassifyComplaint("general", "process.deposit", said)).then(
        happened(events.Classified, issue_point="deposit-delay")
    )


def test_a_synonym_of_what_it_is_about_already_changes_nothing() -> None:
    given(received(), classified()).when(c.ClassifyComplaint(issue_point="入金延迟")).then_nothing()


def test_an_intake_that_names_one_which_is_not_listed_is_refused() -> None:
    with pytest.raises(errors.UnknownIssuePoint):
        taken_down(kf0001(), "late-money")
    assert taken_down(kf0001(), None) is None


def test_a_procedure_that_lists_none_takes_any_code_and_needs_none() -> None:
    assert taken_down(NONE_LISTED, "late-money") == "late-money"
    given(UNNAMED, procedure=NONE_LISTED).when(c.ClassifyComplaint("general", "other")).then(
        happened(events.Classified, issue_point=None)
    )
    given(UNNAMED, procedure=NONE_LISTED).when(c.ClassifyComplaint("general", "other", "late-money")).then(
        happened(events.Classified, issue_point="late-money")
    )


@pytest.mark.parametrize("procedure", [NONE_LISTED, OTHERS_TAKEN], ids=["none listed", "others taken"])
@pytest.mark.parametrize("said", ["钱没到", "Late Money", "x" * 65, "入金没到账"])
def test_one_that_is_not_listed_is_a_code_where_it_is_taken(procedure: Procedure, said: str) -> None:
    with pytest.raises(errors.NotAnIssuePointCode) as refused:
        issue_point_named(said, procedure)
    near = ["deposit-delay", "withdrawal-delay"] if procedure.issue_points and said == "入金没到账" else []
    assert list(refused.value.near) == near


@pytest.mark.parametrize(
    ("said", "nearest"),
    [
        ("deposti-delay", "deposit-delay"),  # two letters swapped
        ("deposit_delay", "deposit-delay"),
        ("depositdelay", "deposit-delay"),
        ("withdrawl-refused", "withdrawal-refused"),
        ("入金没到账", "deposit-delay"),
        ("登陆失败", "login-failed"),  # a synonym with a usual slip of the pen
        ("attitude", "staff-attitude"),
        ("闪退", "app-crash"),
        ("Wrong informations", "explained-wrongly"),
    ],
)
def test_near_misses_are_found_by_code_title_and_synonym_in_both_languages(said: str, nearest: str) -> None:
    assert next(iter(near_misses(said, kf0001().issue_points))) == nearest


@pytest.mark.parametrize("said", ["weather", "天气", "a", "账", "…", "入" * 200, "deposit-delay" * 20])
def test_what_is_near_to_none_is_offered_none(said: str) -> None:
    assert near_misses(said, kf0001().issue_points) == {}


def test_a_point_about_a_category_is_about_those_below_it() -> None:
    points = kf0001().issue_points
    assert points["staff-attitude"].is_about("service.rudeness")
    assert not points["staff-attitude"].is_about("services")
    assert next(iter(offered(points, "process.account-opening"))) == "account-opening-slow"


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("", "", 0), ("ab", "ba", 1), ("abc", "ac", 1), ("kitten", "sitting", 3), ("abc", "abc", 0), ("a", "xyz", None)],
)
def test_letters_put_in_left_out_exchanged_and_swapped_are_counted(
    one: str, other: str, distance: int | None
) -> None:
    assert (edit_distance(one, other, 3 if distance else 0), edit_distance(other, one, 3 if distance else 0)) == (
        distance, distance
    )  # fmt: skip


def test_no_ready_procedure_counts_what_it_does_not_list() -> None:
    for procedure in Library.ready().procedures.values():
        counts = procedure.recurrence is not None and procedure.recurrence.of == "issue-point"
        assert procedure.issue_points or not counts, procedure.code


def test_a_point_is_meant_in_either_script() -> None:
    zh = kf0001().issue_points["staff-attitude"].title.zh
    traditional = zh.replace("态", "態").replace("员", "員").replace("务", "務").replace("恶", "惡")
    assert traditional != zh
    assert issue_point_named(traditional, kf0001()) == "staff-attitude"
