"""What the running service asks of the kernel, by strace, before it says that a photo is stored.

    python benchmarks/write_order.py

Runs `flexura serve` on SQLite under strace, uploads photos one after the other, and looks at the order of the calls:
the file written and synced, renamed, its folder synced, the database's log synced, and only then the answer 201.
"""

import os
import re
import signal
import subprocess
from pathlib import Path

import httpx2
from clinic import PROGRAM, add_clinicians, found_clinic, free_port, make_photos, temporary_folder, wait_until_ready

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


def _upload(port: int, token: str, count: int) -> None:
    base, headers = f"http://127.0.0.1:{port}/api/v1", {"Authorization": f"Bearer {token}"}
    with httpx2.Client(base_url=base, headers=headers, timeout=60) as client:
        wait_until_ready(client)
        patient = client.post("/patients", json={"number": "MRN-1", "name": "Jane Doe"}).json()["id"]
        case = client.post(f"/patients/{patient}/cases", json={}).json()["id"]
        for photo in make_photos(count):
            made = client.post(f"/cases/{case}/photos", content=photo)
            assert made.status_code == 201, made.text


def _trace(folder: Path, count: int) -> str:
    found_clinic(folder, None)
    (token,), port = add_clinicians(["maria"], VERBS), free_port()
    command = ["strace", "-f", "-y", "-s", "16", "-e", CALLS, "-e", "signal=none", "-o", str(folder / "trace")]
    command += [*PROGRAM, "serve", "--port", str(port), "--workers", "0", "--assessors", "1"]
    with subprocess.Popen(command) as process:
        _upload(port, token, count)
        (served,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(served), signal.SIGTERM)  # strace does not pass it on
        process.wait(60)
    return (folder / "trace").read_text()


def main() -> None:
    """Trace 20 uploads and print how many kept the order."""
    count = 20
    with temporary_folder() as folder:
        lines = _trace(folder, count).splitlines()
    letters = "".join(letter for line in lines for letter, call in LETTERS.items() if call.search(line))
    uploads = [part + "A" for part in letters.split("A") if "F" in part]
    kept = [upload for upload in uploads if WANTED.fullmatch(upload[upload.index("F") :])]
    print(f"uploads {len(uploads)}, synced and committed before the answer {len(kept)}; the first: {uploads[0]}")
    assert len(uploads) == count, letters


if __name__ == "__main__":
    main()
