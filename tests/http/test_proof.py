"""What an auditor asks for who does not believe us: checkpoints, proofs, keys; and a file that is checked elsewhere."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from proof.tree import is_consistent, is_included
from proof.verify import Checkpoint, PublicKey, leaf_hash, opened_note
from tests.http.desk import Desk, done, problem

AUDITOR = "he-ping"


async def sealed(desk: Desk, count: int = 3) -> list[str]:
    """Some complaints, sealed; their ids."""
    ids = [(await desk.receive(force=True))["id"] for _ in range(count)]
    assert await desk.service.sealing.sealed(20)
    return ids


async def signed(desk: Desk) -> Checkpoint:
    note = done(await desk.post(AUDITOR, "/v1/audit/checkpoints"), 201)["note"]
    keys = done(await desk.get(AUDITOR, "/v1/audit/public-key"))
    return Checkpoint.parse(opened_note(note, [PublicKey.parse(keys["key"])]))


def hashes(path: list[str]) -> list[bytes]:
    return [b64decode(one) for one in path]


async def proven(desk: Desk, position: int, who: str = AUDITOR) -> dict[str, Any]:
    found: dict[str, Any] = done(await desk.get(who, f"/v1/audit/proof?position={position}"))
    return found


async def test_checkpoints_are_signed_on_demand_listed_and_the_newest_is_a_note_in_plain_text(desk: Desk) -> None:
    first = await desk.get(AUDITOR, "/v1/audit/checkpoints/latest")
    assert first.text.splitlines()[1] == "0"  # over nothing, from the first moment on
    await sealed(desk)
    made = [await signed(desk)]
    again = done(await desk.post(AUDITOR, "/v1/audit/checkpoints"), 201)
    await sealed(desk)
    made.append(await signed(desk))
    latest = await desk.get(AUDITOR, "/v1/audit/checkpoints/latest")
    assert latest.headers["content-type"].startswith("text/plain")
    listed = done(await desk.get(AUDITOR, "/v1/audit/checkpoints"))
    assert [one["size"] for one in listed["items"]] == [made[1].size, made[0].size, 0]
    assert listed["position"] == made[1].size
    assert (listed["items"][0]["note"], listed["items"][1]["note"]) == (latest.text, again["note"])
    page = done(await desk.get(AUDITOR, "/v1/audit/checkpoints?limit=1"))
    rest = done(await desk.get(AUDITOR, f"/v1/audit/checkpoints?limit=2&cursor={page['next_cursor']}"))
    assert [*page["items"], *rest["items"]] == listed["items"]
    assert rest["next_cursor"] is None


async def test_that_an_event_is_in_the_log_can_be_proven_by_who_has_the_key_and_nothing_else(desk: Desk) -> None:
    await sealed(desk, 5)
    checkpoint = await signed(desk)
    for position in range(1, checkpoint.size + 1):
        proof = await proven(desk, position)
        assert (proof["position"], proof["size"], b64decode(proof["root"])) == (
            position, checkpoint.size, checkpoint.root
        )  # fmt: skip
        leaf = leaf_hash(proof["line"].encode())
        assert b64decode(proof["leaf"]) == leaf
        assert is_included(leaf, position - 1, checkpoint.size, hashes(proof["path"]), checkpoint.root)
        assert "张三" not in proof["line"]
        assert proof["checkpoint"].startswith(f"{checkpoint.origin}\n{checkpoint.size}\n")


async def test_that_the_log_only_grew_since_a_checkpoint_can_be_proven(desk: Desk) -> None:
    await sealed(desk)
    before = await signed(desk)
    await sealed(desk)
    after = await signed(desk)
    asked = f"/v1/audit/consistency?from={before.size}&to={after.size}"
    proof = done(await desk.get(AUDITOR, asked))
    assert is_consistent(before.size, after.size, before.root, after.root, hashes(proof["path"]))
    assert (b64decode(proof["before_root"]), b64decode(proof["root"])) == (before.root, after.root)


async def test_what_is_not_sealed_or_asked_for_wrongly_is_refused(desk: Desk) -> None:
    await sealed(desk)
    size = (await signed(desk)).size
    beyond = size + 9
    for asked in (f"proof?position={beyond}", f"proof?position=1&size={beyond}", f"consistency?from=1&to={beyond}"):
        problem(await desk.get(AUDITOR, f"/v1/audit/{asked}"), 404, "no-such-proof")
    problem(await desk.get(AUDITOR, f"/v1/audit/consistency?from={size}&to=1"), 404, "no-such-proof")
    for asked in (
        "proof", "proof?position=0", "proof?position=x", "proof?position=1&position=2", "proof?position=1&place=2",
        "consistency?from=1", "consistency?to=1", "consistency?from=1&to=2&to=3", "public-key?x=1",
        "checkpoints?limit=0", "checkpoints/latest?a=1",
    ):  # fmt: skip
        assert (await desk.get(AUDITOR, f"/v1/audit/{asked}")).status_code == 422, asked


async def test_only_auditors_and_administrators_ask_for_proof(desk: Desk) -> None:
    await sealed(desk)
    await signed(desk)
    for address in ("checkpoints", "checkpoints/latest", "proof?position=1", "consistency?from=1&to=2", "public-key"):
        for who in ("li-min", "zhou-qi", "partner-bank", "softphone", "zhao-jing"):
            assert (await desk.get(who, f"/v1/audit/{address}")).status_code == 403, (who, address)
        assert (await desk.get("admin", f"/v1/audit/{address}")).status_code == 200, address
        assert (await desk.get(None, f"/v1/audit/{address}")).status_code == 401
    assert (await desk.post("li-min", "/v1/audit/checkpoints")).status_code == 403


async def test_somebody_named_in_a_complaint_gets_its_leaf_and_not_its_line(desk: Desk) -> None:
    await desk.receive(accused=[AUDITOR])
    assert await desk.service.sealing.sealed(20)
    await signed(desk)
    assert (await proven(desk, 1))["line"] is None
    assert (await proven(desk, 1, "admin"))["line"] is not None


async def test_readyz_and_a_metric_tell_that_the_history_is_not_what_was_sealed(desk: Desk) -> None:
    await sealed(desk)
    assert done(await desk.get(None, "/readyz"))["checks"]["history"] == {"count": 0, "first": None}
    pool = desk.service.pool
    await pool.execute("INSERT INTO log_findings (position, kind, found_at) VALUES (2, 'changed', now())")
    history = done(await desk.get(None, "/readyz"))["checks"]["history"]
    assert (history["count"], history["first"]["position"], history["first"]["kind"]) == (1, 2, "changed")
    assert "redress_history_findings 1.0" in (await desk.get(None, "/metrics")).text


async def test_each_event_of_the_history_says_its_hash_to_who_sees_all_of_it_and_to_nobody_else(desk: Desk) -> None:
    await sealed(desk)
    await signed(desk)
    for event in done(await desk.get(AUDITOR, "/v1/audit/events"))["items"]:
        assert event["hash"] == (await proven(desk, event["position"]))["leaf"]
    others = done(await desk.get("partner-bank", "/v1/audit/events"))["items"]
    assert others
    assert {event["hash"] for event in others} == {None}
