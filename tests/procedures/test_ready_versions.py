"""A ready file that means something else has another version: complaints are pinned to what theirs said.

A deployment that kept a version does not start with a release whose file of that version says something else. So what a
version once said is noted in ready_versions.json: lines are added there, and never changed.
"""

import json
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from procedures.library import Library

NOTED: Final = Path(__file__).parent / "ready_versions.json"
SAID: Final[dict[str, str]] = json.loads(NOTED.read_text("utf-8"))


def said_by(text: str) -> str:
    """What a file says, without its comments and the order of its fields."""
    said: Any = yaml.safe_load(text)
    return sha256(json.dumps(said, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()[:16]


@pytest.mark.parametrize("code", sorted(Library.ready().procedures))
def test_a_ready_file_that_says_something_else_has_another_version(code: str) -> None:
    version = Library.ready().procedures[code].version
    said = said_by((files("procedures") / f"{code}.yaml").read_text("utf-8"))
    assert SAID.get(f"{code} {version}") == said, f"a new version, and in {NOTED.name}: {code} {version}: {said}"
