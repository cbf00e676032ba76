"""The process in which photos of strangers are decoded; `isolated` starts it and speaks to it.

It reads requests from standard input and answers on standard output until either closes, in the
messages of `messages`.
"""

import os
import resource
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType

from flexura.errors import FlexuraError
from flexura.intake.messages import Head, MessageLimits, read_message, write_message
from flexura.intake.read import IntakeLimits, read_photo, refusing

# Requests come from flexura itself: a bound against our own slips, far above any `IntakeLimits`.
_REQUESTS = MessageLimits(max_head_bytes=1 << 20, max_body_bytes=1 << 32)
_STATUS = Path("/proc/self/status")


def limit_memory(max_bytes: int) -> None:
    """Let this process take no more than `max_bytes` beyond what it holds now, and write no file.

    Linux counts private memory (RLIMIT_DATA) from what it is now. Where the system does not tell
    that, the limit is on the whole process, and macOS does not enforce it: there only the time
    limit guards.
    """
    held = 0
    if _STATUS.is_file():
        lines = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines() if ":" in line)
        held = 1024 * int(lines["VmData"].split()[0])
    resource.setrlimit(resource.RLIMIT_DATA, (held + max_bytes, held + max_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def serve(requests: int, answers: int) -> None:
    """Answer requests, from one file descriptor to another, until there are no more."""
    while True:
        try:
            head, content = read_message(requests, _REQUESTS)
        except EOFError:
            return
        try:
            told, body = _TASKS[head["task"]](head, bytes(content))
        except FlexuraError as error:
            told, body = {"code": error.code, "message": str(error)}, b""
        except Exception as error:  # noqa: BLE001  # our own fault must reach the user as one, not as a crash
            fault = f"reading a file failed with {type(error).__name__}"
            told, body = {"code": FlexuraError.code, "message": fault}, b""
        write_message(answers, told, body)


def _read(head: Head, content: bytes) -> tuple[Head, bytes]:
    photo = read_photo(content, limits=IntakeLimits(**head["limits"]), longest_side=head["longest_side"])
    return {"shape": photo.pixels.shape, "source": asdict(photo.source)}, photo.pixels.tobytes()


def _check_conformance(head: Head, content: bytes) -> tuple[Head, bytes]:
    del head
    from flexura.intake.conformance.check import check_conformance  # noqa: PLC0415  # as in `read`

    return {"report": asdict(check_conformance(content))}, b""


def _identify(head: Head, content: bytes) -> tuple[Head, bytes]:
    del head
    from flexura.intake.dicom.identity import identify  # noqa: PLC0415  # as in `read`

    with refusing("DICOM"):
        return asdict(identify(content)), b""


_TASKS: Mapping[str, Callable[[Head, bytes], tuple[Head, bytes]]] = MappingProxyType(
    {"read": _read, "check_conformance": _check_conformance, "identify": _identify}
)


def main() -> None:
    """Take the limits, then serve the pipe; whatever else prints would break it, so it goes nowhere."""
    answers = os.dup(sys.stdout.fileno())
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    limit_memory(int(sys.argv[1]))
    serve(sys.stdin.fileno(), answers)


if __name__ == "__main__":
    main()
