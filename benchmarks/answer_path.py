"""Time the whole answer on a 12 MP photo beside its floor: a scaled decode and the bare network, in one run.

    python benchmarks/answer_path.py [PHOTO]

Without a photo a rendered one is enlarged to 4000 x 3000 px. Warm times of decode, network and answer are taken in
turns: medians, the ratio of the answer to the other two together, and the median of each step; the cold time and peak
memory are those of a fresh process, without its decoder's.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
from batch import rendered_photo

from flexura.features import FEATURE_NAMES
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import Predictor
from flexura.intake.isolated import IsolatedReader
from flexura.intake.read import read_photo
from flexura.pipeline import prepare
from flexura.records import PatientContext
from flexura.workflow import AssessedPhoto, Intake, assess_photo

ROUNDS = 15
# Runs a command and prints the most that it held, in KiB.
PEAK = """import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"""


def milliseconds(work: Callable[[], object]) -> float:
    """Wall-clock time of one call."""
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def medians(*works: Callable[[], object]) -> list[float]:
    """Milliseconds of pieces of work that take turns, after one turn each."""
    for work in works:
        work()
    rounds = [[milliseconds(work) for work in works] for _ in range(ROUNDS)]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def main() -> None:
    """Print warm medians with their ratio, then the cold process's time and peak memory."""
    content = Path(sys.argv[1]).read_bytes() if len(sys.argv) > 1 else rendered_photo(7)
    predictor = Predictor(load_bundle())
    unknown = PatientContext()
    side = predictor.bundle.side
    no_findings = np.full(len(FEATURE_NAMES), np.nan, np.float32)
    model_input = prepare(read_photo(content), unknown, side=side)

    def read_here() -> None:
        read_photo(content)

    def look_and_answer() -> None:
        predictor.answer(predictor.look(model_input.pixels), context=model_input.context, findings=no_findings)

    with IsolatedReader() as reader:
        spent: defaultdict[str, list[float]] = defaultdict(list)

        def answer() -> None:
            outcome = assess_photo(content, unknown, predictor=predictor, intake=Intake(reader.read))
            if isinstance(outcome, AssessedPhoto):
                for step, milliseconds_of_step in asdict(outcome.assessment.timings_ms).items():
                    spent[step].append(milliseconds_of_step)

        def read_apart() -> None:
            reader.read(content)

        here, bare, whole, apart = medians(read_here, look_and_answer, answer, read_apart)
        print(f"warm: decode {here:.0f} + network {bare:.0f} ms, whole answer {whole:.0f} ms, ", end="")
        print(f"ratio {whole / (here + bare):.2f}")
        print("  of it: " + ", ".join(f"{step} {statistics.median(times):.0f}" for step, times in spent.items()))
        status = Path(f"/proc/{reader.process_id}/status").read_text(encoding="utf-8")
        held = int(status.split("VmHWM:")[1].split()[0]) / 1024
        rollup = Path(f"/proc/{reader.process_id}/smaps_rollup").read_text(encoding="utf-8")
        own = int(rollup.split("Private_Dirty:")[1].split()[0]) / 1024
        print(f"decode: here {here:.1f} ms, in a process of its own {apart:.1f} ms")
        print(f"  which takes {held:.0f} MiB, {own:.0f} of them not shared with this one's libraries")
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        file.write(content)
        file.flush()
        command = [str(Path(sys.executable).with_name("flexura")), "assess", file.name, "--json"]
        cold = milliseconds(lambda: subprocess.run(command, check=False, capture_output=True))
        # Between them a small process: a peak that is asked of here would be this process's own, which exec hands on.
        measured = subprocess.run([sys.executable, "-c", PEAK, *command], check=True, capture_output=True, text=True)
    print(f"cold process: {cold:.0f} ms, peak memory {int(measured.stdout) / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
