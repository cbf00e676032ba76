"""Hostile bodies over HTTP: every one is taken or refused by its code, in time, and the service does not grow.

    python benchmarks/hostile_bodies.py --count 2000

Runs `flexura serve` and `flexura worker` on a PostgreSQL cluster of its own in a temporary folder. Photos of every
format that is read, spoilt as `mutations.py` does, and JSON that is cut, deep, long or of other types go to the
routes that take them, four at a time. Ends with status 1 where an answer is a 5xx or has no code, the service died,
the slowest answer took 5 s or more, the 99th of a hundred 1 s or more, or the service has grown by 256 MiB or more.
"""

import argparse
import io
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import numpy as np
from clinic import Program, make_photos, running, until_answered
from mutations import hosts, mutate
from PIL import Image

CLIENTS = 4
MOST_S, MOST_P99_S, MOST_GROWTH_MIB = 5.0, 1.0, 256.0
# Beside mutated photos: one in so many bodies is JSON for a patient.
JSON_EACH = 4
_LARGE = ("JPEG", "PNG", "WEBP", "TIFF", "HEIF") * 5  # as many as there are small ones
WARM_UP = 40  # photos until every part of the service is loaded
_JSON: tuple[bytes, ...] = (
    b"",
    b"{",
    b"[" * 100_000,
    b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    b'{"number": 1e999, "name": "Jane"}',
    b'{"number": "' + b"9" * 200_000 + b'", "name": "Jane"}',
    b'{"number": "\\ud800", "name": "Jane"}',
    b'{"number": "\\u0000", "name": "Jane"}',
    b'{"number": ["MRN-1"], "name": {"a": 1}}',
    b"\xff\xfe{}",
    json.dumps({"number": "MRN-2", "name": "Jane", "born": "0000-00-00"}).encode(),
)


def main() -> None:
    """Send the bodies, and print how they were answered."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with running() as (client, service, _, _):
        sys.exit(_measure(client, service, asked.count, asked.seed))


def _measure(client: httpx2.Client, service: Program, count: int, seed: int) -> int:
    refused: list[int] = []  # 503 of the time in which the service starts
    made = until_answered(lambda: client.post("/patients", json={"number": "MRN-1", "name": "Jane Doe"}), refused)
    case = client.post(f"/patients/{made.json()['id']}/cases", json={}).json()["id"]
    photos = f"/cases/{case}/photos"
    assert service.process is not None
    process = service.process.pid
    answers, seconds = Counter[str](), list[float]()

    def send(body: tuple[str, bytes]) -> None:
        path, content = body
        begun = time.monotonic()
        while (answer := client.post(path, content=content)).status_code == 429:  # one user, faster than a person
            time.sleep(int(answer.headers["retry-after"]))
            begun = time.monotonic()
        seconds.append(time.monotonic() - begun)
        told = "stored" if answer.is_success else answer.json().get("code", "no code")
        answers[f"{answer.status_code} {told}"] += 1

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(send, _bodies(photos, WARM_UP, seed + 1)))
        before = _resident_mib(process)
        answers.clear()
        seconds.clear()
        list(pool.map(send, _bodies(photos, count, seed)))
    growth, alive = _resident_mib(process) - before, service.process.poll() is None
    p99, most = float(np.quantile(seconds, 0.99)), max(seconds)
    for told, number in answers.most_common():
        print(f"{number:>6}  {told}")
    print(f"{len(seconds)} bodies: median {np.median(seconds):.3f} s, 99 % {p99:.3f} s, slowest {most:.2f} s")
    print(f"the service {'lives' if alive else 'died'}, grown by {growth:.0f} MiB; load {os.getloadavg()[0]:.0f}")
    wrong = [told for told in answers if told.startswith("5") or told.endswith("no code")]
    return int(bool(wrong) or not alive or most >= MOST_S or p99 >= MOST_P99_S or growth >= MOST_GROWTH_MIB)


def _bodies(photos: str, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    random = np.random.default_rng(seed)
    files = [*(content for contents in hosts().values() for content in contents), *_large()]
    for number in range(count):
        if number % JSON_EACH == 0:
            yield "/patients", _JSON[int(random.integers(len(_JSON)))]
        else:
            yield photos, mutate(files[int(random.integers(len(files)))], random, files)


def _large() -> Iterator[bytes]:
    """A rendered photo in every format, large enough for the service, so that its decoders see what is spoilt."""
    (photo,) = make_photos(1)
    picture = Image.open(io.BytesIO(photo))
    for form in _LARGE:
        written = io.BytesIO()
        picture.save(written, form)
        yield written.getvalue()


def _resident_mib(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
