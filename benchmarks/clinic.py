"""A clinic in a temporary folder, for benchmarks of the real service: its database, programs, users and photos.

PostgreSQL is a cluster of its own, with fsync. Programs are started as their users start them, and may be killed.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
from click.testing import CliRunner

from flexura.cli.console import console_actor
from flexura.cli.root import verbs
from flexura.security.passwords import HashCost
from flexura.settings import open_store, read_settings
from flexura.storage import auditlog
from flexura.storage.database import begin
from flexura.storage.datakeys import TENANT, open_key
from flexura.storage.tenants import create_tenant, list_tenants
from flexura.storage.upkeep import reconcile
from flexura.storage.users import add_token, add_user
from flexura.synthesis.render import render
from flexura.synthesis.spec import SkinSpec
from flexura.synthesis.write import SetConfig, encode

PROGRAM = (sys.executable, "-c", "from flexura.cli import main; main()")
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
CLINIC = "clinic"
_CHEAP = HashCost(passes=1, memory_kib=64, lanes=1)


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

    @property
    def address(self) -> str:
        """What FLEXURA_DATABASE holds."""
        return f"postgresql://flexura@127.0.0.1:{self.port}/postgres"

    @property
    def process_id(self) -> int:
        """The postmaster's."""
        return int((self.folder / "db" / "postmaster.pid").read_text().split()[0])

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
        os.kill(self.process_id, signal.SIGKILL)

    def revive(self) -> None:
        """Never ends by itself."""

    def stop(self) -> None:
        """End it for good."""
        self.run("pg_ctl", "-D", f"{self.folder}/db", "-m", "immediate", "stop")


@dataclass
class Program:
    """`flexura` with some words, which can be killed and started again."""

    words: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None

    @property
    def process_id(self) -> int:
        """Of the one that was started last."""
        assert self.process is not None
        return self.process.pid

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


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder through which PostgreSQL's own user can go, and remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix="flexura-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@contextmanager
def open_database(kind: str, folder: Path) -> Iterator[Cluster | None]:
    """Run the database of a clinic, sqlite or postgresql; none for SQLite, a file among the clinic's data."""
    if kind == "sqlite":
        yield None
        return
    cluster = Cluster(folder / "pg", free_port())
    try:
        yield cluster
    finally:
        cluster.stop()


def found_clinic(folder: Path, cluster: Cluster | None) -> None:
    """Make the master key of a new clinic, and point this process and all that it starts to the clinic."""
    os.environ |= {"FLEXURA_DATA_DIR": str(folder / "clinic"), "FLEXURA_MASTER_KEY_FILE": str(folder / "keys")}
    os.environ["FLEXURA_DATABASE"] = cluster.address if cluster else ""  # empty counts as unset
    admin("key", "create")


def add_clinicians(names: Sequence[str], scopes: Sequence[str] = VERBS) -> list[str]:
    """Add users, and make for each a token that is good for some verbs."""
    store = open_store(read_settings(os.environ))
    if not list_tenants(store):
        create_tenant(store, CLINIC)
    with store.visit(console_actor(CLINIC)) as visit:
        users = [add_user(visit, name, "clinician", secrets.token_hex(12), cost=_CHEAP) for name in names]
        tokens = [add_token(visit, user, frozenset(scopes), lasts=timedelta(days=1)).secret for user in users]
    store.engine.dispose()
    return tokens


def admin(*words: str) -> str:
    """Run `flexura admin` and return what it says."""
    result = CliRunner().invoke(verbs, ["admin", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def wait_until_ready(client: httpx2.Client) -> None:
    """Wait until the service answers."""
    while True:
        try:
            client.get("/ready")
        except httpx2.ConnectError:
            time.sleep(0.1)
        else:
            return


@contextmanager
def running() -> Iterator[tuple[httpx2.Client, Program, Program, Cluster]]:
    """Run a clinic on PostgreSQL: a client of a clinician, the service, its worker and its database."""
    with temporary_folder() as folder, open_database("postgresql", folder) as cluster:
        assert cluster is not None
        found_clinic(folder, cluster)
        (token,), port = add_clinicians(["maria"]), str(free_port())
        service, worker = programs = Program(("serve", "--port", port, "--workers", "0")), Program(("worker",))
        try:
            for program in programs:
                program.start()
            headers = {"Authorization": f"Bearer {token}"}
            client = httpx2.Client(base_url=f"http://127.0.0.1:{port}/api/v1", headers=headers, timeout=60)
            yield client, service, worker, cluster
        finally:
            for program in programs:
                if program.process is not None:
                    program.kill()


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
    """Photos that differ in a comment: a small rendered one, told apart."""
    photo = encode(
        render(SkinSpec(seed=7, tone=4, signs=(2, 1, 1, 1, 0, 2), area=0.3, size=(384, 512))).pixels, SetConfig()
    )
    return [mark(photo, number) for number in range(count)]


def mark(photo: bytes, number: int) -> bytes:
    """The same JPEG with a number as its comment: another file, so that no answer to it is known yet."""
    comment = b"%08d" % number
    return photo[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2) + comment + photo[2:]


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


def report_store() -> int:
    """Clear left-overs, verify the audit log, and print both; gives how many findings there are."""
    store = open_store(read_settings(os.environ))
    cleared = reconcile(store)
    files = len(list(store.folder.glob("??/*")))
    with begin(store.engine) as connection:
        key = open_key(connection, CLINIC, TENANT, read_ring=store.read_ring)
        findings = auditlog.verify(connection, key=key)
    store.engine.dispose()
    print(f"left-overs removed {cleared.removed}, files missing {len(cleared.missing)}, files {files}", end="; ")
    print(f"findings in the audit log {len(findings)}")
    return len(findings) + len(cleared.missing)
