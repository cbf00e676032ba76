"""Calls of several threads, made as one: who comes first waits a little for others, and each gets its own answer.

It knows nothing of networks: whatever can be done for several at a time. No thread of its own: one of those that wait
makes the call for all of them.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Condition
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Told = TypeVar("Told")


@dataclass(frozen=True)
class Batching:
    """How many calls are made as one, and how long the oldest of them waits for more (seconds, 0 for not at all).

    Those that come while another batch is made go together after it, and have waited enough then.
    """

    most: int
    wait_s: float = 0.005  # about a fiftieth of an answer


@dataclass(eq=False)
class _Call(Generic[Asked, Told]):
    one: Asked
    came: float
    told: "Future[Told]" = field(default_factory=Future)


class Gathering(Generic[Asked, Told]):
    """A function of one, made out of a function of several, for many threads; one batch is made at a time.

    Parameters
    ----------
    many : Callable[[Sequence[Asked]], Sequence[Told]]
        Answers several, in their order. If it fails, each is tried alone, so that one bad one fails alone.
    batching : Batching
        How many, and how long to wait.
    clock : Callable[[], float]
        Seconds, never running backwards.
    """

    def __init__(
        self,
        many: Callable[[Sequence[Asked]], Sequence[Told]],
        batching: Batching,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._many, self._batching, self._clock = many, batching, clock
        self._changed = Condition()
        self._waiting: list[_Call[Asked, Told]] = []
        self._busy = False

    def __call__(self, one: Asked) -> Told:
        """Answer one, together with what other threads ask for."""
        call: _Call[Asked, Told] = _Call(one, self._clock())
        with self._changed:
            self._waiting.append(call)
            self._changed.notify_all()
        while together := self._take_turn(call):
            self._make(together)
        return call.told.result()

    def _take_turn(self, call: _Call[Asked, Told]) -> list[_Call[Asked, Told]]:
        """Wait until the calls that are due are this thread's to make; none once its own has its answer."""
        with self._changed:
            while not call.told.done():
                if self._busy:
                    self._changed.wait()
                elif (left := self._patience()) > 0:
                    self._changed.wait(left)
                else:
                    self._busy = True
                    most = self._batching.most
                    together, self._waiting = self._waiting[:most], self._waiting[most:]
                    return together
        return []

    def _patience(self) -> float:
        """Seconds for which those that wait may go on waiting for more."""
        if len(self._waiting) >= self._batching.most:
            return 0.0
        return self._waiting[0].came + self._batching.wait_s - self._clock()

    def _make(self, together: list[_Call[Asked, Told]]) -> None:
        try:
            self._tell(together)
        finally:
            with self._changed:
                # Should this thread be ended in the middle of it, another makes what is left.
                self._waiting[:0] = [call for call in together if not call.told.done()]
                self._busy = False
                self._changed.notify_all()

    def _tell(self, calls: list[_Call[Asked, Told]]) -> None:
        try:
            told = list(zip(calls, self._many([call.one for call in calls]), strict=True))
        except Exception as error:  # noqa: BLE001  # whoever asked gets it
            if len(calls) == 1:
                calls[0].told.set_exception(error)
                return
            for call in calls:
                self._tell([call])
        else:
            for call, answer in told:
                call.told.set_result(answer)
