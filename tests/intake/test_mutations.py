"""Hostile files by the thousand: each is a photo or is refused by name, never more."""

import importlib
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from flexura.errors import InputRefused
from flexura.intake.isolated import IsolatedReader

PER_FORMAT, SEED = 400, 0
FORMS = ("JPEG", "MPO", "PNG", "WEBP", "TIFF", "HEIF", "DICOM")
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def mutations() -> Iterator[ModuleType]:
    """The mutator, which also runs by hand for longer."""
    sys.path.insert(0, str(BENCHMARKS))
    yield importlib.import_module("mutations")
    sys.path.remove(str(BENCHMARKS))


@pytest.fixture(scope="module")
def reader(mutations: ModuleType) -> Iterator[IsolatedReader]:
    with IsolatedReader(mutations.LIMITS, decoding=mutations.DECODING) as opened:
        yield opened


@pytest.fixture(scope="module")
def files(mutations: ModuleType) -> dict[str, tuple[bytes, ...]]:
    return mutations.hosts()


def codes_of_files() -> set[str]:
    """Every code of a refusal, but for a decoder that was taken down or hung."""
    return {error.code for error in InputRefused.__subclasses__()} - {"decoding_crashed", "decoding_timed_out"}


def test_the_hosts_are_photos_of_every_format(mutations, reader, files):
    assert tuple(files) == FORMS
    for form, contents in files.items():
        for content in contents:
            assert reader.read(content).source.format.startswith(form.replace("HEIF", "HE"))


@pytest.mark.parametrize("form", FORMS)
def test_hostile_files_are_read_or_refused_by_name(form, mutations, reader, files):
    before, process = mutations.most_resident_mib(), reader.process_id
    ended = Counter(mutations.outcomes(reader, form, files, count=PER_FORMAT, seed=SEED))
    assert ended.total() == PER_FORMAT
    assert ended.keys() <= codes_of_files() | {mutations.READ}
    # Most mutations show; were everything read or everything of one code, the mutator would be at fault.
    assert ended[mutations.READ] < PER_FORMAT / 2
    assert len(ended) >= 4
    assert reader.process_id == process  # nothing took the decoder down
    assert mutations.most_resident_mib() - before <= mutations.MOST_GROWTH_MIB
    assert mutations.most_resident_mib(process) <= 256 + before


def test_a_seed_gives_the_same_files_again(mutations, files):
    def mutated(seed: int) -> list[bytes]:
        random = mutations.np.random.default_rng(seed)
        return [mutations.mutate(files["PNG"][0], random, files["TIFF"]) for _ in range(20)]

    assert mutated(3) == mutated(3)
    assert mutated(3) != mutated(4)


def test_a_decoder_that_hangs_or_dies_is_not_counted_as_an_outcome(mutations, files):
    from flexura.errors import DecodingCrashed, DecodingTimedOut

    class Taken:
        def __init__(self, error: type[InputRefused]) -> None:
            self.error = error

        def read(self, content: bytes) -> None:
            raise self.error("canary")

    for error in (DecodingCrashed, DecodingTimedOut):
        with pytest.raises(error) as raised:
            next(mutations.outcomes(Taken(error), "PNG", files, count=1, seed=5))
        assert raised.value.__notes__ == ["PNG, file 0 of seed 5"]
