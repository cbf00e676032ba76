"""Photos of several jobs looked at in one call of the network, against each alone: what that gains here.

    python benchmarks/together.py [--batch N] [--jobs N] [--rounds N] [--device cpu|cuda]

First the network by itself: 1, 2, 4 ... pictures a call, in turns, on all threads and on one. Then jobs of 12 MP
photos through the service's workers, as many workers as a batch holds, in turns with and without `FLEXURA_BATCH`.
Processor seconds are given beside the time: they count less of what else the machine does. Last, how long a job takes
that is alone: what waiting for a fuller batch costs it.
"""

import argparse
import base64
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from batch import processor_seconds, rendered_photo
from clinic import mark

from flexura.inference.bundle import Bundle, load_bundle
from flexura.inference.devices import Place
from flexura.inference.gathering import Batching
from flexura.inference.predictor import Predictor, find_place
from flexura.intake.isolated import IsolatedReader
from flexura.pipeline import MEASURED
from flexura.service.clinic import Assessor, make_assessor
from flexura.service.workers import run_workers
from flexura.settings import Secret, Settings, open_store
from flexura.storage import cases, jobs
from flexura.storage.patients import Identity, create_patient
from flexura.storage.store import Actor, Store
from flexura.storage.tenants import create_tenant
from flexura.synthesis import draw_spec, render

DOCTOR = Actor("clinic", "doctor", "clinician")


@dataclass
class Spent:
    """What one way has cost: seconds and processor seconds, measurement by measurement."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def add(self, wall: float, processor: float) -> None:
        """Note a measurement."""
        self.wall.append(wall)
        self.processor.append(processor)


def time_network(bundle: Bundle, place: Place, most: int, *, rounds: int, threads: int | None) -> None:
    """Print what a picture costs in calls of one and of several."""
    predictor = Predictor(bundle, threads=threads, place=place)
    specs = [draw_spec(seed, size=(bundle.side, bundle.side)) for seed in range(most)]
    pictures = np.stack([render(spec).pixels for spec in specs])
    both = zip(map(predictor.look, pictures), predictor.look_at(pictures), strict=True)
    apart = max(float(abs(alone.pooled - together.pooled).max()) for alone, together in both)
    spent = {size: Spent() for size in (1, 2, 4, 8, 16, 32) if size <= most}
    for size in [*spent] * rounds:
        for start in range(0, most - size + 1, size):
            processor, begun = time.process_time(), time.perf_counter()
            predictor.look_at(pictures[start : start + size])
            spent[size].add((time.perf_counter() - begun) / size, (time.process_time() - processor) / size)
    print(f"network, {threads or 'all'} threads; features of {most} together and alone differ by {apart:.1e} at most")
    for size, cost in spent.items():
        wall, least = 1000 * statistics.median(cost.wall), 1000 * min(cost.wall)
        processor = 1000 * statistics.median(cost.processor)
        print(f"  {size:2} a call: {wall:.0f} ms a picture (least {least:.0f}), {processor:.0f} of the processor")


def ask_for_jobs(store: Store, photos: Sequence[bytes]) -> None:
    """A patient with these photos, each to be assessed."""
    with store.visit(DOCTOR) as visit:
        case = cases.create_case(visit, create_patient(visit, Identity(store.make_id(), "Jane Doe")), {})
    for content in photos:
        with cases.write_photo(store, DOCTOR, case, content) as written, store.visit(DOCTOR) as visit:
            jobs.request_assessment(visit, cases.add_photo(visit, written))


def work_off(assessor: Assessor, workers: int, photos: Sequence[bytes]) -> float:
    """Seconds in which so many workers answer all photos, in a store of their own."""
    with TemporaryDirectory() as folder:
        key = Secret(base64.b64encode(os.urandom(32)).decode())
        store = open_store(Settings(data_dir=Path(folder), master_key=key))
        create_tenant(store, DOCTOR.tenant)
        ask_for_jobs(store, photos)
        begun = time.perf_counter()
        with run_workers(store, assessor, workers):
            while jobs.count_jobs(store).keys() - {"done", "failed"}:
                time.sleep(0.01)
            seconds = time.perf_counter() - begun
        done = jobs.count_jobs(store).get("done", 0)
        store.engine.dispose()
    if done != len(photos):
        raise SystemExit(f"{len(photos) - done} photos were refused: no comparison")
    return seconds


def make_photos(count: int) -> list[bytes]:
    """Rendered photos that differ at least in a comment, so that none is answered from memory."""
    few = [rendered_photo(seed) for seed in range(4)]
    return [mark(few[number % len(few)], number) for number in range(count)]


def time_jobs(bundle: Bundle, place: Place, batch: int, *, count: int, rounds: int) -> None:
    """Print jobs per second with and without batches, and how long one takes that is alone."""
    photos = make_photos(count)
    with ExitStack() as opened:
        readers = [opened.enter_context(IsolatedReader()) for _ in range(batch)]

        def wire(batching: Batching | None) -> Assessor:
            predictor = Predictor(bundle, place=place, batching=batching)
            return make_assessor(predictor, [reader.read for reader in readers], preparation=MEASURED)

        ways = {"alone": wire(None), "together": wire(Batching(batch))}
        spent = {name: Spent() for name in ways}
        for name in turns(list(ways), rounds):
            processor = processor_seconds(readers)
            spent[name].add(work_off(ways[name], batch, photos), processor_seconds(readers) - processor)
        report(spent, count, batch)
        lone = {name: min(work_off(ways[name], 1, photos[:1]) for _ in range(3 * rounds)) for name in ways}
    print("  one job, and no other: " + ", ".join(f"{name} {1000 * least:.0f} ms" for name, least in lone.items()))


def turns(names: list[str], rounds: int) -> Iterator[str]:
    """Each name once a round; every other round begins with the other one."""
    for number in range(rounds):
        yield from names if number % 2 == 0 else names[::-1]


def report(spent: dict[str, Spent], count: int, batch: int) -> None:
    """Print both ways and their ratios, of the whole time and round by round."""
    alone, together = spent["alone"], spent["together"]
    print(f"{count} jobs, {batch} workers, {len(alone.wall)} rounds")
    for name, cost in spent.items():
        rate, processor = count / statistics.mean(cost.wall), 1000 * statistics.mean(cost.processor) / count
        print(f"  {name}: {rate:.2f} jobs a second, {processor:.0f} ms of the processor a job")
    ratios = ", ".join(f"{one / two:.2f}" for one, two in zip(alone.wall, together.wall, strict=True))
    print(f"  together as many times as fast: {sum(alone.wall) / sum(together.wall):.2f} ({ratios})")
    print(f"  and in processor time: {sum(alone.processor) / sum(together.processor):.2f}")


def main() -> None:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--jobs", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    given = parser.parse_args()
    bundle, place = load_bundle(), find_place(given.device)
    for threads in (None, 1):
        time_network(bundle, place, given.batch, rounds=given.rounds, threads=threads)
    time_jobs(bundle, place, given.batch, count=given.jobs, rounds=given.rounds)


if __name__ == "__main__":
    main()
