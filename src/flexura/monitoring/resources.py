"""What answering costs beside time: memory of the process that answers, waiting before an answer, work that is left."""

import resource
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from flexura.monitoring.channels import Document, find

_STATUS: Final = Path("/proc/self/status")


@dataclass(frozen=True)
class Resources:
    """Over a time's answers; `None` where no answer tells.

    `peak_memory_mb` is the most that the answering process had held (MB of 10^6 bytes), `waited_median_ms` and
    `waited_p95_ms` what passed from asking to the answer beside the steps' own times, `queue` the jobs that are left
    now, by state.
    """

    told: int
    peak_memory_mb: float | None
    waited_median_ms: float | None
    waited_p95_ms: float | None
    queue: Mapping[str, int]


def measure_resources(documents: Sequence[Document], queue: Mapping[str, int]) -> Resources:
    """Read what answers tell of their cost.

    Parameters
    ----------
    documents : Sequence[Document]
        With `resources` beside the answer, as the service notes it (`note_resources`).
    queue : Mapping[str, int]
        Jobs that are left now, by state.

    Returns
    -------
    Resources
    """
    memory, waited = (
        [float(value) for each in documents if (value := find(each, ("resources", name))) is not None]
        for name in ("peak_memory_mb", "waited_ms")
    )
    median, p95 = (round(float(each), 1) for each in np.quantile(waited, (0.5, 0.95))) if waited else (None, None)
    return Resources(len(memory), max(memory, default=None), median, p95, dict(queue))


def note_resources(elapsed_ms: float, steps_ms: float) -> dict[str, float]:
    """Say what one answer cost the process that gave it.

    Parameters
    ----------
    elapsed_ms : float
        From asking to the answer.
    steps_ms : float
        What the steps took themselves.

    Returns
    -------
    dict[str, float]
        `peak_memory_mb`, of the process since it began, and `waited_ms`, at least 0.
    """
    return {"peak_memory_mb": round(_peak_bytes() / 1e6, 1), "waited_ms": round(max(0.0, elapsed_ms - steps_ms), 1)}


def _peak_bytes() -> int:
    """The most that this program held; on Linux getrusage also counts what the process held before it was this one."""
    if _STATUS.is_file():
        return 1024 * int(_STATUS.read_text(encoding="utf-8").split("VmHWM:")[1].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
