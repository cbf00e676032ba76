"""Workers killed while they work: every job has one result, and how soon after the kill.

    python benchmarks/job_recovery.py --jobs 400 --kills 8

Runs `flexura serve` and `flexura worker` on a PostgreSQL cluster of its own in a temporary folder. While jobs are asked
for, as fast as the queue takes them, and spread over them, the worker is killed with signal 9 while it holds a job, and
started again.
"""

import argparse
import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx2
from clinic import Program, last_state, make_photos, read_all, report_store, running, until_answered
from sqlalchemy import Row, select

from flexura.settings import open_store, read_settings
from flexura.storage.database import begin
from flexura.storage.store import Store
from flexura.storage.tables import JOBS


def _jobs(store: Store) -> list[Row[Any]]:
    with begin(store.engine) as connection:
        return list(connection.execute(select(JOBS.c.id, JOBS.c.state, JOBS.c.attempt, JOBS.c.ended_at)))


def _kill_while_it_works(store: Store, worker: Program, count: int, kills: int) -> dict[str, datetime]:
    """Kill the worker whenever another share of the jobs is done; give the jobs it held, and when it died."""
    held: dict[str, datetime] = {}
    for kill in range(1, kills + 1):
        while True:
            rows = _jobs(store)
            leased = [row.id for row in rows if row.state == "leased" and row.id not in held]
            if leased and sum(row.state == "done" for row in rows) * (kills + 1) >= kill * (count - kills):
                break
            time.sleep(0.01)
        worker.kill()
        # What it held when it died, not when it was looked at.
        held |= {row.id: datetime.now(UTC) for row in _jobs(store) if row.state == "leased" and row.id not in held}
        worker.start()
    return held


def _measure(client: httpx2.Client, worker: Program, count: int, kills: int) -> None:
    def ask(method: str, path: str, **sent: Any) -> httpx2.Response:
        return until_answered(lambda: client.request(method, path, **sent), [])

    patient = ask("POST", "/patients", json={"number": "MRN-1", "name": "Jane Doe"}).json()["id"]
    case = ask("POST", f"/patients/{patient}/cases", json={}).json()["id"]

    def ask_for_jobs() -> list[str]:
        asked = []
        for number, content in enumerate(make_photos(count)):
            photo = ask("POST", f"/cases/{case}/photos", content=content).json()["id"]
            key = {"Idempotency-Key": str(number)}
            asked.append(ask("POST", f"/cases/{case}/photos/{photo}/jobs", headers=key).json()["id"])
        return asked

    store, begun = open_store(read_settings(os.environ)), time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        asked_for = pool.submit(ask_for_jobs)
        held = _kill_while_it_works(store, worker, count, kills)
        jobs = asked_for.result()
    states = [last_state(ask, job) for job in jobs]
    took = time.monotonic() - begun
    ended = {row.id: row for row in _jobs(store)}
    waits = sorted((ended[job].ended_at - at).total_seconds() for job, at in held.items())
    answers = read_all(ask, f"/cases/{case}/assessments")
    store.engine.dispose()
    print(f"{count} jobs in {took:.0f} s, {kills} kills of the worker, {len(held)} jobs held by a killed one")
    print(f"done {states.count('done')}, assessments {len(answers)}")
    print(f"from the kill to the job's result: median {waits[len(waits) // 2]:.0f} s, longest {waits[-1]:.0f} s")
    report_store()


def main() -> None:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--jobs", type=int, default=400)
    parser.add_argument("--kills", type=int, default=8)
    asked = parser.parse_args()
    with running() as (client, _, worker, _):
        _measure(client, worker, asked.jobs, asked.kills)


if __name__ == "__main__":
    main()
