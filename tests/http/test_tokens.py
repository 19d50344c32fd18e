"""Tokens of an OpenID Connect issuer: good ones let somebody in as who they are, and no other lets anybody in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import time
from typing import Any, Final

import httpx
import pytest
from typer.testing import CliRunner

from app.access.oidc.issuer import Issuer as TrustedIssuer
from app.access.oidc.rules import TokenRulesWrong, read_rules
from app.access.oidc.sign_in import Configured
from app.cli.commands import app as command_line
from app.settings import Settings
from tests.http.desk import Desk, complaint, done, open_desk, problem
from tests.http.issuer import AUDIENCE, DISCOVERY, KEYS, KINDS, Issuer

RULES: Final = """
id: preferred_username
email: email
roles:
  claim: realm_access.roles
  values: {cc-agents: agent, cc-leads: [agent, manager], members: unit, auditors: auditor}
unit:
  claim: department
  values: {结算部: settlement, 风控部: risk-control}
"""
ROLES: Final = {"agent", "manager", "unit", "auditor"}
UNITS: Final = {"settlement", "risk-control"}
WANG: Final[dict[str, Any]] = {
    "preferred_username": "wang-fang", "name": "王芳", "email": "fang@example.com",
    "realm_access": {"roles": ["cc-agents", "offline_access"]},
}  # fmt: skip


@asynccontextmanager
async def trusting(database: str, issuer: Issuer, **keys: Any) -> AsyncIterator[Desk]:
    """A service that trusts this issuer. `keys`: the times of `Issuer` of the product, in seconds."""
    async with open_desk(database, sandbox=False, tokens=Configured(issuer.address, AUDIENCE, RULES)) as desk:
        sign_in = desk.service.entrance.tokens
        assert sign_in is not None
        if keys:
            await sign_in.issuer.aclose()
            sign_in.tokens.issuer = TrustedIssuer(issuer.address, **keys)
        yield desk
        await sign_in.issuer.aclose()


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with Issuer() as running:
        yield running


async def with_token(desk: Desk, token: str, path: str = "/v1/tracking") -> httpx.Response:
    return await desk.get(None, path, headers={"Authorization": f"Bearer {token}"})


async def test_a_good_token_lets_somebody_in_who_is_made_and_goes_on_under_their_name(
    database: str, issuer: Issuer
) -> None:
    async with trusting(database, issuer) as desk:
        token = issuer.token(WANG)
        done(await with_token(desk, token))
        taken = await desk.post(None, "/v1/complaints", complaint(), headers={"Authorization": f"Bearer {token}"})
        case = done(taken, 201)
        history = done(await with_token(desk, token, f"/v1/complaints/{case['id']}/history"))
        assert history["items"][0]["actor"]["id"] == "wang-fang"
        again = issuer.token({**WANG, "jti": "another"})
        assert done(await with_token(desk, again, f"/v1/complaints/{case['id']}"))["owner"]["actor"] == "wang-fang"
        person = desk.service.access.directory.find("wang-fang")
        assert person is not None
        assert (person.version, person.facts[0].recorded_by) == (1, "oidc")
        assert person.at(desk.service.now()).name == "王芳"
        assert issuer.asked == [DISCOVERY, KEYS]
        signed_in = await desk.get("he-ping", "/v1/audit/access?kind=sign-in&actor=wang-fang")
        assert {row["credential"][:6] for row in done(signed_in)["items"]} == {"token "}
        assert token not in signed_in.text


@pytest.mark.parametrize("algorithm", list(KINDS))
async def test_each_algorithm_of_the_list_is_taken(database: str, issuer: Issuer, algorithm: str) -> None:
    issuer.rotate("second", algorithm)
    async with trusting(database, issuer) as desk:
        done(await with_token(desk, issuer.token(WANG)))


def unsigned(header: dict[str, Any], claims: dict[str, Any], sign: Any = lambda _: b"") -> str:
    def part(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).decode().rstrip("=")

    signed = f"{part(json.dumps(header).encode())}.{part(json.dumps(claims).encode())}"
    return f"{signed}.{part(sign(signed.encode()))}"


async def test_no_other_token_lets_anybody_in(database: str, issuer: Issuer) -> None:
    issuer.rotate("rsa", "RS256")
    stranger = Issuer()
    stranger.port = issuer.port
    now = int(time())
    whole = {"iss": issuer.address, "aud": AUDIENCE, "exp": now + 600, **WANG}
    public = json.dumps(issuer.published["keys"][-1]).encode()
    pem = issuer.keys["rsa"][1].as_pem(private=False)  # type: ignore[union-attr]
    good = issuer.token(WANG)
    head, body, signature = good.split(".")
    cases = {
        "expired": issuer.token({**WANG, "exp": now - 120}), "not yet": issuer.token({**WANG, "nbf": now + 600}),
        "made tomorrow": issuer.token({**WANG, "iat": now + 600}), "for ever": issuer.token({**WANG, "exp": None}),
        "text as time": issuer.token({**WANG, "exp": "tomorrow"}), "true as time": issuer.token({**WANG, "exp": True}),
        "for others": issuer.token({**WANG, "aud": "elsewhere"}), "for nobody": issuer.token({**WANG, "aud": None}),
        "for many others": issuer.token({**WANG, "aud": ["a", "redress2"]}),
        "of others": issuer.token({**WANG, "iss": "https://evil.example"}),
        "of nobody": issuer.token({**WANG, "iss": None}),
        "forged": stranger.token(WANG), "none": unsigned({"alg": "none"}, whole),
        "none with a key": unsigned({"alg": "none", "kid": "rsa"}, whole), "None": unsigned({"alg": "None"}, whole),
        "no algorithm": unsigned({"kid": "rsa"}, whole),
        "the public key as a secret": unsigned(
            {"alg": "HS256", "kid": "rsa"}, whole, lambda text: hmac.digest(pem, text, hashlib.sha256)),
        "the JWK as a secret": unsigned(
            {"alg": "HS256", "kid": "rsa"}, whole, lambda text: hmac.digest(public, text, hashlib.sha256)),
        "another kind of key": unsigned({"alg": "ES256", "kid": "rsa"}, whole, lambda _: bytes(64)),
        "a path as kid": unsigned({"alg": "RS256", "kid": "../../../../dev/null"}, whole),
        "SQL as kid": unsigned({"alg": "RS256", "kid": "x' OR '1'='1"}, whole),
        "a list as kid": unsigned({"alg": "RS256", "kid": ["rsa"]}, whole),
        "a key of its own": unsigned(
            {"alg": "ES256", "kid": "mine", "jwk": stranger.published["keys"][0], "jku": "http://127.0.0.1/"}, whole),
        "critical": unsigned({"alg": "RS256", "kid": "rsa", "crit": ["exp"]}, whole),
        "changed": f"{head}.{body[:-2]}AA.{signature}", "unsigned": f"{head}.{body}.",
        "huge": f"{head}.{'A' * 20_000}.x",
        "dots": "..", "garbage": "a.b.c", "nested": unsigned({"alg": "RS256"}, {}) + ".x",
        "deep": base64.urlsafe_b64encode(b"[" * 5_000).decode().rstrip("=") + ".e30.x",
    }  # fmt: skip
    async with trusting(database, issuer) as desk:
        done(await with_token(desk, good))
        for name, token in cases.items():
            answer = await with_token(desk, token)
            refusal = problem(answer, 401)
            assert answer.headers["www-authenticate"].startswith("Bearer"), name
            assert "wang" not in str(refusal), name
        assert set(issuer.asked) == {DISCOVERY, KEYS}
    async with open_desk(database, sandbox=False) as nobodys:
        problem(await with_token(nobodys, good), 401, "not-authenticated")


async def test_clocks_may_differ_by_a_minute(database: str, issuer: Issuer) -> None:
    now = int(time())
    async with trusting(database, issuer) as desk:
        for claims in ({"iat": now + 40}, {"nbf": now + 40}, {"exp": now - 40}, {"aud": ["x", AUDIENCE]}):
            done(await with_token(desk, issuer.token({**WANG, **claims})))


async def test_keys_rotate_and_what_the_issuer_signs_with_no_more_is_refused(database: str, issuer: Issuer) -> None:
    async with trusting(database, issuer, sparing=0.0, fresh=0.0) as desk:
        old = issuer.token(WANG)
        done(await with_token(desk, old))
        issuer.rotate("second")
        done(await with_token(desk, issuer.token(WANG)))
        done(await with_token(desk, old))
        del issuer.keys["first"]
        for _ in range(100):  # a known token waits for no key: it is refused once the new ones are there
            if (answer := await with_token(desk, old)).status_code == 401:
                break
        problem(answer, 401, "token-refused")


async def test_unknown_keys_are_asked_for_at_most_so_often(database: str, issuer: Issuer) -> None:
    async with trusting(database, issuer) as desk:
        done(await with_token(desk, issuer.token(WANG)))
        for number in range(20):
            problem(await with_token(desk, unsigned({"alg": "RS256", "kid": f"k{number}"}, {})), 401)
        assert len(issuer.asked) == 2


async def test_an_issuer_that_is_away_makes_no_token_bad(database: str, issuer: Issuer) -> None:
    at = [0.0]
    async with trusting(database, issuer, clock=lambda: at[0]) as desk:
        token = issuer.token(WANG)
        await issuer.goes_away()
        away = await with_token(desk, token)
        problem(away, 503, "issuer-away")
        assert "retry-after" in away.headers
        await issuer.comes_back()
        at[0] += 11
        done(await with_token(desk, token))
        await issuer.goes_away()
        at[0] += 1000
        for text in (token, issuer.token({**WANG, "jti": "2"})):
            done(await with_token(desk, text))
        at[0] += 3600
        problem(await with_token(desk, token), 503, "issuer-away")
        done(await desk.get("admin", "/v1/procedures"))
        await issuer.comes_back()


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (DISCOVERY, (200, b'{"issuer": "https://evil.example", "jwks_uri": "https://evil.example/keys"}')),
        (DISCOVERY, (302, b"")), (DISCOVERY, (500, b"")), (DISCOVERY, (200, b"[]")), (DISCOVERY, (200, b"<html>")),
        (KEYS, (200, b'{"keys": [' + b'{"kty": "oct", "k": "AAAA"},' * 50_000 + b"{}]}")),
        (KEYS, (200, json.dumps({"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "first"}] * 200}).encode())),
        (KEYS, (200, b'{"keys": "first"}')), (KEYS, (200, b"[" * 100_000)), (KEYS, (404, b"")),
    ],
)  # fmt: skip
async def test_what_an_issuer_should_not_say_is_not_believed_and_not_read_without_end(
    database: str, issuer: Issuer, path: str, answer: tuple[int, bytes]
) -> None:
    issuer.answers[path] = answer
    async with trusting(database, issuer) as desk:
        problem(await with_token(desk, issuer.token(WANG)), 503, "issuer-away")


async def test_a_secret_among_the_public_keys_is_nobodys_key(database: str, issuer: Issuer) -> None:
    secret = {"kty": "oct", "k": "c2VjcmV0LW9mLXRoZS1pc3N1ZXI", "kid": "shared", "alg": "HS256"}
    issuer.answers[KEYS] = (200, json.dumps({"keys": [secret, *issuer.published["keys"]]}).encode())
    whole = {"iss": issuer.address, "aud": AUDIENCE, "exp": int(time()) + 600, **WANG}
    forged = unsigned(
        {"alg": "HS256", "kid": "shared"}, whole,
        lambda text: hmac.digest(b"secret-of-the-issuer", text, hashlib.sha256),
    )  # fmt: skip
    async with trusting(database, issuer) as desk:
        problem(await with_token(desk, forged), 401, "token-refused")
        done(await with_token(desk, issuer.token(WANG)))


async def test_a_person_is_kept_up_to_date_and_whoever_has_left_is_refused(database: str, issuer: Issuer) -> None:
    async with trusting(database, issuer) as desk:
        token = issuer.token(WANG)
        done(await with_token(desk, token))
        moved = {**WANG, "name": "王小芳", "realm_access": {"roles": ["members"]}, "department": "结算部"}
        done(await with_token(desk, issuer.token(moved)))
        directory, now = desk.service.access.directory, desk.service.now()
        record = directory.find("wang-fang")
        assert record is not None
        person = record.at(now)
        assert (person.name, person.roles, person.unit) == ("王小芳", ("unit",), "settlement")
        assert [fact.recorded_by for fact in record.facts] == ["oidc", "oidc"]
        await desk.service.access.staffing.change(
            "wang-fang", {"active_to": now}, by="admin", at=now, based_on=lambda _: None
        )
        for text in (token, issuer.token({**moved, "jti": "new"})):
            problem(await with_token(desk, text), 401, "person-not-active")


@pytest.mark.parametrize(
    "claims",
    [
        {**WANG, "realm_access": {"roles": ["something-else"]}}, {**WANG, "realm_access": None},
        {**WANG, "realm_access": "cc-agents"}, {**WANG, "preferred_username": None},
        {**WANG, "preferred_username": "system"}, {**WANG, "preferred_username": "a\nb"},
        {**WANG, "preferred_username": "x" * 300}, {**WANG, "preferred_username": ["wang-fang"]},
        {**WANG, "realm_access": {"roles": ["members"]}}, {**WANG, "name": "a\u202eb"},
    ],
)
async def test_a_good_token_that_makes_nobody_of_its_bearer_lets_nobody_in(
    database: str, issuer: Issuer, claims: dict[str, Any]
) -> None:
    async with trusting(database, issuer) as desk:
        problem(await with_token(desk, issuer.token(claims)), 403, "token-gives-nobody")


def test_a_misspelt_role_or_unit_in_the_rules_is_named_with_what_may_have_been_meant() -> None:
    wrong = RULES.replace("[agent, manager]", "[agent, manger]").replace("settlement", "setlement") + "emial: email\n"
    with pytest.raises(TokenRulesWrong) as refused:
        read_rules(wrong, ROLES, UNITS)
    said = [mistake.in_words("en") for mistake in refused.value.mistakes]
    assert [mistake.line for mistake in refused.value.mistakes] == [10, 6, 9]
    for meant, sentence in zip(("email", "manager", "settlement"), said, strict=True):
        assert f"Did you mean {meant}?" in sentence
    for none in ("", "roles: x", "id: [a]", "id: &a x\nname: *a", "id: x\nroles: {claim: a, values: b}", "\t"):
        with pytest.raises(TokenRulesWrong):
            read_rules(none, ROLES, UNITS)


async def test_a_service_with_wrong_rules_does_not_start(database: str, issuer: Issuer) -> None:
    wrong = Configured(issuer.address, AUDIENCE, RULES.replace("manager", "manger"))
    with pytest.raises(TokenRulesWrong, match="Did you mean manager"):
        async with open_desk(database, sandbox=False, tokens=wrong):
            pass


def test_the_command_checks_a_file_and_shows_what_a_token_would_give(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(RULES, "utf-8")
    claims = {**WANG, "department": "结算部"}
    shown = CliRunner().invoke(command_line, ["oidc", "check", str(file), "--token", unsigned({}, claims)])
    assert shown.exit_code == 0, shown.output
    for word in ("wang-fang", "王芳", "agent", "settlement", "not checked"):
        assert word in shown.output
    nobody = unsigned({}, {"preferred_username": "x"})
    for token in ("x.y", nobody):
        assert CliRunner().invoke(command_line, ["oidc", "check", str(file), "--token", token]).exit_code == 1
    file.write_text(RULES.replace("manager", "manger"), "utf-8")
    refused = CliRunner().invoke(command_line, ["oidc", "check", str(file)])
    assert refused.exit_code == 1
    assert "Did you mean manager?" in refused.output


@pytest.mark.parametrize(
    "set_so",
    [
        {"ISSUER": "http://sso.example.com"}, {"ISSUER": "https://sso.example.com?x=1"}, {"ISSUER": "sso"},
        {"AUDIENCE": ""}, {"RULES": "/nowhere.yaml"},
    ],
)
def test_an_issuer_without_tls_or_half_configured_stops_the_start(
    set_so: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES, "utf-8")
    whole = {"ISSUER": "https://sso.example.com/realms/a", "AUDIENCE": AUDIENCE, "RULES": str(rules)}
    for name, value in whole.items():
        monkeypatch.setenv(f"REDRESS_OIDC_{name}", value)
    assert Settings().oidc_issuer == whole["ISSUER"]
    for name, value in set_so.items():
        monkeypatch.setenv(f"REDRESS_OIDC_{name}", value)
    with pytest.raises(ValueError, match=r"oidc|OIDC"):
        Settings()
