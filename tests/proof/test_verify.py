"""The one file of the auditors: what fits is said to fit; of what does not, the first place and the kind are named."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from proof import verify as one_file
from proof.leaf import event_leaf, event_line
from proof.verify import (
    KINDS,
    Checkpoint,
    NotAnExport,
    NotGenuine,
    PublicKey,
    Tampered,
    introduced,
    introduction,
    is_signed,
    leaf_hash,
    opened_note,
    verify,
)
from tests.proof.exports import START, Signer, event, exported, history, said, sealed, stream

SIGNER = Signer()
KEYS = [SIGNER.public]
LOG = history(30)


def placed(line: bytes, position: int) -> bytes:
    return b'{"position":%d,%s' % (position, line.split(b",", 1)[1])


def found(lines: list[bytes], held: list[str] | None = None) -> tuple[int, str]:
    with pytest.raises(Tampered) as tampered:
        verify(lines, KEYS, held or [])
    assert tampered.value.kind in KINDS
    return tampered.value.position, tampered.value.kind


def without(position: int, *, moved_up: bool) -> list[bytes]:
    """The log after one event was taken out of it."""
    rest = [*LOG[: position - 1], *LOG[position:]]
    return [placed(line, at + 1) for at, line in enumerate(rest)] if moved_up else rest


# What fits


def test_a_log_that_is_as_it_was_sealed_fits_and_its_figures_are_told() -> None:
    report = verify(exported(SIGNER, LOG, signed_at=(5, 20)), KEYS)
    assert (report.events, report.checkpoints, report.streams, report.uncovered) == (30, 3, 3, 0)
    assert (report.first_at, report.last_at) == ("2026-03-02T01:01:00.000000Z", "2026-03-02T01:30:00.000000Z")
    assert Checkpoint.parse(opened_note(report.last, KEYS)).size == 30


def test_a_checkpoint_that_somebody_holds_is_compared() -> None:
    held = [SIGNER.checkpoint([leaf_hash(line) for line in LOG[:size]]) for size in (5, 13, 30)]
    assert verify(exported(SIGNER, LOG, signed_at=(5,)), KEYS, held).events == 30


def test_of_what_was_not_asked_for_whole_trees_stand_in_its_place() -> None:
    whole = exported(SIGNER, LOG)
    leaves = [leaf_hash(line) for line in LOG]
    tree = one_file.Tree()
    for leaf in leaves[:16]:
        tree.append(leaf)
    (root,) = tree._parts
    header = json.loads(whole[0]) | {"after": 16}
    unseen = said(unseen={"first": 1, "last": 16, "trees": b64encode(root).decode()})
    report = verify([json.dumps(header).encode(), unseen, *whole[19:]], KEYS)
    assert (report.events, report.unseen) == (14, 16)


def test_of_the_cases_of_one_procedure_the_others_stand_there_by_their_leaves() -> None:
    whole = exported(SIGNER, LOG)
    header = said(format=one_file.FORMAT, after=0, until=30, selection="procedure kf0001", key="")
    some = [line for line in whole[1:] if not line.startswith(b'{"position"') or str(stream(1)).encode() in line]
    report = verify([header, *some], KEYS)
    assert (report.events, report.unseen) == (10, 20)
    assert found([header, *[line.replace(b"note 4", b"note 5") for line in some]]) == (5, "changed")


# What was done to it


def test_a_byte_that_was_flipped_is_found() -> None:
    for position in (1, 8, 9, 17, 30):
        line = LOG[position - 1]
        for at in (len(line) - 3, line.index(b"complaint") + 2):
            flipped = line[:at] + bytes([line[at] ^ 1]) + line[at + 1 :]
            changed = [*LOG[: position - 1], flipped, *LOG[position:]]
            assert found(exported(SIGNER, changed, LOG)) == (position, "changed")


def test_an_event_that_was_taken_out_is_found_whether_the_others_moved_up_or_not() -> None:
    for position in (1, 8, 12):
        assert found(exported(SIGNER, without(position, moved_up=False), LOG)) == (position, "deleted")
    for position in (1, 7, 12):
        assert found(exported(SIGNER, without(position, moved_up=True), LOG)) == (position, "deleted")


def test_an_event_that_was_put_in_is_found() -> None:
    for position in (1, 7, 12):
        forged = event(position, 1, 99, text="put in")
        after = [placed(line, at + position + 1) for at, line in enumerate(LOG[position - 1 :])]
        assert found(exported(SIGNER, [*LOG[: position - 1], forged, *after], LOG)) == (position, "inserted")
    behind = [*LOG, event(31, 0, 11)]
    assert found(exported(SIGNER, behind, LOG)) == (31, "inserted")


def test_two_events_that_changed_places_are_found_near_and_far() -> None:
    for one, other in ((3, 4), (2, 7), (5, 27)):
        changed = list(LOG)
        changed[one - 1], changed[other - 1] = placed(LOG[other - 1], one), placed(LOG[one - 1], other)
        assert found(exported(SIGNER, changed, LOG)) == (one, "swapped")


def test_a_tail_that_was_cut_off_is_found_by_the_end_that_was_said_or_by_a_checkpoint_that_is_held() -> None:
    whole = exported(SIGNER, LOG, signed_at=(16,))
    cut = whole[: whole.index(said(checkpoint=SIGNER.checkpoint([leaf_hash(line) for line in LOG[:16]]))) + 1]
    assert found(cut) == (17, "cut")
    shorter = exported(SIGNER, LOG[:16])
    assert verify(shorter, KEYS).events == 16
    assert found(shorter, [SIGNER.checkpoint([leaf_hash(line) for line in LOG])]) == (17, "cut")


def test_an_event_that_was_given_an_earlier_time_is_found() -> None:
    changed = [*LOG[:11], event(12, 2, 4, minute=3, text="note 11"), *LOG[12:]]
    assert found(exported(SIGNER, changed, LOG)) == (12, "back-dated")


def test_an_event_that_was_moved_to_another_stream_is_found() -> None:
    moved = event(12, 0, 5, text="note 11")  # it was the fourth of stream 2
    assert found(exported(SIGNER, [*LOG[:11], moved, *LOG[12:]], LOG)) == (12, "moved")


def test_a_forged_checkpoint_is_found() -> None:
    stranger = Signer()
    lines = exported(SIGNER, LOG)
    forged = said(checkpoint=stranger.checkpoint([leaf_hash(line) for line in LOG]))
    assert found([*lines[:-1], forged]) == (30, "forged")
    note = json.loads(lines[-1])["checkpoint"]
    assert found([*lines[:-1], said(checkpoint=note.replace("01:00:00Z", "02:00:00Z"))]) == (30, "forged")


def test_a_log_that_was_rewritten_with_its_leaves_does_not_fit_its_checkpoints() -> None:
    rewritten = [*LOG[:11], event(12, 2, 4, text="nothing"), *LOG[12:]]
    lines = exported(SIGNER, rewritten, signed_at=(8, 16))
    true = said(checkpoint=SIGNER.checkpoint([leaf_hash(line) for line in LOG[:16]]))
    at = lines.index(said(checkpoint=SIGNER.checkpoint([leaf_hash(line) for line in rewritten[:16]])))
    assert found([*lines[:at], true, *lines[at + 1 :]]) == (9, "rewritten")


def test_a_log_that_was_rewritten_with_its_key_does_not_fit_the_checkpoint_that_an_outsider_holds() -> None:
    rewritten = [*LOG[:2], event(3, 2, 1, text="nothing"), *LOG[3:]]
    lines = exported(SIGNER, rewritten)
    assert verify(lines, KEYS).events == 30
    held = SIGNER.checkpoint([leaf_hash(line) for line in LOG[:21]])
    assert found(lines, [held]) == (1, "rewritten")


def test_events_without_a_word_of_how_they_were_sealed_are_not_taken() -> None:
    lines = [line for line in exported(SIGNER, history(300)) if not line.startswith(b'{"sealed"')]
    assert found(lines[:-1]) == (257, "inserted")
    assert found(exported(SIGNER, LOG)[:5]) == (1, "inserted")
    assert found([exported(SIGNER, LOG)[0], LOG[0], LOG[0]]) == (1, "inserted")


def test_a_sealed_line_that_does_not_follow_is_not_taken() -> None:
    lines = exported(SIGNER, LOG)
    assert found([lines[0], sealed(2, [leaf_hash(LOG[1])])]) == (1, "rewritten")
    assert found([lines[0], b"{}"]) == (1, "changed")
    assert found([lines[0], b'{"sealed":{"first":1,"leaves":"AAAA"}}']) == (1, "changed")
    assert found([lines[0], b"\xff\xfe"]) == (1, "changed")


@given(st.integers(0, 10_000), st.integers(1, 255), st.booleans())
def test_whatever_byte_of_an_event_is_changed_something_is_found(at: int, by: int, twice: bool) -> None:
    lines = exported(SIGNER, LOG, signed_at=(16,))
    number = 1 + at % (len(lines) - 1)
    line = lines[number]
    place = at % len(line)
    changed = line[:place] + bytes([line[place] ^ by]) + line[place + 1 :]
    if b"\n" in changed or not line.startswith(b'{"position"'):
        return
    with pytest.raises(Tampered):
        verify([*lines[:number], changed, *lines[number + 1 :]], KEYS)
    if twice:
        with pytest.raises(Tampered):
            verify([*lines[:number], line, line, *lines[number + 1 :]], KEYS)


# Keys and notes


def test_a_new_key_is_believed_because_the_one_before_vouches_for_it() -> None:
    new = Signer()
    text = introduction(new.public)
    note = f"{text}\n{SIGNER.line(text)}{new.line(text)}"
    assert introduced(note, KEYS) == new.public
    lines = exported(new, LOG)
    assert found(lines) == (30, "forged")
    assert verify([lines[0], said(key=note), *lines[1:]], KEYS).events == 30


def test_a_key_that_vouches_for_itself_or_is_vouched_for_without_its_own_word_is_not_believed() -> None:
    new = Signer()
    text = introduction(new.public)
    for note in (new.note(text), SIGNER.note(text), f"hello\n{new.public}\n\n{SIGNER.line(text)}"):
        with pytest.raises(NotGenuine):
            introduced(note, KEYS)


def test_a_note_is_genuine_only_as_it_was_signed() -> None:
    note = SIGNER.note("redress/tests\n3\nAAAA\n")
    assert opened_note(note, KEYS) == "redress/tests\n3\nAAAA\n"
    other = replace(SIGNER.public, name="redress/other")
    for wrong, keys in (
        (note.replace("3", "4", 1), KEYS), (note, [Signer().public]), (note, [other]), (note[:-3] + "\n", KEYS),
        ("redress/tests\n3\nAAAA\n", KEYS), (note.replace("\u2014", "-"), KEYS), ("", KEYS),
    ):  # fmt: skip
        with pytest.raises(NotGenuine):
            opened_note(wrong, keys)


@pytest.mark.parametrize("text", ["a\n1\n", "a\n1\nAAAA\n", "a\n01\n" + "A" * 43 + "=\n", "a\nx\n" + "A" * 43 + "=\n"])
def test_what_is_no_checkpoint_is_none(text: str) -> None:
    with pytest.raises(NotGenuine):
        Checkpoint.parse(text)


def test_a_public_key_is_written_as_signed_notes_have_it_and_a_slip_in_it_is_found() -> None:
    text = str(SIGNER.public)
    assert PublicKey.parse(text + "\n") == SIGNER.public
    for wrong in (text[:-2], text.replace("redress", "Redress"), "a+b", "", "a b+00000000+AAAA"):
        with pytest.raises(ValueError, match=r"."):
            PublicKey.parse(wrong)


@given(st.binary(max_size=200), st.binary(min_size=32, max_size=32))
def test_signatures_are_judged_as_another_implementation_judges_them(message: bytes, seed: bytes) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    key, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert is_signed(message, signature, key)
    assert not is_signed(message + b"x", signature, key)
    assert not is_signed(message, signature[:-1] + bytes([signature[-1] ^ 1]), key)
    assert not is_signed(message, signature, bytes(31) + b"\x05")
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(signature[32:], "little") + order
    assert not is_signed(message, signature[:32] + scalar.to_bytes(32, "little"), key)


def test_the_vector_of_rfc_8032() -> None:
    key = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert is_signed(b"\x72", signature, key)
    assert not is_signed(b"\x73", signature, key)


# The line


def test_two_different_events_never_have_the_same_line() -> None:
    one = (1, START, stream(1), 1, "complaint.Received", "li-min", b'{"a":1}')
    others = [
        (2, *one[1:]), (one[0], START.replace(microsecond=1), *one[2:]), (*one[:2], stream(2), *one[3:]),
        (*one[:3], 2, *one[4:]), (*one[:4], "complaint.Closed", *one[5:]), (*one[:5], 'li","data":"', one[6]),
        (*one[:6], b'{"a":2}'), (*one[:6], b"\xff"), (*one[:6], b'{"a":\n1}'), (*one[:6], b'"b64'),
    ]  # fmt: skip
    lines = {event_line(*event) for event in (one, *others)}
    assert len(lines) == len(others) + 1
    assert len({event_leaf(*event) for event in (one, *others)}) == len(others) + 1
    assert all(b"\n" not in line for line in lines)


def test_a_line_is_json_with_the_stored_state_byte_for_byte() -> None:
    line = event_line(7, START, stream(1), 3, "complaint.Received", '周"琪', b'{"text": "\xe4\xbd\xa0"}')
    assert json.loads(line) == {
        "position": 7, "recorded_at": "2026-03-02T01:00:00.000000Z", "stream": str(stream(1)), "version": 3,
        "type": "complaint.Received", "actor": '周"琪', "data": {"text": "你"},
    }  # fmt: skip
    assert b'"data":{"text": "\xe4\xbd\xa0"}}' in line


# As auditors call it


def called(tmp_path: Path, lines: list[bytes], *more: str) -> subprocess.CompletedProcess[str]:
    """The one file, copied away, with a bare interpreter."""
    alone = tmp_path / "verify.py"
    alone.write_text(Path(one_file.__file__).read_text("utf-8"), "utf-8")
    (tmp_path / "export.ndjson").write_bytes(b"".join(line + b"\n" for line in lines))
    return subprocess.run(
        [sys.executable, "-I", "-S", str(alone), str(tmp_path / "export.ndjson"), *more],
        capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip


def test_the_one_file_needs_nothing_else_and_says_what_it_found_in_either_language(tmp_path: Path) -> None:
    (tmp_path / "key.pub").write_text(f"{SIGNER.public}\n")
    good = called(tmp_path, exported(SIGNER, LOG), "--key", str(tmp_path / "key.pub"), "--language", "en")
    assert (good.returncode, good.stdout.splitlines()[0]) == (0, "Everything fits.")
    assert "redress/tests\n30\n" in good.stdout
    changed = [*LOG[:11], event(12, 2, 4, text="nothing"), *LOG[12:]]
    bad = called(tmp_path, exported(SIGNER, changed, LOG), "--key", str(SIGNER.public), "--language", "zh")
    assert (bad.returncode, bad.stdout.splitlines()[0]) == (1, "位置 12：事件内容被改动。")
    held = tmp_path / "held.txt"
    held.write_text(SIGNER.checkpoint([leaf_hash(line) for line in history(31)]))
    cut = called(
        tmp_path, exported(SIGNER, LOG), "--key", str(SIGNER.public), "--checkpoint", str(held), "--language", "en"
    )
    assert (cut.returncode, cut.stdout.splitlines()[0]) == (1, "Position 31: the end of the log was cut off.")


def test_what_cannot_be_checked_at_all_is_neither_good_nor_bad(tmp_path: Path) -> None:
    for lines, key in (([b"hello"], str(SIGNER.public)), (exported(SIGNER, LOG), "no key"), ([], str(SIGNER.public))):
        assert called(tmp_path, lines, "--key", key).returncode == 2
    held = tmp_path / "held.txt"
    held.write_text(Signer().checkpoint([leaf_hash(LOG[0])]))
    asked = ("--key", str(SIGNER.public), "--checkpoint", str(held), "--language", "en")
    strange = called(tmp_path, exported(SIGNER, LOG), *asked)
    assert (strange.returncode, strange.stdout) == (2, "A checkpoint that you hold is not signed by the key.\n")
    with pytest.raises(NotAnExport):
        verify([b'{"format":"redress-export/99","after":0,"until":1,"selection":"all"}'], KEYS)
