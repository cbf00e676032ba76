"""How long to wait after failed sign-ins: nothing for the first five, then twice as long each time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flexura.errors import TooManyAttempts

_FREE_FAILURES: Final = 5
_FIRST_WAIT: Final = timedelta(seconds=1)
_LONGEST_WAIT: Final = timedelta(minutes=15)
_FORGOTTEN_AFTER: Final = timedelta(hours=24)


@dataclass(frozen=True)
class Failures:
    """Failed sign-ins of one user or from one address since the last success."""

    count: int = 0
    last_at: datetime | None = None


def check_attempt(failures: Failures, *, now: datetime) -> None:
    """Refuse an attempt that comes too soon, before the password is looked at.

    Parameters
    ----------
    failures : Failures
        Of the user, or of the address; both are to be checked.
    now : datetime
        With its zone. A clock that was set back does not shorten the wait.

    Raises
    ------
    TooManyAttempts
        With the seconds to wait.
    """
    if failures.last_at is None or failures.count < _FREE_FAILURES:
        return
    doublings = min(failures.count - _FREE_FAILURES, 20)
    wait = min(_FIRST_WAIT * 2**doublings, _LONGEST_WAIT)
    left = failures.last_at + wait - now
    if left > timedelta(0):
        seconds = min(left, _LONGEST_WAIT).total_seconds()
        raise TooManyAttempts(f"Too many failed attempts; try again in {int(seconds) + 1} seconds.")


def count_failure(failures: Failures, *, now: datetime) -> Failures:
    """Add a failure; earlier ones are forgotten after a day without any."""
    forgotten = failures.last_at is not None and now - failures.last_at >= _FORGOTTEN_AFTER
    return Failures(1 if forgotten else failures.count + 1, now)
