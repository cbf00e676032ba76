"""What the service works with, wired once by whoever starts it: the store, the assessor, and their limits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore
from typing import Annotated, Final

from fastapi import Depends, Request

from flexura.errors import ServiceBusy
from flexura.inference.predictor import Predictor
from flexura.preprocessing.prepare import PreparationConfig
from flexura.records import PatientContext
from flexura.security.passwords import USUAL_COST, HashCost
from flexura.storage.jobs import MOST_WAITING
from flexura.storage.store import Store
from flexura.workflow import AssessedPhoto, CheckedPhoto, Intake, Read, assess_photo

_BUSY_S: Final = 30.0
# Requests run in 40 threads (anyio's default); so many may wait for an answer, so that the others are still served.
_MOST_AT_ONCE: Final = 32

Assess = Callable[[bytes, PatientContext], AssessedPhoto | CheckedPhoto]


@dataclass(frozen=True)
class Invitation:
    """A sign-in that a demo shows to everybody; the store behind it holds nobody's data."""

    names: tuple[str, ...]
    password: str


@dataclass(frozen=True)
class Clinic:
    """One clinic's service.

    `assess` may be called by many threads; `model` is the name and version of its network. `photo_bytes` is the most
    that one photo's file may have, `most_waiting` how many jobs may wait, `hash_cost` what verifying a password costs.
    `demo` is there in a demo only.
    """

    store: Store
    assess: Assess
    model: str
    photo_bytes: int
    most_waiting: int = MOST_WAITING
    hash_cost: HashCost = USUAL_COST
    demo: Invitation | None = None


def make_assessor(
    predictor: Predictor,
    reads: Sequence[Read],
    *,
    preparation: PreparationConfig | None,
    wait_s: float = _BUSY_S,
    most_at_once: int = _MOST_AT_ONCE,
) -> Assess:
    """Make what assesses photos for many threads, at most as many at a time as there are readers.

    Parameters
    ----------
    predictor : Predictor
        Shared.
    reads : Sequence[Read]
        Each of one `IsolatedReader`, used by one thread at a time.
    preparation : PreparationConfig | None
        As for `assess_photo`.
    wait_s : float
        How long a photo waits for its turn.
    most_at_once : int
        How many photos may be assessed or wait; one more is refused at once.

    Returns
    -------
    Assess
        Raises `ServiceBusy` when too many wait or no turn comes in time, and what `assess_photo` raises.
    """
    idle: SimpleQueue[Intake] = SimpleQueue()
    places = BoundedSemaphore(most_at_once)
    for read in reads:
        idle.put(Intake(read))

    def assess(content: bytes, context: PatientContext) -> AssessedPhoto | CheckedPhoto:
        if not places.acquire(blocking=False):
            raise ServiceBusy("Too many photos wait already.")
        try:
            intake = idle.get(timeout=wait_s)
        except Empty:
            raise ServiceBusy("All assessors are busy.") from None
        else:
            try:
                return assess_photo(content, context, predictor=predictor, intake=intake, preparation=preparation)
            finally:
                idle.put(intake)
        finally:
            places.release()

    return assess


def _clinic_of(request: Request) -> Clinic:
    clinic: Clinic = request.app.state.clinic
    return clinic


Wired = Annotated[Clinic, Depends(_clinic_of)]
