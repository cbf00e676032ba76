"""Kill -9 of service, worker and database while photos are uploaded: nothing acknowledged is lost, nothing doubled.

    python benchmarks/kills.py --uploads 1000 --kills 21

Runs `flexura serve` and `flexura worker` on a PostgreSQL cluster of its own (with fsync) in a temporary folder. Four
clients upload; each repeats a photo until it is acknowledged; every 20th is also assessed as a job. Meanwhile, spread
over the uploads, one of the three programs after the other is killed and started again. At the end left-overs are
cleared and every photo is read back.
"""

import argparse
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from click.testing import CliRunner

from flexura.cli.root import verbs
from flexura.settings import open_store, read_settings
from flexura.storage import auditlog
from flexura.storage.database import begin
from flexura.storage.datakeys import TENANT, open_key
from flexura.storage.upkeep import reconcile
from flexura.synthesis.render import render
from flexura.synthesis.spec import SkinSpec
from flexura.synthesis.write import SetConfig, encode

PROGRAM = [sys.executable, "-c", "from flexura.cli import main; main()"]
VERBS = (
    "patient.create",
    "case.create",
    "case.read",
    "photo.add",
    "photo.read",
    "assessment.request",
    "assessment.read",
)
EACH_AS_JOB = 20
CLIENTS = 4


@dataclass
class Cluster:
    """PostgreSQL in a folder, run by its own user where we are root."""

    folder: Path
    port: int
    programs: Path = field(default_factory=lambda: sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1])

    def __post_init__(self) -> None:
        self.folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.run("initdb", "-D", f"{self.folder}/db", "-U", "flexura", "-A", "trust", "-E", "UTF8")
        self.start()

    def run(self, program: str, *arguments: str) -> bool:
        """Run one of PostgreSQL's programs; tell whether it went well."""
        by = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        ran = subprocess.run([*by, str(self.programs / program), *arguments], capture_output=True, check=False)
        return ran.returncode == 0

    def start(self) -> None:
        """Start it; a killed one's children may take a moment to go."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        while not self.run(
            "pg_ctl", "-D", f"{self.folder}/db", "-w", "-o", options, "-l", f"{self.folder}/log", "start"
        ):
            time.sleep(0.2)

    def kill(self) -> None:
        """Kill the postmaster, as a dead machine would."""
        os.kill(int((self.folder / "db" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)

    def revive(self) -> None:
        """Never ends by itself."""

    def stop(self) -> None:
        """End it for good."""
        self.run("pg_ctl", "-D", f"{self.folder}/db", "-m", "immediate", "stop")


@dataclass
class Killed:
    """A program that is killed and started again."""

    words: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; nothing that it says is kept."""
        self.process = subprocess.Popen([*PROGRAM, *self.words], stderr=subprocess.DEVNULL)

    def revive(self) -> None:
        """Start it again if it has ended by itself, as it does where the database is away; systemd does the same."""
        if self.process is not None and self.process.poll() is not None:
            self.start()

    def kill(self) -> None:
        """Kill it with signal 9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def admin(*words: str) -> str:
    """Run `flexura admin` and return what it says."""
    result = CliRunner().invoke(verbs, ["admin", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def until_answered(ask: Callable[[], httpx2.Response], refused: list[int]) -> httpx2.Response:
    """Ask again until there is an answer that is neither silence nor a promise to be back."""
    while True:
        try:
            answer = ask()
        except httpx2.TransportError:
            time.sleep(0.1)
            continue
        if answer.status_code < 400:
            return answer
        if answer.status_code == 429:  # one user, faster than a person
            time.sleep(int(answer.headers["retry-after"]))
            continue
        refused.append(answer.status_code)
        assert answer.status_code == 503, answer.text
        time.sleep(0.1)


def make_photos(count: int) -> list[bytes]:
    """Photos that differ in a comment: a rendered one, told apart."""
    photo = encode(
        render(SkinSpec(seed=7, tone=4, signs=(2, 1, 1, 1, 0, 2), area=0.3, size=(384, 512))).pixels, SetConfig()
    )
    marks = [b"%08d" % number for number in range(count)]
    return [photo[:2] + b"\xff\xfe" + (len(mark) + 2).to_bytes(2) + mark + photo[2:] for mark in marks]


@contextmanager
def running() -> Iterator[tuple[httpx2.Client, Killed, Killed, Cluster]]:
    """Run a clinic in a temporary folder: a client of a clinician, the service, its worker and its database."""
    with tempfile.TemporaryDirectory(prefix="flexura-kills-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's own user goes through it
        yield from _run(Path(folder))


def _run(folder: Path) -> Iterator[tuple[httpx2.Client, Killed, Killed, Cluster]]:
    cluster = Cluster(folder / "pg", free_port())
    os.environ |= {
        "FLEXURA_DATA_DIR": str(folder / "clinic"),
        "FLEXURA_MASTER_KEY_FILE": str(folder / "keys"),
        "FLEXURA_DATABASE": f"postgresql://flexura@127.0.0.1:{cluster.port}/postgres",
    }
    port = str(free_port())
    service, worker = programs = Killed(("serve", "--port", port, "--workers", "0")), Killed(("worker",))
    try:
        admin("key", "create")
        admin("user", "add", "maria", "--role", "clinician", "--no-codes", "--password", secrets.token_hex(12))
        token = admin("token", "add", "maria", *(word for verb in VERBS for word in ("--for", verb)))
        for program in programs:
            program.start()
        client = httpx2.Client(
            base_url=f"http://127.0.0.1:{port}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=60
        )
        yield client, service, worker, cluster
    finally:
        for program in programs:
            if program.process is not None:
                program.kill()
        cluster.stop()


def _report(client: httpx2.Client, photos: list[bytes], victims: Sequence[Killed | Cluster], kills: int) -> None:
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


def read_all(ask: Callable[..., httpx2.Response], path: str) -> list[Any]:
    """All items of a list, page by page."""
    items: list[Any] = []
    page: dict[str, Any] = {"next": ""}
    while page["next"] is not None:
        page = ask("GET", path, params={"after": page["next"]} if page["next"] else {}).json()
        items += page["items"]
    return items


def last_state(ask: Callable[..., httpx2.Response], job: str) -> str:
    """Wait, at most two minutes, until a job has ended."""
    end = time.monotonic() + 120
    while (state := str(ask("GET", f"/jobs/{job}").json()["state"])) in {"queued", "running"}:
        if time.monotonic() > end:
            break
        time.sleep(0.2)
    return state


def report_store() -> None:
    """Clear left-overs, verify the audit log, and print both."""
    store = open_store(read_settings(os.environ))
    cleared = reconcile(store)
    files = len(list(store.folder.glob("??/*")))
    with begin(store.engine) as connection:
        key = open_key(connection, "clinic", TENANT, read_ring=store.read_ring)
        findings = auditlog.verify(connection, key=key)
    store.engine.dispose()
    print(f"left-overs removed {cleared.removed}, files missing {len(cleared.missing)}, files {files}", end="; ")
    print(f"findings in the audit log {len(findings)}")


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
