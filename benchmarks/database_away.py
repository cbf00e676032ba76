"""PostgreSQL stopped under the running service: what callers are told meanwhile, and how soon all works again.

    python benchmarks/database_away.py --seconds 60

Runs `flexura serve` and `flexura worker` on a PostgreSQL cluster of its own in a temporary folder. Two clients upload
photos throughout, each repeats a photo until it is acknowledged, and every 20th is assessed as a job; the database is
stopped for the seconds asked for, while jobs wait, and started again. What ended by itself meanwhile is started again,
as systemd does. A refusal that is not a 503 with `Retry-After` as a problem document ends the run.
"""

import argparse
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx2
from clinic import EACH_AS_JOB, Cluster, Program, last_state, make_photos, report_store, running

LEAD_S = 10  # of uploads before the stop and after the start
WAITING = 10  # jobs asked for at once before the stop


@dataclass
class Asked:
    """What the service answered: refusals by code, how long the slowest answer took, and what was done when."""

    client: httpx2.Client
    statuses: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0  # of any answer, or of waiting for one in vain
    last_refusal: float = 0.0
    done: list[tuple[float, float]] = field(default_factory=list)  # asked and answered

    def ask(self, method: str, path: str, **sent: Any) -> httpx2.Response:
        """Ask until it is done."""
        while True:
            begun = time.monotonic()
            try:
                answer = self.client.request(method, path, **sent)
            except httpx2.TransportError as error:
                self.statuses[type(error).__name__] += 1
                self.slowest_s = max(self.slowest_s, time.monotonic() - begun)
                time.sleep(0.1)
                continue
            now = time.monotonic()
            self.slowest_s = max(self.slowest_s, now - begun)
            if answer.status_code < 400:
                self.done.append((begun, now))
                return answer
            if answer.status_code == 429:  # one user, faster than a person
                time.sleep(int(answer.headers["retry-after"]))
                continue
            self.statuses[f"{answer.status_code} {answer.json()['code']}"] += 1
            self.last_refusal = now
            assert answer.status_code == 503, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
            assert int(answer.headers["retry-after"]) > 0
            time.sleep(0.1)


@dataclass
class Uploads:
    """Two clients that upload without a pause, and what was acknowledged."""

    asked: Asked
    case: str
    stored: dict[str, bytes] = field(default_factory=dict)
    jobs: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def run(self, own: int, photos: list[bytes]) -> None:
        """Upload every second photo, until it is over."""
        for number in range(own, len(photos), 2):
            if self.over.is_set():
                return
            photo = self.asked.ask("POST", f"/cases/{self.case}/photos", content=photos[number]).json()["id"]
            self.stored[photo] = photos[number]
            if number % EACH_AS_JOB == 0:
                path, key = f"/cases/{self.case}/photos/{photo}/jobs", {"Idempotency-Key": str(number)}
                self.jobs.append(self.asked.ask("POST", path, headers=key).json()["id"])

    def let_jobs_wait(self) -> int:
        """Ask for jobs faster than the worker does them; tell how many are not done."""
        path = f"/cases/{self.case}/photos"
        asked = [
            self.asked.ask("POST", f"{path}/{photo}/jobs", headers={"Idempotency-Key": f"waits-{photo}"}).json()["id"]
            for photo in list(self.stored)[-WAITING:]
        ]
        self.jobs += asked
        return sum(self.asked.ask("GET", f"/jobs/{job}").json()["state"] != "done" for job in asked)

    def report(self) -> None:
        """Read everything back."""
        states = Counter(last_state(self.asked.ask, job) for job in self.jobs)
        read = (self.asked.ask("GET", f"/cases/{self.case}/photos/{photo}").content for photo in self.stored)
        wrong = sum(got != content for got, content in zip(read, self.stored.values(), strict=True))
        doubled = len(self.asked.ask("GET", f"/cases/{self.case}").json()["photos"]) - len(self.stored)
        print(f"uploads {len(self.stored)}: read back wrong or lost {wrong}, doubled {doubled}; jobs {dict(states)}")


def _stop(
    client: httpx2.Client, programs: tuple[Program, Program], cluster: Cluster, seconds: float
) -> tuple[float, float]:
    """Stop the database and start it again; give the moments at which it was gone, and there again."""
    assert cluster.run("pg_ctl", "-D", f"{cluster.folder}/db", "-m", "fast", "-w", "stop")
    gone = time.monotonic()
    ready, ended = Counter[int](), 0
    while time.monotonic() < gone + seconds:
        ready[client.get("/ready").status_code] += 1
        ended += sum(program.process is not None and program.process.poll() is not None for program in programs)
        for program in programs:
            program.revive()
        time.sleep(0.5)
    cluster.start()
    back = time.monotonic()
    while client.get("/ready").status_code != 200:
        time.sleep(0.05)
    print(f"stopped {seconds:.0f} s; readiness meanwhile {dict(ready)}; programs that ended by themselves {ended}")
    print(f"ready {time.monotonic() - back:.2f} s after the database")
    return gone, back


def _measure(client: httpx2.Client, programs: tuple[Program, Program], cluster: Cluster, seconds: float) -> None:
    asked = Asked(client)
    patient = asked.ask("POST", "/patients", json={"number": "MRN-1", "name": "Jane Doe"}).json()["id"]
    asked.statuses.clear()  # of the time in which the service started
    asked.slowest_s = 0.0
    uploads = Uploads(asked, asked.ask("POST", f"/patients/{patient}/cases", json={}).json()["id"])
    photos = make_photos(20_000)
    with ThreadPoolExecutor(2) as pool:
        running_ones = [pool.submit(uploads.run, own, photos) for own in range(2)]
        time.sleep(LEAD_S)
        try:
            before, waiting = len(uploads.stored), uploads.let_jobs_wait()
            gone, back = _stop(client, programs, cluster, seconds)
            time.sleep(LEAD_S)
        finally:
            uploads.over.set()
    for each in running_ones:
        each.result()
    first = min(answered for begun, answered in asked.done if begun > gone)
    print(f"uploads before it {before}, jobs waiting {waiting}; refused: {dict(asked.statuses)}")
    print(f"slowest answer of all {asked.slowest_s:.2f} s; first request done {first - gone:.2f} s after the stop")
    print(
        f"from the database's return: first done {first - back:+.2f} s, last refusal {asked.last_refusal - back:+.2f} s"
    )
    uploads.report()
    report_store()


def main() -> None:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    arguments = parser.parse_args()
    with running() as (client, service, worker, cluster):
        _measure(client, (service, worker), cluster, arguments.seconds)


if __name__ == "__main__":
    main()
