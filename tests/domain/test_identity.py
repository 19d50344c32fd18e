"""Who is meant by an id: one person is one person, however they are spelled."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain import errors
from domain.complaint import events
from domain.complaint.commands import Assign, ClassifyComplaint, GradeFault, HandOver, NameAccused, ReceiveComplaint
from domain.identity import is_acceptable, is_among, is_reserved, is_same, levelled
from tests.facts import ADMIN, MANAGER, accused, happened, person, received
from tests.spec import given as after

SPELLINGS = [
    "agent-7", " agent-7 ", "AGENT-7", "Agent-7", "ａｇｅｎｔ－７", "agent\u200b-7", "\ufeffagent-7", "agent\u20117",
    "agent\u2011\u00ad7", "agent-7\n", "\u3000agent-7", "ag\ufe0fent-7",
]  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_a_person_is_that_person(spelling: str) -> None:
    assert levelled(spelling) == "agent-7"
    assert is_same(spelling, "agent-7")
    assert is_among("agent-7", ["somebody", spelling])


@given(st.text(max_size=20))
@example("\u0345\u03b1")
@example("İ")
def test_levelling_twice_is_levelling_once(text: str) -> None:
    assert levelled(levelled(text)) == levelled(text)


@pytest.mark.parametrize(
    "id", ["agent-7", "王芳", "王芳-2", "lisa 王", "анна", "a/b", "?", "Müller", "佐藤エミ", "ロロ", "二口"]
)
def test_whoever_writes_in_one_alphabet_has_an_id(id: str) -> None:
    assert is_acceptable(id)


@pytest.mark.parametrize(
    "id", ["", " ", "\u3164", "\u200b", "аgent-7", "αgent", "agent-٣", "a\nb", "a\u202eb",
           "⺩芳", "王ロ", "二ー", "王ㄚ"]
)
def test_an_id_that_nobody_sees_or_that_mixes_alphabets_is_none(id: str) -> None:
    assert not is_acceptable(id)


@pytest.mark.parametrize("id", ["system", "SYSTEM", " clock", "ｍｅ", "No\u200bne", "anonymous", "everyone", ".", "‥"])
def test_a_word_for_somebody_else_is_reserved_in_every_spelling(id: str) -> None:
    assert is_reserved(id)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_command_names_people_by_their_levelled_ids(spelling: str) -> None:
    commands: list[Any] = [
        Assign(spelling).to, HandOver(spelling).to, GradeFault(spelling, 1, "x").agent,
        *NameAccused((spelling, "agent-7")).people,
        *ReceiveComplaint("kf0001", "phone", "x", "y", accused=(spelling,)).accused,
    ]  # fmt: skip
    assert set(commands) == {"agent-7"}
    assert NameAccused((spelling, "agent-7")).people == ("agent-7",)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_whoever_is_accused_is_kept_out_under_every_spelling(spelling: str) -> None:
    # As old events hold it, too.
    for history in (after(received(accused=(spelling,))), after(received(), accused(spelling))):
        assert history.complaint.accused == ["agent-7"]
        for key in ("agent-7", "Agent-7"):
            by = person(key, "agent")
            with pytest.raises(errors.Recused):
                history.complaint.sight_for(by)
            history.when(ClassifyComplaint("general", "process.deposit", "deposit-delay"), by=by).then_refused(
                errors.Recused
            )
        history.when(Assign(spelling), by=MANAGER).then_refused(errors.OwnerIsAccused)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_owner_is_the_owner_under_every_spelling(spelling: str) -> None:
    owned = after(received(), happened(events.Assigned, to=spelling).by(ADMIN))
    assert owned.complaint.owner.actor == "agent-7"
    owned.when(Assign("agent-7"), by=MANAGER).then_nothing()
