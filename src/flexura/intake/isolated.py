"""Photos of strangers are decoded in a process of their own, which may be killed.

Decoders are large programs in C that read what anybody sends. The process is started once and
reused; it has a limit on memory, may write no file, and is killed when a photo takes too long. A
photo that takes it down is refused by name, and the next photo gets a new process. A decoder that
a photo has taken over is not believed either: its answers are bounded and checked before use.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from flexura.errors import DecodingCrashed, DecodingTimedOut, FlexuraError
from flexura.intake.conformance.report import ConformanceReport, Row
from flexura.intake.messages import Head, MessageBroken, MessageLimits, holds_bytes, read_message, write_message
from flexura.intake.read import DEFAULT_LIMITS, IntakeLimits
from flexura.records import Capture, Photo, PhotoSource

if TYPE_CHECKING:
    from flexura.intake.dicom.identity import Identity


def _leaves(error: type[FlexuraError]) -> Iterator[type[FlexuraError]]:
    yield error
    for kind in error.__subclasses__():
        yield from _leaves(kind)


_ERRORS: Mapping[str, type[FlexuraError]] = MappingProxyType({error.code: error for error in _leaves(FlexuraError)})


# A report of conformance has a row for every attribute of the file; of ours the largest has 30 kB.
_MAX_HEAD_BYTES = 16 * 1024 * 1024
_CRASHED = "the file took its decoder down; send the original again"
# What comes of an answer that is not built like one of ours.
_UNFIT = (AttributeError, KeyError, TypeError, ValueError)


def _source(told: Head) -> PhotoSource:
    """Build the record again from what crossed the pipe, where records are objects and tuples are lists."""
    capture = told.pop("capture")
    spacing = capture.pop("pixel_spacing_mm")
    return PhotoSource(**told, capture=Capture(**capture, pixel_spacing_mm=spacing and tuple(spacing)))


def _photo(answer: Head, pixels: bytearray, longest_side: int | None) -> Photo:
    """Build the photo from an answer; `ValueError` where its numbers contradict each other."""
    height, width, channels = answer["shape"]
    source = _source(answer["source"])
    sides = (height, width, source.height, source.width)
    if channels != 3 or not all(type(side) is int and side > 0 for side in sides):
        raise ValueError("no picture of three colours")
    if longest_side is not None and max(height, width) > longest_side:
        raise ValueError("larger than asked for")
    return Photo(np.frombuffer(pixels, np.uint8).reshape(height, width, channels), source)


@dataclass(frozen=True)
class DecodingLimits:
    """What one photo may cost: memory beside the process's own, and time from its first byte on."""

    max_memory_bytes: int = 1024 * 1024 * 1024  # 120 megapixels of eight bytes; see IntakeLimits
    max_seconds: float = 20.0  # ten times what a 108 MP PNG takes on one slow core


class IsolatedReader:
    """`read_photo` in a process of its own; one photo at a time, threads wait for each other.

    Parameters
    ----------
    limits : IntakeLimits
        What a photo must keep to.
    decoding : DecodingLimits
        What reading it may cost.
    """

    def __init__(self, limits: IntakeLimits = DEFAULT_LIMITS, *, decoding: DecodingLimits | None = None) -> None:
        self.limits = limits
        self.decoding = decoding or DecodingLimits()
        self._lock = threading.Lock()
        self._process = self._start()

    @property
    def process_id(self) -> int:
        """The process that reads now."""
        return self._process.pid

    def read(self, content: bytes, *, longest_side: int | None = 1024) -> Photo:
        """Read a photo from the bytes of its file.

        Parameters
        ----------
        content : bytes
            The whole file.
        longest_side : int | None
            Longest side of the result in pixels; `None` keeps the full size.

        Returns
        -------
        Photo
            What `read_photo` gives.

        Raises
        ------
        InputRefused
            What `read_photo` raises, and `DecodingTimedOut` or `DecodingCrashed`.
        FlexuraError
            A fault of our own in the other process.
        """
        head: Head = {"task": "read", "longest_side": longest_side, "limits": asdict(self.limits)}
        side_px = longest_side or 0
        most_px = self.limits.max_pixels if longest_side is None else min(self.limits.max_pixels, side_px**2)
        answer, pixels = self._ask(head, content, max_body_bytes=3 * most_px)
        try:
            return _photo(answer, pixels, longest_side)
        except _UNFIT as error:
            self._distrust(error)

    def check_conformance(self, content: bytes) -> ConformanceReport:
        """Hold a DICOM file against the standard.

        Parameters
        ----------
        content : bytes
            The whole file.

        Returns
        -------
        ConformanceReport
            What `flexura.intake.conformance` gives.

        Raises
        ------
        InputRefused
            As `read`.
        """
        answer, _ = self._ask({"task": "check_conformance"}, content, max_body_bytes=0)
        try:
            report = answer["report"]
            return ConformanceReport(**report | {"rows": tuple(Row(**row) for row in report["rows"])})
        except _UNFIT as error:
            self._distrust(error)

    def identify(self, content: bytes) -> "Identity":
        """Read whose photograph a DICOM file is, and which.

        Parameters
        ----------
        content : bytes
            The whole file.

        Returns
        -------
        Identity
            What `flexura.intake.dicom.identity` gives.

        Raises
        ------
        InputRefused
            What `identify` there raises, and as `read`.
        """
        from flexura.intake.dicom.identity import Identity  # noqa: PLC0415  # as in `read`: pydicom for DICOM alone

        answer, _ = self._ask({"task": "identify"}, content, max_body_bytes=0)
        try:
            told = Identity(**answer)
        except _UNFIT as error:
            self._distrust(error)
        if not all(isinstance(value, str) for value in vars(told).values()):
            self._distrust(TypeError("an identity that is no text"))
        return told

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def __enter__(self) -> "IsolatedReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _command(self) -> list[str]:
        # -I: neither the working directory nor the environment decides what is imported.
        return [sys.executable, "-I", "-m", "flexura.intake.decoder", str(self.decoding.max_memory_bytes)]

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            self._command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            pipesize=256 * 1024,  # a picture in fewer parts; the kernel grants a user 64 MiB of pipes
            start_new_session=True,  # so that what it starts can be killed with it
        )
        assert process.stdin is not None
        os.set_blocking(process.stdin.fileno(), False)
        return process

    def _end(self) -> None:
        """Kill the process and what it started; never wait for a pipe that one of those may hold open."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._process.wait()

    def _distrust(self, error: Exception) -> NoReturn:
        """End a process that sent what ours never sends, and refuse the photo that was in it."""
        self.close()
        raise DecodingCrashed(_CRASHED) from error

    def _ask(self, head: Head, content: bytes, *, max_body_bytes: int) -> tuple[Head, bytearray]:
        with self._lock:
            self._require_ready()
            deadline = time.monotonic() + self.decoding.max_seconds
            limits = MessageLimits(_MAX_HEAD_BYTES, max_body_bytes, deadline)
            try:
                answer, body = self._exchange(head, content, limits)
            except TimeoutError as error:
                self._end()
                raise DecodingTimedOut(
                    f"decoding took more than {self.decoding.max_seconds:g} s; send the original or a smaller copy"
                ) from error
            except (EOFError, BrokenPipeError, MessageBroken) as error:
                self._end()
                raise DecodingCrashed(_CRASHED) from error
        if "code" not in answer:
            return answer, body
        refusal = _ERRORS.get(str(answer["code"]))
        if refusal is None:
            self._distrust(MessageBroken("an unknown code"))
        raise refusal(str(answer.get("message")))

    def _require_ready(self) -> None:
        """Start anew where the process has ended, or left an answer that nobody asked for."""
        out = self._process.stdout
        assert out is not None
        if self._process.poll() is None and not out.closed and not holds_bytes(out.fileno()):
            return
        if not out.closed:
            self._end()
        self._process = self._start()

    def _exchange(self, head: Head, content: bytes, limits: MessageLimits) -> tuple[Head, bytearray]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        write_message(self._process.stdin.fileno(), head, content, deadline=limits.deadline)
        return read_message(self._process.stdout.fileno(), limits)
