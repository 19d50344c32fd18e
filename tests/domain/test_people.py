"""Who is meant by an id or by a name."""

import pytest

from domain.people import People, Person

TEAM = People.of([
    Person("agent-7", "王静", staff_no="A 0017"), Person("agent-8", "王伟"), Person("agent-9", "王伟"),
    Person("agent-1", "刘洋", staff_no="A0001", present=False), Person("agent-2", "刘洋"), Person("赵敏", "敏"),
    Person("zhao", "赵敏"), Person("li-min", "Li Min"),
])  # fmt: skip


def test_whoever_alone_is_called_so_is_meant() -> None:
    assert TEAM.with_those_meant(["王静", "前台"]) == ("王静", "前台", "agent-7")
    assert TEAM.with_those_meant([" 王静\u200b"]) == ("王静", "agent-7")


def test_of_several_of_one_name_nobody_is_meant() -> None:
    assert TEAM.with_those_meant(["王伟"]) == ("王伟",)
    assert TEAM.unmatched(["王伟"]) == ["王伟"]
    assert TEAM.unmatched(["王伟", "agent-9"]) == []


def test_whoever_has_no_key_any_more_is_not_meant_by_their_name() -> None:
    assert TEAM.with_those_meant(["刘洋"]) == ("刘洋", "agent-2")
    assert TEAM.unmatched(["agent-1"]) == []


def test_an_id_is_an_id_also_where_it_is_anothers_name() -> None:
    assert TEAM.with_those_meant(["赵敏"]) == ("赵敏",)
    assert TEAM.unmatched(["赵敏", "AGENT-7", "nobody"]) == ["nobody"]


def test_where_nobody_has_a_key_nobody_is_matched() -> None:
    assert People().with_those_meant(["王静"]) == ("王静",)
    assert People().unmatched(["王静"]) == ["王静"]


@pytest.mark.parametrize("spelling", ["A0017", "ａ００１７", "a 0017", " A\u200b0017 ", "王 静", "王\u3000静", "王靜"])
def test_a_staff_number_or_name_means_them_in_any_width_case_script_and_spacing(spelling: str) -> None:
    assert TEAM.meant_by(spelling) == "agent-7"


def test_a_traditional_name_means_the_person_who_is_written_in_simplified_characters() -> None:
    assert TEAM.with_those_meant(["王靜", "前臺"]) == ("王静", "前臺", "agent-7")
    assert TEAM.unmatched(TEAM.with_those_meant(["王靜"])) == []
    other_way = People.of([Person("agent-5", "張偉", staff_no="業 12")])
    assert other_way.with_those_meant(["张伟", "业12"]) == ("張偉", "業 12", "agent-5")
    assert [person.id for person in TEAM.near("王 偉")] == ["agent-8", "agent-9"]


def test_an_id_in_the_other_script_is_theirs_where_it_is_nobody_elses() -> None:
    people = People.of([Person("張偉"), Person("王靜"), Person("王静")])
    assert people.with_those_meant(["张伟"]) == ("張偉",)
    assert people.unmatched(people.with_those_meant(["张伟"])) == []
    assert people.with_those_meant(["王静", "王靜"]) == ("王静", "王靜")


def test_whoever_has_left_is_known_by_their_id_alone() -> None:
    assert TEAM.meant_by("A0001") == "A0001"
    assert TEAM.is_present("AGENT-2")
    assert not TEAM.is_present("agent-1")
    assert not TEAM.is_present("nobody")


def test_a_name_with_a_blank_in_it_is_kept_as_it_is_theirs() -> None:
    assert TEAM.with_those_meant(["王 静", "a 0017"]) == ("王静", "a 0017", "agent-7")
    assert TEAM.unmatched(TEAM.with_those_meant(["王 静", "A0017"])) == []


def test_several_names_of_one_person_mean_them_once() -> None:
    assert TEAM.all_meant_by(["王静", "A0017", "agent-7", "zhao"]) == ("agent-7", "zhao")


def test_those_written_almost_so_are_near() -> None:
    assert [person.id for person in TEAM.near("limin")] == ["li-min"]
    assert [person.id for person in TEAM.near("王伟")] == ["agent-8", "agent-9"]
    assert "agent-1" not in [person.id for person in TEAM.near("agent-1x")]
    assert TEAM.near("完全不同的人") == []


def test_only_who_does_nothing_but_connect_systems_is_a_machine() -> None:
    assert Person("pbx", roles=frozenset({"integration", "partner"})).is_machine
    assert not Person("both", roles=frozenset({"integration", "agent"})).is_machine
    assert not Person("nobody-yet").is_machine
