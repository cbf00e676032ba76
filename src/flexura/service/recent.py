"""Photos that an upload has just read, for the assessment that follows: decoding is a tenth of an answer's work.

They are in this process's memory only, never on disk, and leave it when they are taken, or soon after. Whoever takes
one has been let in to the photo of that id before.
"""

import threading
import time
from collections.abc import Callable
from typing import Final

from flexura.records import Photo

_MOST: Final = 64  # of at most 3 MiB each
_LASTS_S: Final = 60.0


def _call_later(seconds: float, call: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, call)
    timer.daemon = True
    timer.start()


class RecentPhotos:
    """Photos by the id of what was stored, each for one assessment; when there are too many, no more are kept.

    Parameters
    ----------
    most : int
        How many at a time.
    lasts_s : float
        After how many seconds one is forgotten; within as many more it is gone from memory.
    clock : Callable[[], float]
        Seconds, never running backwards.
    call_later : Callable[[float, Callable[[], None]], None]
        Calls in so many seconds.
    """

    def __init__(
        self,
        most: int = _MOST,
        *,
        lasts_s: float = _LASTS_S,
        clock: Callable[[], float] = time.monotonic,
        call_later: Callable[[float, Callable[[], None]], None] = _call_later,
    ) -> None:
        self._most, self._lasts_s, self._clock, self._call_later = most, lasts_s, clock, call_later
        self._kept: dict[str, tuple[float, Photo]] = {}  # until when, oldest first
        self._lock = threading.Lock()
        self._sweeps = False

    def __len__(self) -> int:
        """How many are in memory."""
        return len(self._kept)

    def keep(self, photo: str, read: Photo) -> None:
        """Keep a photo that was read, under the id that it is stored by."""
        with self._lock:
            self._forget_old()
            if len(self._kept) < self._most:
                self._kept[photo] = (self._clock() + self._lasts_s, read)
                self._sweep_later()

    def take(self, photo: str) -> Photo | None:
        """Give a photo away, if it is still there."""
        with self._lock:
            self._forget_old()
            _, read = self._kept.pop(photo, (0.0, None))
            return read

    def _forget_old(self) -> None:
        now = self._clock()
        self._kept = {photo: row for photo, row in self._kept.items() if row[0] > now}

    def _sweep_later(self) -> None:
        if not self._sweeps:
            self._sweeps = True
            self._call_later(self._lasts_s, self._sweep)

    def _sweep(self) -> None:
        with self._lock:
            self._sweeps = False
            self._forget_old()
            if self._kept:
                self._sweep_later()
