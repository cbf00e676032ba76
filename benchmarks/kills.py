"""Kill -9 of service, worker and database while photos are uploaded: nothing acknowledged is lost, nothing doubled.

    python benchmarks/kills.py --uploads 1000 --kills 21

Runs `flexura serve` and `flexura worker` on a PostgreSQL cluster of its own (with fsync) in a temporary folder. Four
clients upload; each repeats a photo until it is acknowledged; every 20th is also assessed as a job. Meanwhile, spread
over the uploads, one of the three programs after the other is killed and started again. At the end left-overs are
cleared and every photo is read back.
"""

import argparse
import hashlib
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
from clinic import (
    EACH_AS_JOB,
    Cluster,
    Program,
    last_state,
    make_photos,
    read_all,
    report_store,
    running,
    until_answered,
)

CLIENTS = 4


def _report(client: httpx2.Client, photos: list[bytes], victims: Sequence[Program | Cluster], kills: int) -> None:
    refused: list[int] = []

    def ask(method: str, path: str, **sent: Any) -> httpx2.Response:
        return until_answered(lambda: client.request(method, path, **sent), refused)

    patient = ask("POST", "/patients", json={"number": "MRN-1", "name": "Jane Doe"}).json()["id"]
    case = ask("POST", f"/patients/{patient}/cases", json={}).json()["id"]
    done, jobs = list[int](), list[str]()

    def upload(number: int) -> str:
        photo = str(ask("POST", f"/cases/{case}/photos", content=photos[number]).json()["id"])
        if number % EACH_AS_JOB == 0:
            headers = {"Idempotency-Key": str(number)}
            jobs.append(ask("POST", f"/cases/{case}/photos/{photo}/jobs", headers=headers).json()["id"])
        done.append(number)
        return photo

    killed, finished = [0] * len(victims), threading.Event()

    def kill() -> None:
        while not finished.wait(0.05):
            for victim in victims:
                victim.revive()
            so_far = sum(killed)
            if so_far < kills and len(done) * (kills + 1) >= (so_far + 1) * len(photos):
                turn = so_far % len(victims)
                victims[turn].kill()
                victims[turn].start()
                killed[turn] += 1

    killer, begun = threading.Thread(target=kill), time.monotonic()
    killer.start()
    with ThreadPoolExecutor(CLIENTS) as pool:
        acknowledged = list(pool.map(upload, range(len(photos))))
    took = time.monotonic() - begun
    states = [last_state(ask, job) for job in jobs]
    finished.set()
    killer.join()
    hashes = [hashlib.sha256(ask("GET", f"/cases/{case}/photos/{photo}").content).digest() for photo in acknowledged]
    wrong = sum(got != hashlib.sha256(photo).digest() for got, photo in zip(hashes, photos, strict=True))
    stored = ask("GET", f"/cases/{case}").json()["photos"]
    answers = read_all(ask, f"/cases/{case}/assessments")
    print(
        f"{len(photos)} uploads in {took:.0f} s; killed: service {killed[0]}, worker {killed[1]}, database {killed[2]}"
    )
    print(
        f"503 answers {len(refused)}; read back wrong or lost {wrong}; doubled {len(stored) - len(set(acknowledged))}"
    )
    print(f"jobs {len(jobs)}, done {states.count('done')}, assessments {len(answers)}")
    report_store()


def main() -> None:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--uploads", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=21)
    arguments = parser.parse_args()
    with running() as (client, service, worker, cluster):
        _report(client, make_photos(arguments.uploads), (service, worker, cluster), arguments.kills)


if __name__ == "__main__":
    main()
