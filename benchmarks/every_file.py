"""What becomes of every file of some folders: `flexura check` or `assess`, counted by reason code.

    python benchmarks/every_file.py check FOLDER...
    python benchmarks/every_file.py assess FOLDER... --damaged 400 --list outcomes.csv

The command runs once over all files, as a user's would: one process and its isolated reader. With
`--damaged` so many spoilt copies of files drawn from the folders are read instead of the files. Ends with
status 1 where a file got no answer, a fault of our own, or a decoder that crashed or hung.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from flexura.errors import DecodingCrashed, DecodingTimedOut, FlexuraError

_FAULTS = {FlexuraError.code, DecodingCrashed.code, DecodingTimedOut.code}
_NO_ANSWER = "no answer"
# Lengths, counts and offsets that decoders stumble over.
_EXTREMES = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\1")
_HEADER_BYTES = 512  # half of the damage hits here, where sizes and offsets are written


def files_of(folders: Sequence[Path]) -> list[Path]:
    """Every file under the folders, in the order of their names; compiled Python is none of the data."""
    found = (path for folder in folders for path in sorted(folder.rglob("*")))
    return [path for path in found if path.is_file() and path.suffix not in (".py", ".pyc")]


def damage(content: bytes, random: np.random.Generator) -> bytes:
    """One to four damages: bytes changed, an extreme number written, a part removed, doubled or blanked."""
    spoilt = bytearray(content)
    for _ in range(int(random.integers(1, 5))):
        reach = len(spoilt) if random.random() < 0.5 else min(_HEADER_BYTES, len(spoilt))
        start = int(random.integers(reach)) if reach else 0
        end = min(len(spoilt), start + int(random.integers(1, 200)))
        extreme = _EXTREMES[int(random.integers(len(_EXTREMES)))]
        match int(random.integers(5)):
            case 0:
                spoilt[start:end] = random.bytes(end - start)
            case 1:
                spoilt[start : start + len(extreme)] = extreme
            case 2:
                del spoilt[start:end]
            case 3:
                spoilt[start:start] = spoilt[start:end]
            case _:
                spoilt[start:end] = bytes(end - start)
    return bytes(spoilt)


def write_damaged(files: Sequence[Path], count: int, folder: Path) -> list[Path]:
    """Write `count` damaged copies; the suffixes of the files take turns, so that every format is there."""
    random = np.random.default_rng(0)
    kinds = sorted({path.suffix for path in files})
    written = []
    for number in range(count):
        alike = [path for path in files if path.suffix == kinds[number % len(kinds)]]
        source = alike[int(random.integers(len(alike)))]
        written.append(folder / f"{number:04}{source.suffix}")
        written[-1].write_bytes(damage(source.read_bytes(), random))
    return written


def answers(verb: str, files: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """The documents that one run of the command prints, one per file; its own words go nowhere."""
    command = [sys.executable, "-c", "from flexura.cli import main; main()", verb, "--json", *map(str, files)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        for line in process.stdout:
            yield json.loads(line)


def outcome(document: dict[str, Any]) -> str:
    """Name what became of a file: "accepted", "answered", "answered with a warning", or its reason codes."""
    if document["schema"].startswith("flexura.refusal/"):
        return " + ".join(reason["code"] for reason in document["reasons"])
    if document["schema"].startswith("flexura.assessment/"):
        return "answered" if document["abstained"] is None else "answered with a warning"
    failed = [check["reason"] for check in document["quality"]["checks"] if check["gating"] and not check["passed"]]
    return " + ".join(failed) or "accepted"


def print_outcomes(outcomes: Sequence[str]) -> None:
    """Print how many files ended in which way, most frequent first."""
    for name, count in Counter(outcomes).most_common():
        print(f"{name:60}{count:6}{100 * count / len(outcomes):8.2f} %")
    print(f"{'files':60}{len(outcomes):6}")


def main() -> None:
    """Run the command over every file and count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=("check", "assess"))
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--damaged", type=int, default=0, metavar="N", help="read N damaged copies instead")
    parser.add_argument("--list", type=Path, metavar="CSV", help="write file and outcome here")
    arguments = parser.parse_args()
    files = files_of(arguments.folders)
    with tempfile.TemporaryDirectory() as folder:
        if arguments.damaged:
            files = write_damaged(files, arguments.damaged, Path(folder))
        outcomes = [outcome(document) for document in answers(arguments.verb, files)]
    outcomes += [_NO_ANSWER] * (len(files) - len(outcomes))
    print_outcomes(outcomes)
    if arguments.list:
        with arguments.list.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(zip(files, outcomes, strict=True))
    sys.exit(any(name in _FAULTS or name == _NO_ANSWER for name in outcomes))


if __name__ == "__main__":
    main()
