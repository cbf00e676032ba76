"""Damaged files by the hundred: each is read or refused by name, never more."""

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from flexura.errors import DecodingCrashed, DecodingTimedOut, InputRefused
from flexura.intake.isolated import DecodingLimits, IsolatedReader
from flexura.intake.read import IntakeLimits

PER_FORMAT = 90
FORMS = ("JPEG", "MPO", "PNG", "WEBP", "TIFF", "HEIF")
# Lengths, counts and offsets that decoders stumble over.
_EXTREMES = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\1")


@pytest.fixture(scope="module")
def reader() -> Iterator[IsolatedReader]:
    costs = DecodingLimits(max_memory_bytes=256 * 1024 * 1024, max_seconds=5)
    with IsolatedReader(IntakeLimits(min_side_px=16), decoding=costs) as opened:
        yield opened


def damage(content: bytes, random: np.random.Generator) -> bytes:
    """One to four damages: bytes changed, an extreme number written, a part cut, doubled or blanked."""
    damaged = bytearray(content)
    for _ in range(int(random.integers(1, 5))):
        kind = int(random.integers(5))
        start = int(random.integers(len(damaged))) if random.random() < 0.5 else int(random.integers(64))
        end = min(len(damaged), start + int(random.integers(1, 200)))
        if kind == 0:
            damaged[start:end] = random.bytes(end - start)
        elif kind == 1:
            damaged[start : start + 4] = _EXTREMES[int(random.integers(len(_EXTREMES)))]
        elif kind == 2:
            del damaged[start:end]
        elif kind == 3:
            damaged[start:start] = damaged[start:end]
        else:
            damaged[start:end] = bytes(end - start)
        if len(damaged) < 8:
            break
    return bytes(damaged)


@pytest.mark.parametrize("form", FORMS)
def test_damaged_files_are_read_or_refused_by_name(
    form: str, reader: IsolatedReader, encode: Callable[..., bytes]
) -> None:
    random = np.random.default_rng(FORMS.index(form))
    picture = random.integers(0, 256, (64, 96, 3), np.uint8)
    content = encode(picture, form, **({"save_all": True} if form == "MPO" else {}))
    outcomes: Counter[str] = Counter()
    for _ in range(PER_FORMAT):
        try:
            photo = reader.read(damage(content, random))
        except (DecodingCrashed, DecodingTimedOut):
            raise
        except InputRefused as refused:
            outcomes[refused.code] += 1
        else:
            assert photo.pixels.dtype == np.uint8
            assert photo.pixels.shape[2] == 3
            outcomes["read"] += 1
    assert sum(outcomes.values()) == PER_FORMAT
    # Most damages show; were everything "read" or everything of one code, the mutator would be at fault.
    assert outcomes["read"] < PER_FORMAT / 2
    assert len(outcomes) >= 3
