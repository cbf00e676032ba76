"""Workers: they take jobs off the list of the store, answer them and write the answer, until they are told to stop.

A worker that is killed leaves its job to whoever finds the lease over. One that is told to stop ends the job that it
has and takes no other.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from flexura.errors import (
    DatabaseUnavailable,
    FlexuraError,
    HsmUnavailable,
    LeaseLost,
    NotStored,
    ServiceBusy,
    StorageFull,
)
from flexura.service.answers import answer_photo, ask
from flexura.service.clinic import Assessor
from flexura.service.problems import to_problem
from flexura.storage import cases
from flexura.storage.jobs import Job, fail_job, finish_job, take_job
from flexura.storage.store import Store

_POLL_S: Final = 0.25
_PAUSE_S: Final = 5.0
_PATIENCE_S: Final = 30.0  # for the jobs that run when the workers are told to stop
# What later may cure: the job is left to its lease, and somebody takes it again.
_PASSING: Final = (DatabaseUnavailable, HsmUnavailable, StorageFull, ServiceBusy)

_log = logging.getLogger("flexura.service")


@contextmanager
def run_workers(store: Store, assessor: Assessor, count: int) -> Iterator[None]:
    """Run workers in threads of this process, until the block ends; then they end their jobs.

    Parameters
    ----------
    store : Store
        Where the jobs are.
    assessor : Assessor
        For as many threads.
    count : int
        How many.

    Yields
    ------
    None
        While they work.
    """
    stop, name = threading.Event(), f"{socket.gethostname()[:32]}-{os.getpid()}"
    threads = [
        threading.Thread(target=work, args=(store, assessor, f"{name}-{number}"), kwargs={"stop": stop}, daemon=True)
        for number in range(count)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        end = time.monotonic() + _PATIENCE_S
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))


def work(store: Store, assessor: Assessor, name: str, *, stop: threading.Event) -> None:
    """Take one job after the other.

    Parameters
    ----------
    store : Store
        Where the jobs are.
    assessor : Assessor
        From `make_assessor`.
    name : str
        The worker's, up to 64 characters.
    stop : threading.Event
        Once set, no other job is taken.
    """
    while not stop.is_set():
        try:
            job = take_job(store, name)
            if job is None:
                stop.wait(_POLL_S)
            else:
                do_job(store, job, assessor)
        except _PASSING as error:
            _log.warning("A worker pauses: %s", error.code)
            stop.wait(_PAUSE_S)
        except Exception as error:  # noqa: BLE001  # a worker outlives what it cannot do
            _log.error("A fault of flexura itself: %s", type(error).__name__)
            stop.wait(_PAUSE_S)


def do_job(store: Store, job: Job, assessor: Assessor) -> None:
    """Answer a job, or say why it cannot be answered; what another worker has by now is left to that one.

    Parameters
    ----------
    store : Store
        Where the job is.
    job : Job
        As it was taken.
    assessor : Assessor
        From `make_assessor`.

    Raises
    ------
    DatabaseUnavailable
        When the database is away; the job is taken again later.
    HsmUnavailable
        When the token with the master keys is away; likewise.
    StorageFull
        When the disk is full; likewise.
    ServiceBusy
        When no reader of photos is free; likewise.
    """
    with suppress(LeaseLost, NotStored):  # another's, cancelled, or its patient deleted
        try:
            with store.visit(job.actor) as visit:
                context = cases.read_case(visit, job.case).context
                question = ask(visit, job.photo, context, assessor=assessor)
            answer = answer_photo(store, job.actor, question, assessor=assessor)
            with store.visit(job.actor) as visit:
                finish_job(visit, job, answer)
        except (*_PASSING, LeaseLost, NotStored):
            raise
        except Exception as error:  # noqa: BLE001  # a job that meets a bug has failed, and says so
            told = error if isinstance(error, FlexuraError) else FlexuraError()
            with store.visit(job.actor) as visit:
                fail_job(visit, job, to_problem(told))
