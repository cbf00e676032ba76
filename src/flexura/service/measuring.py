"""How answers go in a clinic, measured beside the requests: begun, looked at while it runs, cancelled.

One measurement of a clinic runs at a time; the last one's counts and figures, nobody's data, stay until the service
ends. Each process of a service measures by itself.
"""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from flexura.errors import FlexuraError
from flexura.monitoring.watch import Watched, watch
from flexura.service.problems import to_problem
from flexura.storage.signals import read_sides
from flexura.storage.store import Actor, Store

DAYS: Final = 90
State = Literal["running", "done", "failed", "cancelled"]

_log = logging.getLogger("flexura.service")


class _Cancelled(Exception):  # no error: somebody asked for it
    """The measurement is not wanted any more."""


@dataclass
class Measurement:
    """One measurement: how many of how many patients were read, and what came of it, when."""

    begun_at: datetime
    state: State = "running"
    done: int = 0
    of: int = 0
    watched: Watched | None = None
    problem: Mapping[str, Any] | None = None
    unwanted: threading.Event = field(default_factory=threading.Event, repr=False)

    def note(self, done: int, of: int) -> None:
        """Take note of how far it is.

        Parameters
        ----------
        done : int
            Patients that were read.
        of : int
            Patients to read.

        Raises
        ------
        _Cancelled
            When it is not wanted any more.
        """
        self.done, self.of = done, of
        if self.unwanted.is_set():
            raise _Cancelled


class Measurements:
    """The measurements of one service, by tenant."""

    def __init__(self) -> None:
        self._last: dict[str, Measurement] = {}
        self._lock = threading.Lock()

    def find(self, tenant: str) -> Measurement | None:
        """Give a tenant's last measurement, running or ended."""
        return self._last.get(tenant)

    def begin(self, store: Store, actor: Actor) -> None:
        """Begin to measure, unless that is being done already.

        Parameters
        ----------
        store : Store
            Of the clinic.
        actor : Actor
            Who asks; refused where the role does not allow it, as `read_sides` says.
        """
        with self._lock:
            last = self.find(actor.tenant)
            if last is not None and last.state == "running":
                return
            begun = self._last[actor.tenant] = Measurement(store.clock())
        threading.Thread(target=_measure, args=(begun, store, actor), daemon=True).start()

    def cancel(self, tenant: str) -> None:
        """End a tenant's measurement before the next patient is read; what was read is on record and forgotten."""
        last = self.find(tenant)
        if last is not None and last.state == "running":
            last.unwanted.set()
            last.state = "cancelled"


def _measure(begun: Measurement, store: Store, actor: Actor) -> None:
    """Answers of the last 90 days against those of the 90 days before; what `flexura monitor` computes, one window."""
    until = begun.begun_at.date() + timedelta(days=1)
    try:
        sides = read_sides(store, actor, until=until, days=DAYS, note=begun.note)
        watched = watch(sides.now, sides.before, window=max(1, len(sides.now)), refused=sides.refused)
        begun.note(begun.done, begun.of)
        begun.watched, begun.state = watched, "done"
    except _Cancelled:
        begun.state = "cancelled"
    except Exception as error:  # noqa: BLE001  # a measurement that meets a bug has failed, and says so
        _log.error("A measurement failed: %s", type(error).__name__)
        begun.problem = to_problem(error if isinstance(error, FlexuraError) else FlexuraError())
        begun.state = "failed"
