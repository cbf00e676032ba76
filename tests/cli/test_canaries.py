"""What a file tells about people and places stays in it: canaries written by exiftool never come out.

Every text tag of EXIF, GPS and IPTC that exiftool can write holds a canary, and so do XMP, comments, text
chunks and the thumbnail, in every format. Then the real command line runs on the files.
"""

import base64
import io
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pillow_heif
import pytest
from click.testing import Result
from PIL import Image

from flexura.intake.read import read_photo
from flexura.records import Capture

CANARY = "CANARY"
LATITUDE, LONGITUDE = "12.345678", "98.765432"
FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "tif": "TIFF", "heic": "HEIF"}
# What intake reads on purpose, and whole blocks that would take the place of XMP and IPTC in a TIFF.
LEFT_OUT = {"Orientation", "Make", "Model", "DateTimeOriginal", "OffsetTimeOriginal", "ExposureTime", "FNumber", "ISO"}
LEFT_OUT |= {"Flash", "FocalLength", "ApplicationNotes", "IPTC-NAA", "PhotoshopSettings"}
XMP = (
    "XMP-dc:Creator", "XMP-dc:Title", "XMP-dc:Description", "XMP-dc:Rights", "XMP-dc:Subject", "XMP-aux:SerialNumber",
    "XMP-aux:OwnerName", "XMP-aux:LensSerialNumber", "XMP-exifEX:BodySerialNumber", "XMP-exifEX:CameraOwnerName",
    "XMP-iptcCore:Location", "XMP-iptcCore:CreatorWorkEmail", "XMP-iptcExt:PersonInImage", "XMP-tiff:Artist",
    "XMP-photoshop:City", "XMP-xmp:Label", "XMP-xmpRights:Owner", "XMP-xmpMM:DocumentID", "XMP-exif:UserComment",
)  # fmt: skip
OTHERS = ("Comment", "PNG:Author", "PNG:Comment", "PNG:Copyright", "PNG:Title", "PNG:Software")
GPS = {"GPSLatitude": LATITUDE, "GPSLatitudeRef": "N", "GPSLongitude": LONGITUDE, "GPSLongitudeRef": "E"}
TAKEN = {"Make": "Maker", "Model": "Phone 7", "DateTimeOriginal": "2024:05:01 12:30:45", "OffsetTimeOriginal": "-03:30"}
TAKEN |= {"ExposureTime": "1/60", "FNumber": "1.8", "ISO": "125", "FocalLength": "5.7", "Flash#": "1"}


def exiftool(*arguments: str) -> str:
    return subprocess.run(["exiftool", *arguments], capture_output=True, text=True, check=False).stdout


def writable(*groups: str) -> list[str]:
    """Every tag that exiftool can write, with its group; one process, for its tables take long to load."""
    listed = exiftool(*(word for group in groups for word in ("-listw", f"-{group}:all", "-execute")))
    named: list[str] = []
    for line in listed.splitlines():
        if heading := re.fullmatch(r"Writable (\w+) tags:", line):
            group = heading[1]
        elif line.startswith("  "):
            named += [f"{group}:{name}" for name in line.split() if name not in LEFT_OUT]
    return named


@pytest.fixture(scope="module")
def marked(skin_photo: bytes, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The photo in every format, full of canaries; by suffix."""
    folder = tmp_path_factory.mktemp("marked")
    picture = Image.open(io.BytesIO(skin_photo)).convert("RGB")
    files = {suffix: folder / f"photo.{suffix}" for suffix in FORMATS}
    for suffix, path in files.items():
        if suffix == "heic":
            pillow_heif.from_pillow(picture).save(path, quality=90)
        else:
            picture.save(path, FORMATS[suffix], quality=92)
    thumbnail = folder / "thumbnail.jpg"
    picture.resize((64, 48)).save(thumbnail, "JPEG", comment=f"{CANARY} thumbnail")
    named = writable("GPS", "EXIF", "IPTC")
    assert len(named) > 500
    lines = [f"-{name}={CANARY} {name}" for name in (*named, *XMP, *OTHERS)]
    lines += [f"-GPS:{name}={value}" for name, value in GPS.items()]
    lines += [f"-EXIF:{name}={value}" for name, value in TAKEN.items()]
    lines += [f"-ThumbnailImage<={thumbnail}", "-overwrite_original", "-m", "-q", "-q"]
    arguments = folder / "arguments"
    arguments.write_text("\n".join(lines) + "\n")
    exiftool("-@", str(arguments), *map(str, files.values()))
    return files


@pytest.fixture(scope="module")
def tags(marked: dict[str, Path]) -> Callable[[str], dict[str, object]]:
    """What exiftool reads back from a marked file."""
    read = json.loads(exiftool("-json", "-a", "-G1", "-n", *map(str, marked.values())))
    by_suffix = dict(zip(marked, read, strict=True))
    return lambda suffix: by_suffix[suffix]


def require_clean(content: str | bytes) -> None:
    """Neither canaries nor coordinates, as they are and inside embedded pictures."""
    raw = content.encode() if isinstance(content, str) else content
    for part in (raw, *embedded(raw)):
        assert CANARY.encode() not in part
        assert CANARY.encode("utf-16-le") not in part
        assert LATITUDE[:6].encode() not in part
        assert LONGITUDE[:6].encode() not in part


def embedded(page: bytes) -> Iterator[bytes]:
    for data in re.findall(rb"base64,([A-Za-z0-9+/=]+)", page):
        yield base64.b64decode(data)


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_canaries_are_in_the_files(suffix, tags):
    held = {name for name, value in tags(suffix).items() if CANARY in str(value)}
    kinds = {name.split(":")[0] for name in held}
    assert {"XMP-dc", "XMP-aux"} <= kinds
    assert {"GPS", "IFD0", "ExifIFD"} <= kinds
    assert any(name.endswith(":SerialNumber") for name in held)
    assert any(name.endswith("OwnerName") for name in held)
    assert str(tags(suffix)["GPS:GPSLatitude"]).startswith(LATITUDE[:6])


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_photo_knows_its_camera_and_nothing_else(suffix, marked):
    photo = read_photo(marked[suffix].read_bytes())
    assert photo.source.captured_at == "2024-05-01T12:30:45-03:30"
    taken = photo.source.capture
    assert (taken.camera_make, taken.camera_model, taken.flash_fired) == ("Maker", "Phone 7", True)
    assert taken.exposure_time_s == pytest.approx(1 / 60)
    assert (taken.f_number, taken.iso_speed, taken.focal_length_mm) == (1.8, 125, 5.7)
    assert taken.pixel_spacing_mm is None  # the resolution of EXIF is that of a print
    require_clean(repr(photo) + json.dumps(asdict(photo.source)))
    require_clean(photo.pixels.tobytes())


def test_check_says_the_camera_and_no_canary(run: Callable[..., Result], marked, tmp_path, monkeypatch):
    damaged = tmp_path / "damaged.jpg"
    damaged.write_bytes(marked["jpg"].read_bytes()[:-4000])
    monkeypatch.setenv("FLEXURA_DEBUG", "1")
    text = run("check", *marked.values(), damaged)
    assert "Maker Phone 7, 1/60 s, f/1.8, ISO 125, 5.7 mm, flash" in text.stdout
    assert "Photo 6 of 6: refused (truncated_image)" in text.stdout
    require_clean(text.stdout + text.stderr)
    documents = run("check", "--json", *marked.values())
    first = json.loads(documents.stdout.splitlines()[0])
    assert first["photo"]["capture"]["camera_model"] == "Phone 7"
    assert set(first["photo"]["capture"]) == set(asdict(Capture()))
    require_clean(documents.stdout + documents.stderr)


def test_no_canary_in_answer_report_and_overlay(run: Callable[..., Result], marked, tmp_path):
    report, overlay = tmp_path / "answer.html", tmp_path / "answer.png"
    result = run("assess", *marked.values(), "--json", "--report", report, "--overlay", overlay)
    assert result.exit_code == 0
    require_clean(result.stdout + result.stderr)
    written = sorted(tmp_path.glob("answer-*"))
    assert len(written) == 2 * len(FORMATS)
    for path in written:
        require_clean(path.read_bytes())
    pictures = [path for path in written if path.suffix == ".png"]
    require_clean(exiftool("-a", "-u", "-G1", *map(str, pictures)))
    assert b"Phone 7" not in report.with_name("answer-1.html").read_bytes()
