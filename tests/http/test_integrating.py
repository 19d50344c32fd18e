"""docs/integrating.md, typed as it stands, one snippet after the other, in the shell, Python and JavaScript."""

import asyncio
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.http.desk import ADMIN_KEY
from tests.http.process import server

GUIDE: Final = Path(__file__).parents[2] / "docs" / "integrating.md"
SNIPPETS: Final = re.findall(r"```(sh|python|javascript)\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
RUN_BY: Final = {
    "sh": ("bash", "-euo", "pipefail", "-c"), "python": (sys.executable, "-c"), "javascript": ("node", "-e"),
}  # fmt: skip
# Of each snippet, what has to be in its answer; and which of its fields is called how from there on.
SAYS: Final = (
    ("sh", '"secret":"whsec_'), ("python", "(202, {'call': 'call-1', 'position': 1"), ("javascript", "202 {"),
    ("sh", '"key":"'), ("sh", '"status":202'), ("sh", '"key":"'), ("sh", '"complaints":["'), ("sh", "新车导航故障"),
    ("python", "call-2"), ("python", "Received CALL-CENTRE-"), ("javascript", "Received CALL-CENTRE-"),
)  # fmt: skip
KEPT: Final = {0: ("SECRET", "secret"), 3: ("SOFTPHONE", "key"), 5: ("AGENT", "key")}


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
@pytest.mark.timeout(300)
async def test_a_softphone_in_fifteen_minutes(database: str) -> None:
    assert [language for language, _ in SNIPPETS] == [language for language, _ in SAYS]
    async with server(database) as running:
        variables = {"REDRESS": running.address, "ADMIN": ADMIN_KEY}
        for place, (language, snippet) in enumerate(SNIPPETS):
            told = await _typed(language, snippet, variables)
            assert SAYS[place][1] in told, f"{snippet}\n{told}"
            if place in KEPT:
                name, field = KEPT[place]
                variables[name] = re.findall(rf'"{field}":"([^"]+)"', told)[0]


async def _typed(language: str, snippet: str, variables: dict[str, str]) -> str:
    process = await asyncio.create_subprocess_exec(
        *RUN_BY[language], snippet, env={**os.environ, **variables},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    written, _ = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0, f"{snippet}\n{written.decode()}"
    return written.decode()
