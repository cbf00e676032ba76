"""A log that was touched says so: edit, removal, move, insertion, double, cut end, whole rewriting."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from flexura.errors import AuditUnfit
from flexura.security.audit import (
    AuditEvent,
    Checkpoint,
    Entry,
    Head,
    append,
    read_checkpoint,
    read_event,
    sign,
    signing_key,
    verify_log,
    write_checkpoint,
)
from flexura.security.encryption import Owner, make_data_key

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TENANT_KEY = make_data_key(Owner("clinic", "tenant"), 1, randomness=os.urandom)
KEY = signing_key(TENANT_KEY)
PUBLIC = KEY.public_key()


def _event(number: int) -> AuditEvent:
    return AuditEvent(
        id=f"event-{number}",
        at=NOON + timedelta(seconds=number),
        tenant="clinic",
        user="user-1",
        role="clinician",
        verb="case.read",
        patient="patient-1",
        entity=f"cases/{number}",
    )


def _write(events: list[AuditEvent]) -> tuple[list[Entry], Checkpoint]:
    head, entries = Head(), []
    for event in events:
        entry, head = append(head, event)
        entries.append(entry)
    return entries, sign(head, "clinic", at=NOON, key=KEY)


LOG, CHECKPOINT = _write([_event(number) for number in range(20)])


def _codes(entries, *checkpoints, log="clinic", public=PUBLIC) -> set[str]:
    return {finding.code for finding in verify_log(entries, checkpoints, log=log, public=public)}


def _rehashed(entries: list[Entry]) -> list[Entry]:
    """What an intruder without the signing key can do: make number, chain and hashes fit again."""
    return _write([read_event(entry) for entry in entries])[0]


def test_a_whole_log_has_no_findings():
    assert verify_log(LOG, [CHECKPOINT], log="clinic", public=PUBLIC) == ()


def test_an_empty_log_is_whole():
    assert _codes([], sign(Head(), "clinic", at=NOON, key=KEY)) == set()


def test_an_edited_entry_is_found_where_it_is():
    edited = list(LOG)
    edited[7] = replace(edited[7], text=edited[7].text.replace("user-1", "user-2"))
    findings = verify_log(edited, [CHECKPOINT], log="clinic", public=PUBLIC)
    assert [(finding.code, finding.number) for finding in findings] == [("edited", 8), ("rewritten", 20)]


def test_an_edited_entry_with_its_hash_made_anew_breaks_the_chain():
    edited = list(LOG)
    edited[7] = append(Head(), replace(_event(7), user="user-2"))[0]
    assert "unchained" in _codes(edited, CHECKPOINT)


@pytest.mark.parametrize("gone", [0, 7, 18])
def test_a_removed_entry_is_found(gone):
    assert {"unchained", "truncated"} <= _codes(LOG[:gone] + LOG[gone + 1 :], CHECKPOINT)


def test_moved_entries_are_found():
    moved = [*LOG[:5], LOG[6], LOG[5], *LOG[7:]]
    assert {"unchained", "rewritten"} <= _codes(moved, CHECKPOINT)


def test_an_inserted_entry_is_found():
    inserted = [*LOG[:5], append(Head(), _event(99))[0], *LOG[5:]]
    assert {"unchained", "rewritten", "unsigned"} <= _codes(inserted, CHECKPOINT)


def test_a_doubled_entry_is_found():
    assert {"duplicated", "unchained"} <= _codes([*LOG[:6], LOG[5], *LOG[6:]], CHECKPOINT)


def test_a_doubled_event_is_found_even_where_the_chain_was_made_to_fit():
    assert "duplicated" in _codes(_rehashed([*LOG, LOG[3]]), CHECKPOINT)


@pytest.mark.parametrize("kept", [0, 1, 19])
def test_a_cut_off_end_is_found(kept):
    assert _codes(LOG[:kept], CHECKPOINT) == {"truncated"}


@pytest.mark.parametrize("change", ["edit", "remove", "move", "insert"])
def test_a_chain_that_was_made_to_fit_again_does_not_fit_the_signature(change):
    changed = {
        "edit": [*LOG[:3], append(Head(), replace(_event(3), user="user-2"))[0], *LOG[4:]],
        "remove": [*LOG[:3], *LOG[4:]],
        "move": [*LOG[:3], LOG[4], LOG[3], *LOG[5:]],
        "insert": [*LOG[:3], append(Head(), _event(99))[0], *LOG[3:]],
    }[change]
    assert _codes(_rehashed(changed), CHECKPOINT) & {"rewritten", "truncated"}


def test_an_end_that_nobody_signed_is_found():
    longer, _ = _write([_event(number) for number in range(21)])
    findings = verify_log(longer, [CHECKPOINT], log="clinic", public=PUBLIC)
    assert [(finding.code, finding.number) for finding in findings] == [("unsigned", 21)]
    assert _codes(LOG) == {"unsigned"}


def test_a_full_rewriting_with_the_signing_key_is_found_by_the_anchor_alone():
    rewritten, signed_anew = _write([replace(_event(number), user="user-2") for number in range(25)])
    assert _codes(rewritten, signed_anew) == set()
    assert _codes(rewritten, signed_anew, CHECKPOINT) == {"rewritten"}


def test_a_return_to_an_older_signed_state_is_found_by_the_anchor():
    older, old_checkpoint = _write([_event(number) for number in range(10)])
    assert _codes(older, old_checkpoint) == set()
    assert _codes(older, old_checkpoint, CHECKPOINT) == {"truncated"}


def test_a_log_that_grew_after_its_anchor_is_whole():
    longer, checkpoint = _write([_event(number) for number in range(33)])
    assert _codes(longer, CHECKPOINT, checkpoint) == set()


@pytest.mark.parametrize(
    "change", [{"size": 19}, {"root": "0" * 64}, {"at": NOON + timedelta(days=1)}, {"signature": "00"}, {"log": "x"}]
)
def test_a_changed_checkpoint_is_forged(change):
    assert "forged" in _codes(LOG, replace(CHECKPOINT, **change))


def test_another_logs_checkpoint_or_key_is_forged():
    assert "forged" in _codes(LOG, CHECKPOINT, log="practice")
    stranger = signing_key(make_data_key(Owner("clinic", "tenant"), 1, randomness=os.urandom)).public_key()
    assert "forged" in _codes(LOG, CHECKPOINT, public=stranger)


def test_unreadable_entries_are_findings_and_no_crash():
    broken = [*LOG[:3], Entry(4, "{", "00"), *LOG[4:]]
    assert {"edited", "unchained"} <= _codes(broken, CHECKPOINT)


def test_events_and_checkpoints_read_back():
    assert [read_event(entry) for entry in LOG] == [_event(number) for number in range(20)]
    assert read_checkpoint(write_checkpoint(CHECKPOINT)) == CHECKPOINT
    failed = replace(_event(21), outcome="failed", reason="photo_unfit too_dark")
    entry, _ = append(Head(), failed)
    assert read_event(entry) == failed
    assert [text for text in (entry.text, LOG[0].text) if '"reason"' in text] == [entry.text]  # as before, without one


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"at": 1}'])
def test_other_text_is_neither(text):
    with pytest.raises(AuditUnfit):
        read_checkpoint(text)
    with pytest.raises(AuditUnfit):
        read_event(Entry(1, text, ""))


def test_times_are_written_in_utc_with_their_zone():
    eastern = replace(_event(1), at=NOON.astimezone(timezone(timedelta(hours=-5))))
    entry, _ = append(Head(), eastern)
    assert '"at":"2026-03-01T12:00:00.000000+00:00"' in entry.text
    with pytest.raises(AuditUnfit, match="zone"):
        append(Head(), replace(_event(1), at=datetime(2026, 3, 1)))


def test_the_signing_key_is_the_tenants_and_stays():
    assert signing_key(TENANT_KEY).public_key() == PUBLIC
