"""Fifty people at once: how fast the running service answers, what it adds to the answers' cost, and whether it grows.

    python benchmarks/load.py --seconds 600
    python benchmarks/load.py --seconds 600 --way job --database postgresql

Runs `flexura serve` with a certificate of its own in a temporary folder. Each client is a user with a token, over TLS:
for each photo a case is begun, the file uploaded, its assessment asked for, at once or as a job, and read; then the
next one follows without a pause. Where the service says 429 or 503 with `Retry-After`, a client waits for as long and
asks again. Before and after that as many threads answer the same photos without a service. What the service adds is
measured in processor seconds, for the clients are on the same machine. Ends with status 1 where a client met silence,
another refusal than those two, or an answer that is not the one to its photo; where the service adds too much; and,
from five minutes on, where it grows.
"""

import argparse
import os
import ssl
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from batch import processor_seconds, rendered_photo
from clinic import (
    Cluster,
    Program,
    add_clinicians,
    found_clinic,
    free_port,
    mark,
    open_database,
    report_store,
    temporary_folder,
    wait_until_ready,
)

from flexura.intake.isolated import IsolatedReader
from flexura.records import PatientContext
from flexura.service.clinic import Assessor, make_assessor
from flexura.settings import build_predictor, open_reader, plan_assessment, read_settings
from flexura.workflow import AssessedPhoto

PHOTOS = 8
WARM_UP, BARE = 0.1, 0.1  # shares of the time asked for
FEWEST = 20  # answers that say what one costs
LONG_S = 300.0  # growth of a shorter run is the service's warm-up
SETTLED = 0.5  # share of the measured time after which growth counts: caches, threads and waiting pictures are there
POLL_S = 1.0  # how often a client looks at its job
MOST_OVERHEAD = 0.15  # of one bare answer's processor time
MOST_GROWTH = 1.0  # MiB a minute, after the warm-up: a gigabyte in 17 hours
_BACK_PRESSURE = (429, 503)


@dataclass(frozen=True)
class Shown:
    """A rendered photo, and the ranking of diagnoses that the bare assessor gives it."""

    content: bytes
    ranking: dict[str, float]


@dataclass
class Told:
    """What the clients were told: seconds of requests by kind, answers by status, and what was wrong."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    answered: int = 0

    def clear(self) -> None:
        """Forget what was measured; what was wrong stays."""
        self.seconds, self.statuses, self.answered = {}, Counter(), 0

    def add(self, kind: str, seconds: float) -> None:
        """Note how long something took."""
        self.seconds.setdefault(kind, []).append(seconds)


@dataclass
class Person:
    """One client among so many, with a patient of its own."""

    number: int
    among: int
    client: httpx2.Client
    told: Told
    way: str
    patient: str = ""

    def ask(self, kind: str, method: str, path: str, **sent: Any) -> Any:
        """Ask until it is done, and give what was answered."""
        while True:
            begun = time.monotonic()
            answer = self.client.request(method, path, **sent)
            self.told.statuses[f"{answer.status_code} {kind}"] += 1
            if answer.is_success:
                self.told.add(kind, time.monotonic() - begun)
                return answer.json()
            if answer.status_code not in _BACK_PRESSURE:
                raise RuntimeError(f"{kind}: {answer.status_code} {answer.text}")
            time.sleep(int(answer.headers["retry-after"]))

    def work(self, photos: Sequence[Shown], over: threading.Event) -> None:
        """Have one photo after the other assessed."""
        try:
            number = {"number": f"MRN-{self.number}", "name": "Jane Doe"}
            self.patient = self.ask("patient", "POST", "/patients", json=number)["id"]
            turn = self.number
            while not over.is_set():
                self._assess(photos[turn % len(photos)], turn)
                turn += self.among
        except Exception as error:  # noqa: BLE001  # whatever ends a client is the finding
            self.told.wrong.append(f"{type(error).__name__}: {error}")

    def _assess(self, photo: Shown, turn: int) -> None:
        content = mark(photo.content, turn)
        case = self.ask("case", "POST", f"/patients/{self.patient}/cases", json={})["id"]
        place = f"/cases/{case}/photos"
        stored = self.ask("upload", "POST", place, content=content)["id"]
        begun = time.monotonic()
        if self.way == "now":
            record = self.ask("assess", "POST", f"{place}/{stored}/assessments")
        else:
            record = self._wait(case, self.ask("request", "POST", f"{place}/{stored}/jobs")["id"])
        self.told.add("answer", time.monotonic() - begun)
        self.told.answered += 1
        document = record["document"]["assessment"]
        ranking = {row["code"]: row["probability"] for row in document["diagnosis"]["ranking"]}
        if record["about"] != stored or document["photo"]["sha256"] != sha256(content).hexdigest():
            self.told.wrong.append("an answer on another photo")
        elif not _alike(ranking, photo.ranking):
            self.told.wrong.append("another answer than without the service")

    def _wait(self, case: str, job: str) -> Any:
        while (state := self.ask("poll", "GET", f"/jobs/{job}"))["state"] in {"queued", "running"}:
            time.sleep(POLL_S)
        if state["state"] != "done":
            raise RuntimeError(f"a job ended as {state['state']}, {state['code']}")
        return self.ask("read", "GET", f"/cases/{case}/assessments/{state['assessment']}")


def _alike(one: dict[str, float], other: dict[str, float]) -> bool:
    return one.keys() == other.keys() and all(abs(one[code] - other[code]) < 1e-4 for code in one)


@dataclass(frozen=True)
class Bare:
    """The assessor without a service, on as many threads."""

    assessor: Assessor
    readers: Sequence[IsolatedReader]

    def rank(self, content: bytes) -> dict[str, float] | None:
        """The ranking of diagnoses; none where the photo is refused."""
        outcome = self.assessor.assess(lambda: (content, None), PatientContext())
        if not isinstance(outcome, AssessedPhoto):
            return None
        return {row.code: row.probability for row in outcome.assessment.diagnosis.ranking}

    def measure(self, photos: Sequence[Shown], seconds: float) -> tuple[float, float]:
        """Answers a second, and processor seconds an answer."""
        end = time.perf_counter() + seconds

        def answer(own: int) -> int:
            done = 0
            while time.perf_counter() < end:
                self.rank(photos[(own + done * len(self.readers)) % len(photos)].content)
                done += 1
            return done

        with ThreadPoolExecutor(len(self.readers)) as pool:
            processor, begun = processor_seconds(self.readers), time.perf_counter()
            count = sum(pool.map(answer, range(len(self.readers))))
            taken = time.perf_counter() - begun
        return count / taken, (processor_seconds(self.readers) - processor) / count


@contextmanager
def open_bare(threads: int) -> Iterator[Bare]:
    """Wire what the service wires, without a service."""
    settings = read_settings(os.environ)
    with ExitStack() as opened:
        readers = [opened.enter_context(open_reader(settings)) for _ in range(threads)]
        reads = [reader.read for reader in readers]
        assessor = make_assessor(build_predictor(settings), reads, preparation=plan_assessment(settings))
        yield Bare(assessor, readers)


def choose_photos(bare: Bare) -> list[Shown]:
    """Rendered photos of 12 MP that are good enough to be answered."""
    photos, seed = list[Shown](), 0
    while len(photos) < PHOTOS:
        content = rendered_photo(seed)
        ranking = bare.rank(content)
        if ranking is not None:
            photos.append(Shown(content, ranking))
        seed += 1
    return photos


def processes_of(root: int) -> list[int]:
    """A process and all that it has started, directly or not."""
    found = [root]
    for process in found:
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            with suppress(FileNotFoundError, ProcessLookupError):  # the database's come and go
                found += map(int, children.read_text().split())
    return found


def processor_of(roots: Sequence[int]) -> float:
    """Processor seconds so far of programs and their children, with those that have ended."""
    ticks = 0
    for process in (process for root in roots for process in processes_of(root)):
        with suppress(FileNotFoundError, ProcessLookupError):
            stat = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, stat[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_mib(root: int) -> tuple[float, float]:
    """Resident memory of a program, and of all that it has started."""
    sizes = [
        int(Path(f"/proc/{process}/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024
        for process in processes_of(root)
    ]
    return sizes[0], sum(sizes[1:])


@dataclass(frozen=True)
class Measured:
    """What the load showed between its warm-up and its end."""

    seconds: float
    answered: int
    processor: float  # seconds of service and database
    own_processor: float  # and of the clients
    memory: list[tuple[float, float, float]]  # second, MiB of the service, MiB of its decoders

    @property
    def growth(self) -> tuple[float, float]:
        """MiB a minute of the service and of its decoders, once settled: the slopes of straight lines."""
        settled = [row for row in self.memory if row[0] >= SETTLED * self.seconds]
        seconds, service, decoders = np.array(settled).T
        own, theirs = (float(np.polyfit(seconds / 60, size, 1)[0]) for size in (service, decoders))
        return own, theirs


def put_under_load(
    people: Sequence[Person], photos: Sequence[Shown], programs: Sequence[int], seconds: float
) -> Measured:
    """Let everybody work for so many seconds after the warm-up, or until something is wrong."""
    told, over, memory = people[0].told, threading.Event(), list[tuple[float, float, float]]()
    with ThreadPoolExecutor(len(people)) as pool:
        for person in people:
            pool.submit(person.work, photos, over)
        time.sleep(WARM_UP * seconds)
        told.clear()
        begun, processor, own = time.monotonic(), processor_of(programs), time.process_time()
        while (passed := time.monotonic() - begun) < seconds and not told.wrong:
            memory.append((passed, *resident_mib(programs[0])))
            time.sleep(1)
        over.set()
        spent = processor_of(programs) - processor, time.process_time() - own
        return Measured(passed, told.answered, *spent, memory)


def report(told: Told, measured: Measured, bare: Sequence[tuple[float, float]]) -> bool:
    """Print what was measured; tell whether all is as it must be."""
    rates, costs = zip(*bare, strict=True)
    rate, cost = measured.answered / measured.seconds, measured.processor / measured.answered
    overhead = cost / float(np.mean(costs)) - 1
    for kind, seconds in told.seconds.items():
        half, most = np.quantile(seconds, (0.5, 0.99))
        print(f"  {kind:<8} {len(seconds):>6} times: median {half:.3f} s, 99 % {most:.3f}, longest {max(seconds):.2f}")
    print("  by status: " + ", ".join(f"{number} x {status}" for status, number in sorted(told.statuses.items())))
    print(f"{len(set(told.wrong))} things wrong: {sorted(set(told.wrong))}")
    before, after = rates
    print(f"answers a second: {before:.2f} and {after:.2f} without a service, {rate:.2f} with it and its clients")
    told_costs = " and ".join(f"{1000 * each:.0f}" for each in costs)
    own = 1000 * measured.own_processor / measured.answered
    print(f"processor time an answer: {told_costs} ms without a service, {1000 * cost:.0f} with it; clients {own:.0f}")
    print(f"the service adds {100 * overhead:.0f} % of one answer (at most {100 * MOST_OVERHEAD:.0f})")
    _, own, theirs = measured.memory[-1]
    growth = measured.growth
    print(f"MiB at the end: service {own:.0f}, decoders {theirs:.0f}; ", end="")
    print(f"a minute of the last {100 * (1 - SETTLED):.0f} %: {growth[0]:+.2f} and {growth[1]:+.2f}")
    flat = measured.seconds < LONG_S or max(growth) <= MOST_GROWTH
    return not told.wrong and overhead <= MOST_OVERHEAD and flat


def measure(folder: Path, cluster: Cluster | None, asked: argparse.Namespace) -> bool:
    """Run the service under load, between two measurements without it."""
    tokens, port = add_clinicians([f"clinician{number}" for number in range(asked.clients)]), free_port()
    threads = {"now": ("--assessors", str(asked.threads), "--workers", "0")}
    threads["job"] = ("--assessors", "1", "--workers", str(asked.threads))
    service = Program(("serve", "--tls-own", "--port", str(port), *threads[asked.way]))
    with open_bare(asked.threads) as bare:
        photos = choose_photos(bare)
        bare.measure(photos, 5.0)  # warm
        rates = [bare.measure(photos, BARE * asked.seconds)]
        service.start()
        try:
            clients = connect(port, tokens, folder / "clinic" / "tls" / "certificate.pem")
            told = Told()
            people = [Person(number, len(clients), client, told, asked.way) for number, client in enumerate(clients)]
            programs = [service.process_id, *([cluster.process_id] if cluster else [])]
            measured = put_under_load(people, photos, programs, asked.seconds)
        finally:
            service.kill()
        rates.append(bare.measure(photos, BARE * asked.seconds))
    if measured.answered < FEWEST:
        raise SystemExit(f"{measured.answered} answers in {measured.seconds:.0f} s tell nothing: {told.wrong}")
    told_load = f"{asked.clients} clients, {asked.threads} photos at a time, {asked.seconds:.0f} s after a warm-up"
    print(f"{asked.database}, {asked.way}, {told_load}; load of the machine {os.getloadavg()[0]:.1f}")
    return report(told, measured, rates)


def connect(port: int, tokens: Sequence[str], certificate: Path) -> list[httpx2.Client]:
    """A client for each token, each with a connection of its own, once the service listens."""
    while not certificate.exists():
        time.sleep(0.1)
    trusted = ssl.create_default_context(cafile=str(certificate))
    clients = [
        httpx2.Client(
            base_url=f"https://127.0.0.1:{port}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=120,
            verify=trusted,
        )
        for token in tokens
    ]
    wait_until_ready(clients[0])
    return clients


def main() -> None:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--way", choices=("now", "job"), default="now")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--threads", type=int, default=2, help="photos answered at a time")
    asked = parser.parse_args()
    with temporary_folder() as folder, open_database(asked.database, folder) as cluster:
        found_clinic(folder, cluster)
        good = measure(folder, cluster, asked)
        good = report_store() == 0 and good
    sys.exit(not good)


if __name__ == "__main__":
    main()
