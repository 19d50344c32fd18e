"""openapi.yaml agrees with the code, and what it says holds for requests that a machine thinks up from it."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from app.http.openapi import FILE, generated
from app.http.protocol.description import WITHOUT_A_KEY
from domain.complaint.steps import STEPS
from tests.http.desk import complaint, done
from tests.http.process import server

# 503 is an answer by contract: a list that has not come as far as `min_position`.
CONFIG = """
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", "503"]

[parameters]
"path.id" = "{id}"
"path.number" = "{number}"
"path.clock" = "settle"
"path.code" = "{code}"
"query.wait" = 0

# Answers that go on for as long as somebody listens.
[[operations]]
include-path-regex = "/stream$"
enabled = false
"""
# Positive data may be refused: a schema cannot say all that a rule can. Negative data may be a parameter left out.
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def test_the_description_agrees_with_the_code() -> None:
    assert FILE.read_text(encoding="utf-8") == generated(), "run `python -m app.http.openapi`"


def test_every_step_of_the_contract_is_described_with_its_body_refusals_and_key() -> None:
    document = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    for step in STEPS:
        operation = document["paths"][f"/v1/complaints/{{id}}/{step.name}"]["post"]
        body = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        shape = {"override": "Override"}.get(step.name, step.command.__name__)
        assert body.rpartition("/")[2] == shape
        assert document["components"]["schemas"][shape]["additionalProperties"] is False
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert {"4XX", "503"} <= operation["responses"].keys()
            assert bool(operation["security"]) == (path not in WITHOUT_A_KEY)


def references(schema: object) -> Iterator[str]:
    match schema:
        case dict():
            if isinstance(found := schema.get("$ref"), str):
                yield found
            for inner in schema.values():
                yield from references(inner)
        case list():
            for inner in schema:
                yield from references(inner)


def test_whatever_is_referred_to_is_there() -> None:
    document = yaml.safe_load(FILE.read_text("utf-8"))
    places = {f"#/components/{kind}/{name}" for kind, named in document["components"].items() for name in named}
    assert set(references(document)) - places == set()


def test_every_operation_has_a_name_of_its_own_in_plain_words() -> None:
    operations = [
        (path, method, operation["operationId"])
        for path, ways in yaml.safe_load(FILE.read_text("utf-8"))["paths"].items()
        for method, operation in ways.items()
    ]  # fmt: skip
    names = [name for _, _, name in operations]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z]+([A-Z][A-Za-z]*)*", name)] == []
    called = {(method, path): name for path, method, name in operations}
    assert called["post", "/v1/complaints/{id}/classify"] == "classifyComplaint"
    assert called["get", "/v1/calls"] == "listCalls"
    assert called["get", "/v1/calls/{source}/{id}"] == "getCall"
    assert called["post", "/v1/incidents/{id}/close"] == "closeIncident"


@pytest.mark.timeout(600)  # it computes for half a minute on a machine of its own
async def test_what_a_machine_makes_of_the_description_finds_no_defect(database: str, tmp_path: Path) -> None:
    async with server(database) as running:
        taken = done(await running.post("/v1/complaints", complaint()), 201)
        config = tmp_path / "schemathesis.toml"
        config.write_text(CONFIG.format(id=taken["id"], number=taken["number"], code="kf0001"))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run",
            f"{running.address}/openapi.json", "--header", f"Authorization: Bearer {await running.chief()}",
            "--checks", CHECKS, "--phases", "coverage", "--generation-deterministic",
            "--no-shrink", "--no-color", "--suppress-health-check", "all", "--warnings", "off",
            cwd=tmp_path, env={**os.environ, "COLUMNS": "200"},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        told, _ = await process.communicate()
    assert process.returncode == 0, told.decode()
    assert b'"event":"unexpected"' not in running.written
