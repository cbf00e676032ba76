"""What the running service asks of the kernel, by strace, before it says that a photo is stored.

    python benchmarks/write_order.py

Runs `flexura serve` on SQLite under strace, uploads photos one after the other, and looks at the order of the calls:
the file written and synced, renamed, its folder synced, the database's log synced, and only then the answer 201.
"""

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx2
from click.testing import CliRunner

from flexura.cli.root import verbs
from flexura.synthesis.render import render
from flexura.synthesis.spec import SkinSpec
from flexura.synthesis.write import SetConfig, encode

VERBS = ("patient.create", "case.create", "photo.add")
CALLS = "trace=fsync,fdatasync,rename,renameat,renameat2,sendto,write,writev,sendmsg"
# One letter per call that matters: file synced, renamed, folder synced, log of the database synced, answered.
LETTERS = {
    "F": re.compile(r"fsync\(\d+<[^>]*/photos/../\.new-"),
    "R": re.compile(r"rename\w*\(.*/\.new-"),
    "D": re.compile(r"fsync\(\d+<[^>]*/photos/..>"),
    "W": re.compile(r"f(?:data)?sync\(\d+<[^>]*clinic\.db-wal>"),
    "A": re.compile(r"HTTP/1\.1 201"),
}
WANTED = re.compile(r"FRDW+A")


def _admin(*words: str) -> str:
    result = CliRunner().invoke(verbs, ["admin", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def _upload(port: int, token: str, count: int) -> None:
    base, headers = f"http://127.0.0.1:{port}/api/v1", {"Authorization": f"Bearer {token}"}
    photo = encode(
        render(SkinSpec(seed=7, tone=4, signs=(2, 1, 1, 1, 0, 2), area=0.3, size=(384, 512))).pixels, SetConfig()
    )
    with httpx2.Client(base_url=base, headers=headers, timeout=60) as client:
        _wait(client)
        patient = client.post("/patients", json={"number": "MRN-1", "name": "Jane Doe"}).json()["id"]
        case = client.post(f"/patients/{patient}/cases", json={}).json()["id"]
        for number in range(count):
            made = client.post(f"/cases/{case}/photos", content=photo + b"%d" % number)
            assert made.status_code == 201, made.text


def _wait(client: httpx2.Client) -> None:
    while True:
        try:
            client.get("/ready")
        except httpx2.ConnectError:
            time.sleep(0.1)
        else:
            return


def _trace(folder: Path, count: int) -> str:
    os.environ |= {"FLEXURA_DATA_DIR": str(folder / "clinic"), "FLEXURA_MASTER_KEY_FILE": str(folder / "keys")}
    _admin("key", "create")
    _admin("user", "add", "maria", "--role", "clinician", "--no-codes", "--password", secrets.token_hex(12))
    token = _admin("token", "add", "maria", *(word for verb in VERBS for word in ("--for", verb)))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    command = ["strace", "-f", "-y", "-s", "16", "-e", CALLS, "-e", "signal=none", "-o", str(folder / "trace")]
    command += [sys.executable, "-c", "from flexura.cli import main; main()"]
    with subprocess.Popen([*command, "serve", "--port", str(port), "--workers", "0", "--assessors", "1"]) as process:
        _upload(port, token, count)
        (served,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(served), signal.SIGTERM)  # strace does not pass it on
        process.wait(60)
    return (folder / "trace").read_text()


def main() -> None:
    """Trace 20 uploads and print how many kept the order."""
    count = 20
    with tempfile.TemporaryDirectory(prefix="flexura-order-") as folder:
        lines = _trace(Path(folder), count).splitlines()
    letters = "".join(letter for line in lines for letter, call in LETTERS.items() if call.search(line))
    uploads = [part + "A" for part in letters.split("A") if "F" in part]
    kept = [upload for upload in uploads if WANTED.fullmatch(upload[upload.index("F") :])]
    print(f"uploads {len(uploads)}, synced and committed before the answer {len(kept)}; the first: {uploads[0]}")
    assert len(uploads) == count, letters


if __name__ == "__main__":
    main()
