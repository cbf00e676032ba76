"""Hostile files by the thousand: every format that is read, spoilt, through the isolated decoder.

    nice python benchmarks/mutations.py --count 20000 --seed 1

Bits are flipped, the file is cut or stretched, its lengths and counts are changed, its head is swapped for another
format's, or it is damaged in several places. Then it is read, and if it is DICOM held against the standard. Counts are
printed by format and reason code. Ends with status 1 where a decoder crashed or hung, an error was not a refusal
of the file, or this process has grown by more than `MOST_GROWTH_MIB`.
"""

import argparse
import io
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pillow_heif
import pydicom
from PIL import Image

from flexura.errors import DecodingCrashed, DecodingTimedOut, InputRefused
from flexura.intake.isolated import DecodingLimits, IsolatedReader
from flexura.intake.read import IntakeLimits

MOST_GROWTH_MIB = 64
DECODING = DecodingLimits(max_memory_bytes=256 * 1024 * 1024, max_seconds=5)
LIMITS = IntakeLimits(min_side_px=3)  # as small as one of the files
READ = "read"
_ROWS, _COLUMNS = 64, 96
# Lengths, counts and offsets that decoders stumble over.
_EXTREMES = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\1")
_HEAD_BYTES = 512  # half of the damage hits here, where sizes and offsets are written
_DICOM_FILES = (
    "SC_rgb_small_odd.dcm",  # explicit little endian
    "SC_rgb_small_odd_big_endian.dcm",
    "SC_rgb_rle_2frame.dcm",
    "SC_rgb_jpeg_dcmtk.dcm",
    "SC_rgb_jpeg_gdcm.dcm",  # lossless JPEG
    "SC_rgb_jls_lossy_line.dcm",
    "SC_rgb_gdcm_KY.dcm",  # JPEG 2000
    "SC_ybr_full_422_uncompressed.dcm",
    "SC_rgb_rle_16bit.dcm",
    "image_dfl.dcm",  # deflated
)

Random = np.random.Generator


def damage(content: bytes, random: Random) -> bytes:
    """One to four damages: bytes changed, an extreme number written, a part removed, doubled or blanked."""
    spoilt = bytearray(content)
    for _ in range(int(random.integers(1, 5))):
        reach = len(spoilt) if random.random() < 0.5 else min(_HEAD_BYTES, len(spoilt))
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


def flip_bits(content: bytes, random: Random) -> bytes:
    """One to sixteen bits flipped."""
    spoilt = bytearray(content)
    for place in random.integers(len(spoilt), size=int(random.integers(1, 17))):
        spoilt[place] ^= 1 << int(random.integers(8))
    return bytes(spoilt)


def cut(content: bytes, random: Random) -> bytes:
    """The file up to any byte, the first and the last among them."""
    return content[: int(random.integers(len(content) + 1))]


def change_number(content: bytes, random: Random) -> bytes:
    """A number of two or four bytes in the head, of either byte order, made 0, one more, twice itself or largest."""
    form = ("<H", ">H", "<I", ">I")[int(random.integers(4))]
    size = struct.calcsize(form)
    place = int(random.integers(max(1, min(_HEAD_BYTES, len(content)) - size)))
    spoilt = bytearray(content.ljust(size, b"\0"))
    number = struct.unpack_from(form, spoilt, place)[0]
    most = (1 << 8 * size) - 1
    struct.pack_into(form, spoilt, place, (0, min(most, number + 1), min(most, number * 2), most)[random.integers(4)])
    return bytes(spoilt)


def swap_head(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """Another file's first bytes before, or in place of, this one's."""
    other = others[int(random.integers(len(others)))]
    head = other[: int(random.integers(4, 256))]
    return head + (content if random.random() < 0.5 else content[len(head) :])


def stretch(content: bytes, random: Random) -> bytes:
    """Up to 200 kB put in or behind: zeros, noise or the file itself again."""
    place = int(random.integers(len(content) + 1)) if random.random() < 0.5 else len(content)
    length = int(random.integers(1, 200_000))
    more = (bytes(length), random.bytes(length), (content * (length // len(content) + 1))[:length])
    return content[:place] + more[int(random.integers(3))] + content[place:]


_KINDS: tuple[Callable[[bytes, Random], bytes], ...] = (damage, flip_bits, cut, change_number, stretch)


def mutate(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """One kind of mutation, each as likely as the next."""
    kind = int(random.integers(len(_KINDS) + 1))
    return swap_head(content, random, others) if kind == len(_KINDS) else _KINDS[kind](content, random)


def hosts() -> Mapping[str, tuple[bytes, ...]]:
    """Small valid files of every format that is read, in the variants that take other ways through the decoders."""
    pillow_heif.register_heif_opener()
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (_ROWS, _COLUMNS, 3), np.uint8))
    deep = Image.fromarray(np.arange(_ROWS * _COLUMNS, dtype=np.uint16).reshape(_ROWS, _COLUMNS))
    folder = Path(pydicom.__file__).parent / "data" / "test_files"
    return {
        "JPEG": (
            _written(picture, "JPEG"),
            _written(picture, "JPEG", progressive=True, optimize=True),
            _written(picture.convert("CMYK"), "JPEG"),
            _written(picture.convert("L"), "JPEG", exif=_exif()),
        ),
        "MPO": (_written(picture, "MPO", save_all=True, append_images=[picture]),),
        "PNG": (
            _written(picture, "PNG"),
            _written(deep, "PNG"),
            _written(picture.quantize(16), "PNG", transparency=0),
            _written(picture, "PNG", exif=_exif()),
        ),
        "WEBP": (_written(picture, "WEBP", lossless=True), _written(picture, "WEBP", quality=70, exif=_exif())),
        "TIFF": tuple(
            _written(picture, "TIFF", compression=name) for name in ("raw", "tiff_lzw", "tiff_deflate", "jpeg")
        ),
        "HEIF": (_written(picture, "HEIF"),),
        "DICOM": tuple((folder / name).read_bytes() for name in _DICOM_FILES),
    }


def _exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation
    exif.get_ifd(0x8769)[0x9003] = "2026:01:02 03:04:05"
    return exif.tobytes()


def _written(picture: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def outcomes(
    reader: IsolatedReader, form: str, files: Mapping[str, Sequence[bytes]], *, count: int, seed: int
) -> Iterator[str]:
    """What became of `count` mutated files of one format: "read", or the reason code of the refusal.

    A decoder that crashed, a time limit that was reached and any other error come out as the exception.
    """
    random = np.random.default_rng([seed, list(files).index(form)])
    others = [content for name, contents in files.items() if name != form for content in contents]
    for number in range(count):
        content = mutate(files[form][number % len(files[form])], random, others)
        try:
            yield _outcome(reader, form, content)
        except (DecodingCrashed, DecodingTimedOut) as error:
            error.add_note(f"{form}, file {number} of seed {seed}")
            raise


def _outcome(reader: IsolatedReader, form: str, content: bytes) -> str:
    try:
        photo = reader.read(content)
        if photo.pixels.dtype != np.uint8 or photo.pixels.ndim != 3:
            raise TypeError("a photo that is no picture of bytes")
        if form == "DICOM":
            reader.check_conformance(content)
    except (DecodingCrashed, DecodingTimedOut):
        raise
    except InputRefused as refused:
        return refused.code
    return READ


def most_resident_mib(process: int | str = "self") -> int:
    """The most memory that a process has held so far (Linux)."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024


def main() -> None:
    """Mutate, read and count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000, help="files of each format")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    files = hosts()
    before, started = most_resident_mib(), time.monotonic()
    with IsolatedReader(LIMITS, decoding=DECODING) as reader:
        for form in files:
            ended = Counter(outcomes(reader, form, files, count=arguments.count, seed=arguments.seed))
            print(f"{form:6}", *(f"{name} {count}" for name, count in ended.most_common()), sep="  ")
        decoder = most_resident_mib(reader.process_id)
    grown = most_resident_mib() - before
    print(
        f"{arguments.count * len(files)} files in {time.monotonic() - started:.0f} s; "
        f"this process grew by {grown} MiB, the decoder's most was {decoder} MiB"
    )
    sys.exit(grown > MOST_GROWTH_MIB)


if __name__ == "__main__":
    main()
