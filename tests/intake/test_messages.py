"""Messages over real pipes: what is written is read; what is too large, broken, late or cut is not."""

import contextlib
import os
import struct
import threading
import time
from collections.abc import Iterator

import pytest

from flexura.intake.messages import MessageBroken, MessageLimits, holds_bytes, read_message, write_message

LIMITS = MessageLimits(max_head_bytes=100, max_body_bytes=1_000_000)
Pipe = tuple[int, int]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    ends = os.pipe()
    yield ends
    for end in ends:
        with contextlib.suppress(OSError):  # a test may have closed it
            os.close(end)


@pytest.mark.parametrize("body", [b"", b"abc", bytes(range(256)) * 2000], ids=len)
def test_what_is_written_is_read(pipe: Pipe, body: bytes) -> None:
    writer = threading.Thread(target=write_message, args=(pipe[1], {"a": [1, None]}, body))
    writer.start()
    assert read_message(pipe[0], LIMITS) == ({"a": [1, None]}, body)
    writer.join()
    assert not holds_bytes(pipe[0])


@pytest.mark.parametrize(("head", "body"), [(101, 0), (0, 1_000_001), (1 << 63, 0)])
def test_what_is_too_large_is_refused_before_it_is_taken(pipe: Pipe, head: int, body: int) -> None:
    os.write(pipe[1], struct.pack(">QQ", head, body))
    with pytest.raises(MessageBroken):
        read_message(pipe[0], LIMITS)


@pytest.mark.parametrize("head", [b"", b"abc", b"[1]", b"\xff\xff", b"[" * 100])
def test_a_head_that_is_no_json_object_is_refused(pipe: Pipe, head: bytes) -> None:
    os.write(pipe[1], struct.pack(">QQ", len(head), 0) + head)
    with pytest.raises(MessageBroken):
        read_message(pipe[0], LIMITS)


@pytest.mark.parametrize("part", [b"", b"abc", struct.pack(">QQ", 2, 5) + b"{}ab"])
def test_a_message_that_ends_early_is_an_end(pipe: Pipe, part: bytes) -> None:
    os.write(pipe[1], part)
    os.close(pipe[1])
    with pytest.raises(EOFError):
        read_message(pipe[0], LIMITS)


def test_a_message_that_does_not_come_is_not_waited_for(pipe: Pipe) -> None:
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        read_message(pipe[0], MessageLimits(10, 10, deadline=started + 0.1))
    assert 0.09 < time.monotonic() - started < 2


def test_a_pipe_that_nobody_empties_is_not_waited_for(pipe: Pipe) -> None:
    os.set_blocking(pipe[1], False)
    with pytest.raises(TimeoutError):
        write_message(pipe[1], {}, bytes(1_000_000), deadline=time.monotonic() + 0.1)


def test_nobody_reads(pipe: Pipe) -> None:
    os.close(pipe[0])
    with pytest.raises(BrokenPipeError):
        write_message(pipe[1], {}, b"")
