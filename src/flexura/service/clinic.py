"""What the service works with, wired once by whoever starts it: the store, the assessor, and their limits."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore
from typing import Annotated, Final, TypeVar

from anyio import CapacityLimiter
from fastapi import Depends, Request

from flexura import __version__
from flexura.errors import ServiceBusy
from flexura.inference.bundle import Bundle, hash_description
from flexura.inference.devices import PLACE_WORDS, Place
from flexura.inference.predictor import Predictor
from flexura.preprocessing.prepare import PreparationConfig
from flexura.records import PatientContext, Photo
from flexura.security.passkeys import RelyingParty
from flexura.security.passwords import USUAL_COST, HashCost
from flexura.service.allowance import Allowance
from flexura.service.measuring import Measurements
from flexura.service.provider import IdentityProvider
from flexura.service.recent import RecentPhotos
from flexura.storage.jobs import MOST_WAITING
from flexura.storage.store import Store
from flexura.workflow import AssessedPhoto, CheckedPhoto, Intake, Read, assess_photo

_BUSY_S: Final = 30.0
# Requests run in 40 threads (anyio's default); so many may wait for a reader, so that the others are still served.
_MOST_AT_ONCE: Final = 32
# Assessments run in threads of their own: so many may wait for their answer, and some more be refused.
_MOST_ASSESSED, _MOST_ASKING = 64, 80

# Brings a photo's file, and the photo where it was read a moment ago; called when it is its turn, and no sooner.
Bring = Callable[[], tuple[bytes, Photo | None]]
Assess = Callable[[Bring, PatientContext], AssessedPhoto | CheckedPhoto]
T = TypeVar("T")


@dataclass(frozen=True)
class Assessor:
    """What assesses photos, for many threads, the bundle of its network and where that computes.

    `version` changes with everything that an answer depends on beside photo and context: program, bundle, place,
    preparation. `recent` holds what uploads to this process have just read.
    """

    assess: Assess
    bundle: Bundle
    version: str
    place: Place = "cpu"
    recent: RecentPhotos = field(default_factory=RecentPhotos, repr=False)

    @property
    def model(self) -> str:
        """Name and version of the network."""
        return f"{self.bundle.info.name} {self.bundle.info.version}"

    @property
    def words(self) -> str:
        """The network and where it computes, for whoever starts it."""
        return f"{self.model} {PLACE_WORDS[self.place]}"


@dataclass(frozen=True)
class Invitation:
    """A sign-in that a demo shows to everybody; the store behind it holds nobody's data."""

    names: tuple[str, ...]
    password: str


@dataclass(frozen=True)
class Clinic:
    """One clinic's service.

    Many threads may call `read`, which refuses what is no photo, and `assessor`. `photo_bytes` is the most that one
    photo's file may have, `most_waiting` how many jobs may wait, `allowance` how many requests a user may make,
    `assessing` how many may ask for an answer at a time, `measurements` how its answers go, `hash_cost` what a password
    costs to verify. People may also sign in by `provider`, if there is one, and with passkeys where the clinic has a
    name for them, `party`. `demo` is there in a demo only.
    """

    store: Store
    read: Read
    assessor: Assessor
    photo_bytes: int
    most_waiting: int = MOST_WAITING
    allowance: Allowance = field(default_factory=Allowance)
    assessing: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_MOST_ASKING), repr=False)
    measurements: Measurements = field(default_factory=Measurements, repr=False)
    hash_cost: HashCost = USUAL_COST
    demo: Invitation | None = None
    provider: IdentityProvider | None = None
    party: RelyingParty | None = None


def share_readers(
    reads: Sequence[T], *, wait_s: float = _BUSY_S, most_at_once: int = _MOST_AT_ONCE
) -> Callable[[], AbstractContextManager[T]]:
    """Share readers of photos among many threads, each used by one at a time.

    Parameters
    ----------
    reads : Sequence[T]
        Each one `IsolatedReader`, or of one.
    wait_s : float
        How long a thread waits for its turn.
    most_at_once : int
        How many threads may have a reader or wait for one; one more is refused at once.

    Returns
    -------
    Callable[[], AbstractContextManager[T]]
        Lends a reader. Raises `ServiceBusy` when too many wait or no turn comes in time.
    """
    idle: SimpleQueue[T] = SimpleQueue()
    places = BoundedSemaphore(most_at_once)
    for read in reads:
        idle.put(read)

    @contextmanager
    def lend() -> Iterator[T]:
        if not places.acquire(blocking=False):
            raise ServiceBusy("Too many photos wait already.")
        try:
            read = idle.get(timeout=wait_s)
        except Empty:
            places.release()
            raise ServiceBusy("All readers of photos are busy.") from None
        try:
            yield read
        finally:
            idle.put(read)
            places.release()

    return lend


def make_read(reads: Sequence[Read]) -> Read:
    """Make a reader of photos for many threads out of readers for one each.

    Parameters
    ----------
    reads : Sequence[Read]
        As for `share_readers`.

    Returns
    -------
    Read
        Raises `ServiceBusy`, and `InputRefused` whose leaf says why.
    """
    lend = share_readers(reads)

    def read(content: bytes) -> Photo:
        with lend() as reader:
            return reader(content)

    return read


def make_assessor(predictor: Predictor, reads: Sequence[Read], *, preparation: PreparationConfig | None) -> Assessor:
    """Make what assesses photos for many threads, at most as many at a time as there are readers.

    Parameters
    ----------
    predictor : Predictor
        Shared.
    reads : Sequence[Read]
        As for `share_readers`.
    preparation : PreparationConfig | None
        As for `assess_photo`.

    Returns
    -------
    Assessor
        Its `assess` raises `ServiceBusy`, and what `assess_photo` raises.
    """
    lend = share_readers(reads, most_at_once=_MOST_ASSESSED)

    def assess(bring: Bring, context: PatientContext) -> AssessedPhoto | CheckedPhoto:
        with lend() as read:
            content, known = bring()
            intake = Intake(read if known is None else lambda _: known)
            return assess_photo(content, context, predictor=predictor, intake=intake, preparation=preparation)

    depends_on = f"{__version__}\n{hash_description(predictor.bundle)}\n{predictor.place}\n{preparation!r}"
    version = hashlib.sha256(depends_on.encode()).hexdigest()
    return Assessor(assess, predictor.bundle, version, predictor.place)


async def _clinic_of(request: Request) -> Clinic:  # async: it waits for nothing and needs no thread
    clinic: Clinic = request.app.state.clinic
    return clinic


Wired = Annotated[Clinic, Depends(_clinic_of)]
