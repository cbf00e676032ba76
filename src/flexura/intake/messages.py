"""The messages between flexura and the process that decodes for it, over a pair of pipes.

A message is the lengths of its head and body (eight bytes each), a head (JSON) and a body. Neither side
takes more than it said it would, nor waits beyond its deadline: the other may be in a stranger's hands.
"""

import json
import os
import select
import struct
import time
from dataclasses import dataclass
from typing import Any

_LENGTHS = struct.Struct(">QQ")

Head = dict[str, Any]


class MessageBroken(Exception):
    """What came is no message, or more than was to come; the other side cannot be trusted any further."""


@dataclass(frozen=True)
class MessageLimits:
    """What one side takes of the other: bytes, and until when (`time.monotonic`; `None` waits for ever)."""

    max_head_bytes: int
    max_body_bytes: int
    deadline: float | None = None


def write_message(pipe: int, head: Head, body: bytes, *, deadline: float | None = None) -> None:
    """Write a message.

    Parameters
    ----------
    pipe : int
        File descriptor; with a deadline a non-blocking one.
    head : dict[str, Any]
        JSON-ready.
    body : bytes
        Any bytes.
    deadline : float | None
        As in `MessageLimits`.

    Raises
    ------
    BrokenPipeError
        The other side has closed.
    TimeoutError
        It did not take the message in time.
    """
    encoded = json.dumps(head).encode()
    for part in (_LENGTHS.pack(len(encoded), len(body)) + encoded, body):
        left = memoryview(part)
        while left:
            _wait(pipe, select.POLLOUT, deadline)
            left = left[os.write(pipe, left) :]


def read_message(pipe: int, limits: MessageLimits) -> tuple[Head, bytearray]:
    """Read a message.

    Parameters
    ----------
    pipe : int
        File descriptor.
    limits : MessageLimits
        Judged before anything is kept.

    Returns
    -------
    tuple of dict[str, Any] and bytearray
        Head and body.

    Raises
    ------
    EOFError
        The other side has closed.
    TimeoutError
        It did not send the message in time.
    MessageBroken
        The message is larger than the limits, or its head is no JSON object.
    """
    head_bytes, body_bytes = _LENGTHS.unpack(_exactly(pipe, _LENGTHS.size, limits.deadline))
    if head_bytes > limits.max_head_bytes or body_bytes > limits.max_body_bytes:
        raise MessageBroken(f"a message of {head_bytes} and {body_bytes} bytes")
    try:
        head = json.loads(_exactly(pipe, head_bytes, limits.deadline))
    except (ValueError, RecursionError) as error:
        raise MessageBroken("a head that is no JSON") from error
    if not isinstance(head, dict):
        raise MessageBroken("a head that is no object")
    return head, _exactly(pipe, body_bytes, limits.deadline)


def holds_bytes(pipe: int) -> bool:
    """Whether something lies in a pipe, or it has closed."""
    return bool(_poll(pipe, select.POLLIN, 0))


def _exactly(pipe: int, count: int, deadline: float | None) -> bytearray:
    content = bytearray(count)
    left = memoryview(content)
    while left:
        _wait(pipe, select.POLLIN, deadline)
        got = os.readv(pipe, [left])
        if not got:
            raise EOFError
        left = left[got:]
    return content


def _wait(pipe: int, event: int, deadline: float | None) -> None:
    wait_ms = None if deadline is None else max(0.0, 1000 * (deadline - time.monotonic()))
    if not _poll(pipe, event, wait_ms):
        raise TimeoutError


def _poll(pipe: int, event: int, wait_ms: float | None) -> list[tuple[int, int]]:
    poll = select.poll()
    poll.register(pipe, event)
    return poll.poll(wait_ms)
