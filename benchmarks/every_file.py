"""What becomes of every file of some folders: `flexura check` or `assess`, counted by reason code.

    python benchmarks/every_file.py check FOLDER...
    python benchmarks/every_file.py assess FOLDER... --damaged 400 --list outcomes.csv

The command runs once over all files, as a user's would: one process and its isolated reader. With
`--damaged` so many spoilt copies are read instead: DICOM files of the folders, and their photos as JPEG, PNG, WebP,
TIFF and HEIC in turn. Ends with status 1 where a file got no answer, a fault of our own, or a decoder that crashed or
hung.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
from mutations import damage
from PIL import Image

from flexura.errors import DecodingCrashed, DecodingTimedOut, FlexuraError, InputRefused
from flexura.intake.containers import recognise

_FAULTS = {FlexuraError.code, DecodingCrashed.code, DecodingTimedOut.code}
_NO_ANSWER = "no answer"
_DICOM = "DICOM"
_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "HEIF", _DICOM)  # that flexura reads; MPO is two JPEG


def files_of(folders: Sequence[Path]) -> list[Path]:
    """Every file under the folders, in the order of their names; compiled Python is none of the data."""
    found = (path for folder in folders for path in sorted(folder.rglob("*")))
    return [path for path in found if path.is_file() and path.suffix not in (".py", ".pyc")]


def by_format(files: Sequence[Path]) -> dict[str, list[Path]]:
    """The files of each format; what is no picture at all is left out."""
    found: dict[str, list[Path]] = {}
    for path in files:
        try:
            found.setdefault(recognise(path.read_bytes()), []).append(path)
        except InputRefused:
            continue
    return found


def written(path: Path, form: str) -> bytes:
    """A picture's file, or the same picture written in another format."""
    content = path.read_bytes()
    if recognise(content) == form:
        return content
    buffer = BytesIO()
    Image.open(BytesIO(content)).convert("RGB").save(buffer, form)
    return buffer.getvalue()


def write_damaged(files: Sequence[Path], count: int, folder: Path) -> list[Path]:
    """Write `count` damaged copies, the same number of every format; the folders must hold JPEG photos and DICOM."""
    pillow_heif.register_heif_opener()
    random = np.random.default_rng(0)
    sources = by_format(files)
    paths = []
    for number in range(count):
        form = _FORMATS[number % len(_FORMATS)]
        known = sources[_DICOM if form == _DICOM else "JPEG"]
        source = known[int(random.integers(len(known)))]
        paths.append(folder / f"{number:04}.{form.lower()}")
        paths[-1].write_bytes(damage(written(source, form), random))
    return paths


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


def print_outcomes(files: Sequence[Path], outcomes: Sequence[str]) -> None:
    """Print how many files ended in which way, most frequent first, by suffix too."""
    suffixes = sorted({path.suffix for path in files})
    ended = Counter((name, path.suffix) for path, name in zip(files, outcomes, strict=True))
    print(f"{'':60}{'files':>7}{'%':>8}" + "".join(f"{suffix:>7}" for suffix in suffixes))
    for name, count in Counter(outcomes).most_common():
        shares = "".join(f"{ended[name, suffix]:7}" for suffix in suffixes)
        print(f"{name:60}{count:7}{100 * count / len(outcomes):8.2f}{shares}")
    print(f"{'files':60}{len(outcomes):7}")


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
    print_outcomes(files, outcomes)
    if arguments.list:
        with arguments.list.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(zip(files, outcomes, strict=True))
    sys.exit(any(name in _FAULTS or name == _NO_ANSWER for name in outcomes))


if __name__ == "__main__":
    main()
