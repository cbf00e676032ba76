"""The audit log: one event per touch of patient data, each chained to the one before, all under a signed checkpoint.

An event names people and patients by their ids only, never by what is known of them. Whoever holds the database
but not the master key cannot sign, so what was edited, removed, moved, inserted or cut off shows in `verify_log`; a
checkpoint that was taken off the machine (an anchor) shows even a rewriting by someone who can sign. `auditing` is
the FHIR side.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from flexura.errors import AuditUnfit
from flexura.security.encryption import DataKey, derive
from flexura.security.merkle import Frontier, grow, hash_leaf, root

Outcome = Literal["success", "refused", "failed"]

# The hash before the first entry.
_BEFORE_ALL: Final = "0" * 64


@dataclass(frozen=True)
class AuditEvent:
    """Who did what to whose data, when, from where and why.

    `at` carries its zone. `user` is a user's id or the name of a program, `verb` a row of `verbs.VERBS`, `entity` such
    as "cases/ID", `address` the network address asked from, `purpose` a code such as TREAT or BTG (breaking the glass).
    `reason` says of what did not succeed why: the error's code, then those of a photo's gate, with spaces between.
    """

    id: str
    at: datetime
    tenant: str
    user: str
    role: str
    verb: str
    outcome: Outcome = "success"
    patient: str | None = None
    entity: str | None = None
    address: str | None = None
    purpose: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Entry:
    """One line of the log: its number from 1 up, the event with number and previous hash as text, its leaf hash."""

    number: int
    text: str
    hash: str


@dataclass(frozen=True)
class Head:
    """Where a log stands: the tree so far and the hash of its last entry."""

    frontier: Frontier = field(default_factory=Frontier)
    last: str = _BEFORE_ALL


@dataclass(frozen=True)
class Checkpoint:
    """What a log held at one time, signed; keep copies where the clinic's own machine cannot reach."""

    log: str
    size: int
    root: str
    at: datetime
    signature: str


@dataclass(frozen=True)
class Finding:
    """One fault of a log: its code, the number of the entry where it shows, and a sentence."""

    code: str
    number: int
    message: str


def append(head: Head, event: AuditEvent) -> tuple[Entry, Head]:
    """Write an event as the log's next entry.

    Parameters
    ----------
    head : Head
        Where the log stands.
    event : AuditEvent
        With a zone in its time.

    Returns
    -------
    tuple[Entry, Head]
        The entry to store, and where the log stands with it.

    Raises
    ------
    AuditUnfit
        When the event's time has no zone.
    """
    if event.at.tzinfo is None:
        raise AuditUnfit("An audit event's time must carry its zone.")
    number = head.frontier.size + 1
    written = vars(event) | {"at": _time(event.at), "number": number, "previous": head.last}
    if event.reason is None:
        del written["reason"]  # as entries were before there were reasons
    text = _canonical(written)
    leaf = hash_leaf(text.encode())
    return Entry(number, text, leaf.hex()), Head(grow(head.frontier, leaf), leaf.hex())


def read_event(entry: Entry) -> AuditEvent:
    """Give the event of an entry, its time in UTC.

    Parameters
    ----------
    entry : Entry
        As `append` made it.

    Returns
    -------
    AuditEvent

    Raises
    ------
    AuditUnfit
        When the text is no event.
    """
    try:
        written = json.loads(entry.text)
        values = {name: value for name, value in written.items() if name not in {"number", "previous"}}
        return AuditEvent(**values | {"at": datetime.fromisoformat(values["at"])})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise AuditUnfit(f"Entry {entry.number} of the audit log is no event.") from error


def signing_key(key: DataKey) -> Ed25519PrivateKey:
    """Derive the key that signs a tenant's checkpoints.

    Parameters
    ----------
    key : DataKey
        The tenant's own key.

    Returns
    -------
    Ed25519PrivateKey
        The same for the same tenant's key; rotating the master key does not change it. RFC 8032.
    """
    return Ed25519PrivateKey.from_private_bytes(derive(key, "signatures"))


def sign(head: Head, log: str, *, at: datetime, key: Ed25519PrivateKey) -> Checkpoint:
    """Sign where a log stands.

    Parameters
    ----------
    head : Head
        Where it stands.
    log : str
        The log's name, the tenant's id.
    at : datetime
        Now, with its zone.
    key : Ed25519PrivateKey
        From `signing_key`.

    Returns
    -------
    Checkpoint
    """
    unsigned = Checkpoint(log, head.frontier.size, root(head.frontier).hex(), at.astimezone(UTC), "")
    return Checkpoint(log, unsigned.size, unsigned.root, unsigned.at, key.sign(_signed(unsigned)).hex())


def write_checkpoint(checkpoint: Checkpoint) -> str:
    """Write a checkpoint as one line of JSON, for keeping elsewhere."""
    return _canonical(vars(checkpoint) | {"at": _time(checkpoint.at)})


def read_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint that `write_checkpoint` wrote.

    Parameters
    ----------
    text : str
        One line of JSON.

    Returns
    -------
    Checkpoint
        Its signature is not verified yet.

    Raises
    ------
    AuditUnfit
        When the text is no checkpoint.
    """
    try:
        written = json.loads(text)
        return Checkpoint(**written | {"at": datetime.fromisoformat(written["at"]), "size": int(written["size"])})
    except (ValueError, TypeError, KeyError) as error:
        raise AuditUnfit("This is no audit checkpoint; give a line that flexura printed.") from error


def verify_log(
    entries: Iterable[Entry], checkpoints: Iterable[Checkpoint], *, log: str, public: Ed25519PublicKey
) -> tuple[Finding, ...]:
    """Hold a log against itself and against signed checkpoints.

    Parameters
    ----------
    entries : Iterable[Entry]
        All entries, by number.
    checkpoints : Iterable[Checkpoint]
        The stored one, and every anchor that was kept elsewhere. At least one: without, a cut-off end cannot show.
    log : str
        The log's name, the tenant's id.
    public : Ed25519PublicKey
        Of `signing_key`.

    Returns
    -------
    tuple[Finding, ...]
        Empty for a whole log. Codes: edited, unchained, duplicated, forged, truncated, rewritten, unsigned.
    """
    wanted = list(checkpoints)
    findings = [_forged(checkpoint) for checkpoint in wanted if not _is_genuine(checkpoint, log, public)]
    genuine = [checkpoint for checkpoint in wanted if _is_genuine(checkpoint, log, public)]
    roots, faults = _walk(entries, {checkpoint.size for checkpoint in genuine})
    size = max(roots)
    for checkpoint in genuine:
        if checkpoint.size > size:
            message = f"A signed checkpoint counts {checkpoint.size} entries, the log ends after {size}."
            findings.append(Finding("truncated", size, message))
        elif roots[checkpoint.size].hex() != checkpoint.root:
            message = f"The first {checkpoint.size} entries are not those that were signed."
            findings.append(Finding("rewritten", checkpoint.size, message))
    signed = max((checkpoint.size for checkpoint in genuine), default=0)
    if signed < size:
        findings.append(Finding("unsigned", signed + 1, "From here on no checkpoint vouches for the entries."))
    return (*faults, *findings)


def _walk(entries: Iterable[Entry], sizes: set[int]) -> tuple[dict[int, bytes], list[Finding]]:
    """The roots at these sizes and at the end, and what is wrong with single entries."""
    head, seen, faults = Head(), set[str](), list[Finding]()
    roots = {0: root(head.frontier)}
    for entry in entries:
        leaf = hash_leaf(entry.text.encode())
        if leaf.hex() != entry.hash:
            faults.append(Finding("edited", entry.number, "The entry is not what its hash was made of."))
        number, previous, event_id = _links(entry)
        if (number, previous, entry.number) != (head.frontier.size + 1, head.last, number):
            message = "The entry does not follow the one before: something was removed, moved or inserted here."
            faults.append(Finding("unchained", entry.number, message))
        if event_id in seen:
            faults.append(Finding("duplicated", entry.number, "The event stands in the log twice."))
        seen.add(event_id)
        head = Head(grow(head.frontier, leaf), entry.hash)
        if head.frontier.size in sizes:
            roots[head.frontier.size] = root(head.frontier)
    roots.setdefault(head.frontier.size, root(head.frontier))
    return roots, faults


def _links(entry: Entry) -> tuple[int, str, str]:
    try:
        written = json.loads(entry.text)
        return int(written["number"]), str(written["previous"]), str(written["id"])
    except (ValueError, TypeError, KeyError):
        return -1, "", f"unreadable entry {entry.number}"


def _is_genuine(checkpoint: Checkpoint, log: str, public: Ed25519PublicKey) -> bool:
    try:
        public.verify(bytes.fromhex(checkpoint.signature), _signed(checkpoint))
    except (InvalidSignature, ValueError):
        return False
    return checkpoint.log == log


def _forged(checkpoint: Checkpoint) -> Finding:
    return Finding("forged", checkpoint.size, "A checkpoint does not carry this log's signature.")


def _signed(checkpoint: Checkpoint) -> bytes:
    parts = ["flexura audit checkpoint", checkpoint.log, checkpoint.size, checkpoint.root, _time(checkpoint.at)]
    return json.dumps(parts).encode()


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _canonical(written: dict[str, object]) -> str:
    return json.dumps(written, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
