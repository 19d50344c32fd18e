"""The district of a complaint: what reports count by, and nothing that is somebody's address."""

from dataclasses import replace
from typing import Any

import pytest

from domain.complaint import commands as c
from domain.complaint import events
from domain.procedure.forms import district_in
from domain.procedure.procedure import FormField
from domain.titles import Title
from procedures.library import Library
from tests.facts import happened, received
from tests.spec import given

COURIER = Library.ready().procedure("courier")
ASKING = replace(COURIER, version="1.0", form=(*COURIER.form, FormField("district", Title("区县", "District"))))


@pytest.mark.parametrize(
    ("answer", "district"),
    [
        ("城东", "城东"), ("  城  东 ", "城 东"), ("人民路 12 号", None), ("１２", None),
        ("名" * 30, "名" * 30), ("名" * 31, None), (" ", None), (None, None), (7, None),
    ],
)  # fmt: skip
def test_a_name_counts_and_a_number_or_a_sentence_does_not(answer: Any, district: str | None) -> None:
    assert district_in({"district": answer}, ASKING) == district


def test_only_a_form_that_asks_for_it_has_one() -> None:
    assert district_in({"district": "城东"}, COURIER) is None


def test_a_district_that_is_told_later_counts_from_then_on() -> None:
    outcome = given(received(), procedure=ASKING).when(c.CompleteForm({"district": "城北"}))
    outcome.then(happened(events.FormCompleted, district="城北"))
    assert outcome.complaint.district == "城北"


def test_an_answer_to_something_else_leaves_it_as_it_was() -> None:
    known = given(received(district="城东"), procedure=ASKING)
    name = COURIER.form[0].name
    assert known.when(c.CompleteForm({name: "x"})).complaint.district == "城东"
