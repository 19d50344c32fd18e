"""Who is meant by an id or by a name."""

from domain.people import People

TEAM = People.of([
    ("agent-7", "王静", True), ("agent-8", "王伟", True), ("agent-9", "王伟", True), ("agent-1", "刘洋", False),
    ("agent-2", "刘洋", True), ("赵敏", "敏", True), ("zhao", "赵敏", True),
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
