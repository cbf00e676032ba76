"""What it brings to unpack the shipped graph's int8 weights once, when it is opened, and not at every call.

    python benchmarks/unpacking.py

The first graph looks at one picture, opened in both ways by the engine itself, each time in a process of its own: the
threads of two open graphs wait for work at each other's cost. In turns; the median of each process.
"""

import argparse
import statistics
import subprocess
import sys
import time

import numpy as np
import onnxruntime

from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import available_threads

# By the engine's own setting (session.disable_quant_qdq).
WAYS = {"at every call": "0", "once": "1"}
CALLS = 25


def median_ms(once: str) -> float:
    """The time of a call, with as many threads as answers have."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = available_threads()
    options.add_session_config_entry("session.disable_quant_qdq", once)
    bundle = load_bundle()
    graph = onnxruntime.InferenceSession(str(bundle.look), options, providers=["CPUExecutionProvider"])
    picture = np.random.default_rng(0).integers(0, 256, (1, bundle.side, bundle.side, 3), np.uint8)
    times = []
    for _ in range(CALLS):
        start = time.perf_counter()
        graph.run(None, {"pixels": picture})
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--way", choices=WAYS.values(), help="Print the time of one way, in this process.")
    given = parser.parse_args()
    if given.way is not None:
        print(median_ms(given.way))
        return
    for _ in range(given.rounds):
        command = [sys.executable, __file__, "--way"]
        told = {
            way: float(subprocess.run([*command, once], capture_output=True, text=True, check=True).stdout)
            for way, once in WAYS.items()
        }
        ratio = told["at every call"] / told["once"]
        print(f"{', '.join(f'{way} {ms:.0f} ms' for way, ms in told.items())}: {ratio:.2f} times")


if __name__ == "__main__":
    main()
