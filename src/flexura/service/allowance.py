"""How many requests a user may make: a bucket for each, filled by time, so that no program starves the others."""

import threading
import time
from collections.abc import Callable
from typing import Final

from flexura.errors import TooManyAttempts

_MOST_USERS: Final = 10_000


class Allowance:
    """Buckets of requests, one for each user; a user's tokens and sessions share it.

    Parameters
    ----------
    per_minute : int
        How fast a bucket fills.
    at_once : int
        How much it holds.
    clock : Callable[[], float]
        Seconds, never running backwards.
    """

    def __init__(
        self, per_minute: int = 1200, at_once: int = 300, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_s, self._at_once, self._clock = per_minute / 60, at_once, clock
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}  # what is left, and when that was

    def take(self, user: str) -> None:
        """Take one request from a user's bucket.

        Parameters
        ----------
        user : str
            Tenant and id.

        Raises
        ------
        TooManyAttempts
            When it is empty.
        """
        with self._lock:
            now = self._clock()
            left = self._left(user, now)
            if left < 1:
                raise TooManyAttempts("This user's requests come too fast.")
            if user not in self._buckets and len(self._buckets) >= _MOST_USERS:
                self._forget_the_full(now)
            self._buckets[user] = (left - 1, now)

    def _left(self, user: str, now: float) -> float:
        left, at = self._buckets.get(user, (self._at_once, now))
        return min(self._at_once, left + (now - at) * self._per_s)

    def _forget_the_full(self, now: float) -> None:
        """A full bucket is as good as none."""
        self._buckets = {user: row for user, row in self._buckets.items() if self._left(user, now) < self._at_once}
