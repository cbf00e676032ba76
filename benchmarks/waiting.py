"""What it costs that the engine's threads wait for work awake (spinning) rather than asleep.

    python benchmarks/waiting.py

The first graph looks at one picture with as many threads as answers have, opened in both ways, each time in a process
of its own. In turns; the least and the median time of a call, and the processor time of all threads, with what they
wait after it.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

import numpy as np
import onnxruntime

from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import available_threads

# By the engine's own setting (session.intra_op.allow_spinning).
WAYS = {"awake": "1", "asleep": "0"}
CALLS = 25
PAUSE_S = 0.05  # other work of a photo lies between two calls


def measure(awake: str) -> dict[str, float]:
    """Milliseconds of a call: least, median, and processor time."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = available_threads()
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    options.add_session_config_entry("session.intra_op.allow_spinning", awake)
    bundle = load_bundle()
    graph = onnxruntime.InferenceSession(str(bundle.look), options, providers=["CPUExecutionProvider"])
    picture = np.random.default_rng(0).integers(0, 256, (1, bundle.side, bundle.side, 3), np.uint8)
    times, processor = [], []
    for _ in range(CALLS):
        before, start = time.process_time(), time.perf_counter()
        graph.run(None, {"pixels": picture})
        times.append(1000 * (time.perf_counter() - start))
        time.sleep(PAUSE_S)
        processor.append(1000 * (time.process_time() - before))
    return {"least": min(times), "median": statistics.median(times), "processor": statistics.median(processor)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--way", choices=WAYS.values(), help="Print the times of one way, in this process.")
    given = parser.parse_args()
    if given.way is not None:
        print(json.dumps(measure(given.way)))
        return
    for number in range(given.rounds):
        for name in WAYS if number % 2 else reversed(WAYS):
            command = [sys.executable, __file__, "--way", WAYS[name]]
            told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
            print(f"{name:7}", ", ".join(f"{what} {ms:.0f} ms" for what, ms in told.items()), flush=True)


if __name__ == "__main__":
    main()
