"""Photos of strangers are decoded in a process of their own, which may be killed.

Decoders are large programs in C that read what anybody sends. The process is started once and
reused; it has a limit on memory, may write no file, and is killed when a photo takes too long. A
photo that takes it down is refused by name, and the next photo gets a new process.
"""

import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType, TracebackType
from typing import Any

import numpy as np

from flexura.errors import DecodingCrashed, DecodingTimedOut, FlexuraError
from flexura.intake.conformance.report import ConformanceReport, Row
from flexura.intake.decoder import read_message, write_message
from flexura.intake.read import DEFAULT_LIMITS, IntakeLimits
from flexura.records import Capture, Photo, PhotoSource


def _leaves(error: type[FlexuraError]) -> Iterator[type[FlexuraError]]:
    yield error
    for kind in error.__subclasses__():
        yield from _leaves(kind)


_ERRORS: Mapping[str, type[FlexuraError]] = MappingProxyType({error.code: error for error in _leaves(FlexuraError)})


def _source(told: dict[str, Any]) -> PhotoSource:
    """Build the record again from what crossed the pipe, where records are objects and tuples are lists."""
    capture = told.pop("capture")
    spacing = capture.pop("pixel_spacing_mm")
    return PhotoSource(**told, capture=Capture(**capture, pixel_spacing_mm=spacing and tuple(spacing)))


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
        head = {"task": "read", "longest_side": longest_side, "limits": asdict(self.limits)}
        answer, pixels = self._ask(head, content)
        # A copy: what `frombuffer` gives cannot be written to, and a photo of `read_photo` can.
        picture = np.frombuffer(pixels, np.uint8).reshape(answer["shape"]).copy()
        return Photo(picture, _source(answer["source"]))

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
        answer, _ = self._ask({"task": "check_conformance"}, content)
        report = answer["report"]
        return ConformanceReport(**report | {"rows": tuple(Row(**row) for row in report["rows"])})

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

    def _start(self) -> subprocess.Popen[bytes]:
        # -I: neither the working directory nor the environment decides what is imported.
        command = [sys.executable, "-I", "-m", "flexura.intake.decoder", str(self.decoding.max_memory_bytes)]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def _end(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _kill(self, late: threading.Event) -> None:
        late.set()
        self._process.kill()

    def _ask(self, head: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
        with self._lock:
            if self._process.poll() is not None:
                self._end()
                self._process = self._start()
            late = threading.Event()
            timer = threading.Timer(self.decoding.max_seconds, self._kill, (late,))
            timer.start()
            try:
                answer, body = self._exchange(head, content)
            except (EOFError, BrokenPipeError) as error:
                self._process.wait()
                if late.is_set():
                    raise DecodingTimedOut(
                        f"decoding took more than {self.decoding.max_seconds:g} s; send the original or a smaller copy"
                    ) from error
                raise DecodingCrashed("the file took its decoder down; send the original again") from error
            finally:
                timer.cancel()
        if "code" in answer:
            raise _ERRORS[answer["code"]](answer["message"])
        return answer, body

    def _exchange(self, head: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        write_message(self._process.stdin, head, content)
        return read_message(self._process.stdout)
