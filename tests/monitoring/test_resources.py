"""Cost of answers, by hand, and what a process notes of itself."""

import subprocess
import sys

from flexura.monitoring.resources import measure_resources, note_resources


def test_the_most_memory_and_the_usual_wait_are_told():
    told = [{"resources": {"peak_memory_mb": 100.0 + number, "waited_ms": float(number)}} for number in range(11)]
    found = measure_resources([*told, {"resources": None}, {}], {"queued": 3})
    assert (found.told, found.peak_memory_mb) == (11, 110.0)
    assert (found.waited_median_ms, found.waited_p95_ms, found.queue) == (5.0, 9.5, {"queued": 3})


def test_unknown_stays_unknown():
    found = measure_resources([{}], {})
    assert (found.told, found.peak_memory_mb, found.waited_median_ms) == (0, None, None)


def test_a_process_notes_what_it_held_and_never_waits_backwards():
    noted = note_resources(120.0, 100.0)
    assert noted["waited_ms"] == 20.0
    assert 5 < noted["peak_memory_mb"] < 100_000
    assert note_resources(99.0, 100.0)["waited_ms"] == 0.0


def test_what_the_starting_process_held_does_not_count():
    held = b"x" * 600_000_000
    code = "from flexura.monitoring.resources import note_resources; print(note_resources(1, 1)['peak_memory_mb'])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 5 < float(run.stdout) < len(held) / 2e6
