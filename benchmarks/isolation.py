"""What it costs to decode photos in a process of their own, and what a new process for each would cost.

    python benchmarks/isolation.py

A 12 MP JPEG of rendered skin is read at 1024 px: in this process, by the reader that stands ready, and by one
that is started for the photo. The least times of one run, in turns: other work only adds.
"""

import argparse
import time
from collections.abc import Callable

from batch import rendered_photo

from flexura.intake.isolated import IsolatedReader
from flexura.intake.read import read_photo


def taken_ms(job: Callable[[], object]) -> float:
    """Wall-clock time of one call."""
    start = time.perf_counter()
    job()
    return 1000 * (time.perf_counter() - start)


def read_in_new_process(content: bytes) -> None:
    """Start a reader for one photo."""
    with IsolatedReader() as reader:
        reader.read(content)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    content = rendered_photo(1)
    with IsolatedReader() as standing:
        jobs: dict[str, Callable[[], object]] = {
            "here": lambda: read_photo(content),
            "standing process": lambda: standing.read(content),
            "a new process": lambda: read_in_new_process(content),
        }
        for job in jobs.values():
            job()
        times = [{name: taken_ms(job) for name, job in jobs.items()} for _ in range(arguments.rounds)]
    base = min(row["here"] for row in times)
    print(f"a JPEG of {len(content) / 1e6:.1f} MB, the least of {arguments.rounds}")
    for name in jobs:
        least = min(row[name] for row in times)
        print(f"{name:18}{least:8.1f} ms {least - base:+8.1f} ms")


if __name__ == "__main__":
    main()
