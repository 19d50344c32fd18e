"""Two real softphones call each other on this machine, and a complaint comes out at the other end."""

import asyncio
import os
import shutil
import sys

import pytest


@pytest.mark.skipif(shutil.which("baresip") is None, reason="baresip is not installed (Debian: baresip-core)")
@pytest.mark.timeout(300)
async def test_two_softphones_call_each_other_and_a_complaint_comes_of_it() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app", "softphone", "demo", env={**os.environ, "REDRESS_LANGUAGE": "en"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    written, _ = await process.communicate()
    told = written.decode()
    assert process.returncode == 0, told
    assert "agent-7 answered and talked for 2 seconds" in told
    assert "The wrap-up became complaint CALL-CENTRE-" in told
    assert "owned by agent-7" in told
