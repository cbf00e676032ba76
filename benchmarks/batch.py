"""Photos per second: one at a time with all cores, against several at a time, in turns on the same photos.

    python benchmarks/batch.py [FOLDER] [--count N] [--workers N] [--bundle DIR]

Without a folder rendered photos are enlarged to 4000 x 3000 px. Both ways decode in processes of their own and
answer with the same bundle. Every block of photos is assessed in both ways, and every other block begins
with the other one, so that a machine that slows down or warms up does so for both. The ceiling is what two idle cores
could do with the processor time that the workers spent: nothing waits, nothing is shared.
"""

import argparse
import itertools
import os
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2

from flexura.errors import InputRefused
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import Predictor
from flexura.intake.isolated import IsolatedReader
from flexura.records import PatientContext
from flexura.synthesis import draw_spec, render
from flexura.workflow import AssessedPhoto, Intake, Outcome, assess_photo, assess_photos

BLOCK = 40  # at its end only one worker has a photo
RENDERED = 8
UNKNOWN = PatientContext()
Way = Callable[[Sequence[bytes]], Iterable[Outcome]]


def rendered_photo(seed: int) -> bytes:
    """A rendered photo as a 12 MP JPEG."""
    pixels = render(draw_spec(seed, size=(768, 1024))).pixels
    large = cv2.resize(pixels, (4000, 3000), interpolation=cv2.INTER_CUBIC)
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(large, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 90])
    return encoded.tobytes()


def gather(folder: Path | None, count: int) -> list[bytes]:
    """Contents of the first photos of a folder, or a few rendered ones again and again."""
    if folder is None:
        few = [rendered_photo(seed) for seed in range(RENDERED)]
        return list(itertools.islice(itertools.cycle(few), count))
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path.read_bytes() for path in itertools.islice(files, count)]


def answer_one(content: bytes, *, predictor: Predictor, reader: IsolatedReader) -> Outcome:
    """`assess_photo`, with errors as `assess_photos` gives them."""
    try:
        return assess_photo(content, UNKNOWN, predictor=predictor, intake=Intake(reader.read))
    except InputRefused as error:
        return error


def processor_seconds(readers: Sequence[IsolatedReader]) -> float:
    """Processor time so far, of all threads of this process and of the processes that decode."""
    stats = (Path(f"/proc/{reader.process_id}/stat").read_text(encoding="utf-8").split() for reader in readers)
    ticks = sum(int(stat[13]) + int(stat[14]) for stat in stats)
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


@dataclass
class Spent:
    """What one way has cost so far: seconds, processor seconds, and photos answered rather than refused."""

    seconds: float = 0.0
    processor: float = 0.0
    answered: int = 0

    def measure(self, answer: Way, contents: Sequence[bytes], readers: Sequence[IsolatedReader]) -> None:
        """Answer a block."""
        processor, start = processor_seconds(readers), time.perf_counter()
        self.answered += sum(isinstance(outcome, AssessedPhoto) for outcome in answer(contents))
        self.seconds += time.perf_counter() - start
        self.processor += processor_seconds(readers) - processor


def compare(ways: tuple[Way, Way], contents: Sequence[bytes], readers: Sequence[IsolatedReader]) -> tuple[Spent, Spent]:
    """What each way costs, block by block in turns."""
    spent = Spent(), Spent()
    for number, start in enumerate(range(0, len(contents), BLOCK)):
        for index in (0, 1) if number % 2 == 0 else (1, 0):
            spent[index].measure(ways[index], contents[start : start + BLOCK], readers)
    return spent


def main() -> None:
    """Print both rates and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--bundle", type=Path, help="the shipped one if not given")
    options = parser.parse_args()
    contents = gather(options.folder, options.count)
    bundle = load_bundle(options.bundle)
    all_cores, one_core = Predictor(bundle), Predictor(bundle, threads=1)
    with ExitStack() as opened:
        readers = [opened.enter_context(IsolatedReader()) for _ in range(options.workers)]

        def one_at_a_time(block: Sequence[bytes]) -> Iterable[Outcome]:
            return (answer_one(content, predictor=all_cores, reader=readers[0]) for content in block)

        def several(block: Sequence[bytes]) -> Iterable[Outcome]:
            photos = ((partial(bytes, content), UNKNOWN) for content in block)
            lent = (nullcontext(reader) for reader in readers)  # kept warm, as one long batch keeps them
            return assess_photos(photos, predictor=one_core, workers=len(readers), open_reader=partial(next, lent))

        for way in (one_at_a_time, several):
            Spent().measure(way, contents[: 2 * len(readers)], readers)
        alone, together = compare((one_at_a_time, several), contents, readers)
    one, many = (len(contents) / spent.seconds for spent in (alone, together))
    ceiling = options.workers * alone.seconds / together.processor
    print(f"{len(contents)} photos, answered {alone.answered} and {together.answered}, the others refused")
    print(f"one at a time {one:.2f}/s, {options.workers} workers {many:.2f}/s, ratio {many / one:.2f}")
    each = 1000 * together.processor / len(contents)
    print(f"a photo takes {each:.0f} ms of processor time among several, so the ceiling is {ceiling:.2f}")


if __name__ == "__main__":
    main()
