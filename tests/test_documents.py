"""What the documents name is there: files, programs, settings, addresses, figures; and what is there is told."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
import typer.main
from typer.core import TyperGroup

from app.cli.commands import app
from app.settings import Settings

ROOT: Final = Path(__file__).parent.parent
DOCUMENTS: Final = sorted(file.relative_to(ROOT) for file in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")))
DECISIONS: Final = [file for file in DOCUMENTS if file.parent.name == "decisions"]
GUIDE: Final = "README.md"
OPERATING: Final = "docs/operating.md"

LINK: Final = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE: Final = re.compile(r"`([^`\n]+)`")
FENCED: Final = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A file or folder by its path, or a module or document by its name alone.
PATH: Final = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]*)+|[A-Za-z0-9_-]+\.(?:py|md)")
PROGRAM: Final = re.compile(r"(?:\bredress|-m app) ([a-z]+(?:-[a-z]+)*(?: (?:\| )?[a-z]+(?:-[a-z]+)*)*)")
OPTION: Final = re.compile(r"--[a-z][a-z-]*")
ADDRESS: Final = re.compile(r"\b(GET|POST|PUT|DELETE) (/[^\s`?;；]*)")
METRIC: Final = re.compile(r"redress_[a-z_]+")
NO_METRICS: Final = {"redress_app", "redress_log"}  # the role of the database, and the channel of wake-ups


def read(document: Path | str) -> str:
    return (ROOT / document).read_text("utf-8")


def codes(text: str) -> Iterator[str]:
    """What stands between backticks, and every line of a block."""
    yield from CODE.findall(FENCED.sub("", text))
    yield from (line for block in FENCED.findall(text) for line in block.splitlines())


@cache
def contents() -> frozenset[str]:
    """Every file and folder of the repository, and each by the ends of its path: `http/problems.py`, `problems.py`."""
    found: set[str] = set()
    for top in ROOT.iterdir():
        if not top.name.startswith("."):
            found |= {str(file.relative_to(ROOT)) for file in (top, *(top.rglob("*") if top.is_dir() else ()))}
    return frozenset("/".join(path.split("/")[at:]) for path in found for at in range(path.count("/") + 1))


def missing_paths(text: str, folder: Path = Path()) -> list[str]:
    """Links and paths of a document in this folder that lead nowhere."""
    links = [urlsplit(link) for link in LINK.findall(CODE.sub("", FENCED.sub("", text)))]
    lost = [link.path for link in links if not link.scheme and link.path and not (ROOT / folder / link.path).exists()]
    ours = [code for code in CODE.findall(FENCED.sub("", text)) if PATH.fullmatch(code) and is_ours(code)]
    return lost + [path for path in ours if path.rstrip("/") not in contents()]


def is_ours(path: str) -> bool:
    """Whether this can only be meant of the repository: not `text/csv`, but `http/`, `app/http.py` and `http.py`."""
    first, slash, rest = path.partition("/")
    return not first.startswith(".") and (not slash or not rest or first in contents() or path.endswith((".py", ".md")))


def unknown_programs(text: str) -> list[str]:
    """Lines that call `redress` or `make` with what they do not have."""
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    found = []
    for line in codes(text):
        if match := re.match(r"make ([a-z-]+)", line):
            found += [] if match[1] in targets else [line]
        for called in PROGRAM.findall(line):
            found += [] if is_command(called, line) else [line]
    return found


def is_command(called: str, line: str) -> bool:
    """Whether there are such commands (`keys create | list` names two), with each option that the line gives them."""
    first, *others = called.split(" | ")
    *group, _ = first.split()
    return all(takes(words, line) for words in (first.split(), *([*group, other] for other in others)))


def takes(words: list[str], line: str) -> bool:
    command = typer.main.get_command(app)
    for word in words:
        if not isinstance(command, TyperGroup):
            break  # what follows is what it is given
        if word not in command.commands:
            return False
        command = command.commands[word]
    own = {option for parameter in command.params for option in parameter.opts}
    return isinstance(command, TyperGroup) or set(OPTION.findall(line)) <= own | {"--help"}


@cache
def served() -> frozenset[tuple[str, str]]:
    """Method and address of everything that the API answers."""
    text = "\n".join(line for line in read("openapi.yaml").splitlines() if re.match(r"  /\S+:$|    [a-z]+:$", line))
    paths = re.findall(r"^  (/\S+):$((?:\n    [a-z]+:$)+)", text, re.MULTILINE)
    return frozenset((method.upper(), path) for path, methods in paths for method in re.findall("[a-z]+", methods))


def is_served(method: str, address: str) -> bool:
    """Whether the API has it. In a document, a part may be named (`{id}`, `<command>`) or an example (`cn`)."""
    parts = address.rstrip("/").split("/")
    return any(
        len(known := path.split("/")) == len(parts) and method == its and all(
            one == other or one.startswith("{") or other.startswith(("{", "<"))
            for one, other in zip(known, parts, strict=True)
        )
        for its, path in served()
    )  # fmt: skip


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_link_and_every_path_leads_somewhere(document: Path) -> None:
    assert missing_paths(read(document), document.parent) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_program_and_option_exists(document: Path) -> None:
    assert unknown_programs(read(document)) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_address_is_served(document: Path) -> None:
    named = {found for code in codes(read(document)) for found in ADDRESS.findall(code)}
    assert [found for found in sorted(named) if not is_served(*found)] == []


def test_every_setting_is_explained_with_its_default() -> None:
    rows = [line for line in read(OPERATING).splitlines() if line.startswith("| `REDRESS_")]
    told = {name for row in rows for name in re.findall(r"REDRESS_[A-Z_]+", row.split(" | ")[0])}
    assert told == {f"REDRESS_{name.upper()}" for name in Settings.model_fields} | {"REDRESS_PG_BIN"}
    for name, setting in Settings.model_fields.items():
        [row] = [row for row in rows if f"`REDRESS_{name.upper()}`" in row.split(" | ")[0]]
        if isinstance(setting.default, str | int) and setting.default != "":
            default = str(setting.default)
            assert (default.lower() if isinstance(setting.default, bool) else default) in row.split(" | ")[-1], name


def test_every_figure_that_is_measured_is_explained() -> None:
    measured = {
        name
        for file in (ROOT / "app").rglob("*.py")
        for name in re.findall(r'"(redress_[a-z_]+)"', file.read_text("utf-8"))
    }
    told = {name.removesuffix("_total") for name in METRIC.findall(read(OPERATING))}
    assert {name.removesuffix("_total") for name in measured} - NO_METRICS == told - NO_METRICS


def test_the_way_through_the_house_names_every_folder() -> None:
    rows = dict(re.findall(r"^\| `([a-z]+)/` \| (.*) \|$", read(GUIDE), re.MULTILINE))
    tops = {file.parent.name for file in ROOT.glob("*/*") if file.suffix in {".py", ".md"}}
    assert rows.keys() == {top for top in tops if not top.startswith(".") and not top.endswith(".egg-info")}
    for layer in ("app", "domain"):
        rooms = {file.parent.name for file in (ROOT / layer).glob("*/__init__.py")}
        assert rooms - set(re.findall(r"`([a-z]+)/`", rows[layer])) == set()


@pytest.mark.parametrize("decision", DECISIONS, ids=str)
def test_a_decision_has_its_headings_and_one_sentence_to_quote(decision: Path) -> None:
    text = read(decision)
    lines = text.splitlines()
    number = int(decision.name[:4])
    assert re.fullmatch(rf"# {number}\. [^.]+", lines[0])
    assert re.fullmatch(r"Status: (accepted|superseded by .+), \w+ \d{4}", lines[2])
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences", "Alternatives"]
    quoted = re.findall(r"(?:^> .*\n)+", text, re.MULTILINE)
    assert len(quoted) == 1
    assert re.fullmatch(r"\*\*.+\.\*\*", re.sub(r"\n?> ", " ", f"\n{quoted[0]}").strip())
    assert 30 <= len(lines) <= 45


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(decision.name[:4]) for decision in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize(
    "text",
    ["`app/storage/event_log.py`", "`runners/`", "`telling_of_incidents.py`", "[it](app/none.py)", "`docs/none.md`"],
)
def test_a_path_that_leads_nowhere_is_found(text: str) -> None:
    assert len(missing_paths(text)) == 1
    assert missing_paths("`text/csv`, `app/`, `app/main.py`, `main.py`, [it](README.md), <https://example.com>") == []


@pytest.mark.parametrize(
    "text",
    ["`redress serf`", "`redress keys show`", "`redress serve --hots x`", "`make runn`", "```\nredress draw\n```"],
)
def test_a_program_that_does_not_exist_is_found(text: str) -> None:
    assert len(unknown_programs(text)) == 1
    assert unknown_programs("`redress keys create | list`, `redress serve --port 1`, `make test`") == []


def test_an_address_that_is_not_served_is_found() -> None:
    assert is_served("POST", "/v1/complaints/{id}/<command>")
    assert is_served("GET", "/v1/calendars/cn/moves")
    assert not is_served("DELETE", "/v1/complaints/{id}")
    assert not is_served("GET", "/v1/complains")
