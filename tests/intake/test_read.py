"""Every format in, one array out; every refusal with its reason."""

import hashlib
import io
import struct

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageFile, TiffImagePlugin

from flexura.errors import (
    CorruptImage,
    EmptyFile,
    InputRefused,
    NotAnImage,
    PhotoTooLarge,
    PhotoTooSmall,
    TruncatedImage,
    UnsupportedImage,
    UsageError,
)
from flexura.intake.read import IntakeLimits, read_photo

FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "HEIF")
# Where the six blocks of an upright picture 0 1 2 / 3 4 5 are stored by EXIF orientation (CIPA DC-008, 4.6.5.1.6).
STORED = {
    1: [[0, 1, 2], [3, 4, 5]],
    2: [[2, 1, 0], [5, 4, 3]],
    3: [[5, 4, 3], [2, 1, 0]],
    4: [[3, 4, 5], [0, 1, 2]],
    5: [[0, 3], [1, 4], [2, 5]],
    6: [[2, 5], [1, 4], [0, 3]],
    7: [[5, 2], [4, 1], [3, 0]],
    8: [[3, 0], [4, 1], [5, 2]],
}


def difference(pixels, expected) -> int:
    assert pixels.shape == expected.shape
    return int(np.abs(pixels.astype(int) - expected).max())


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("form", FORMATS)
def test_eight_orientations_give_one_array(form, orientation, blocks, encode, exif, limits):
    options = {"quality": 100} if form == "JPEG" else {}
    content = encode(blocks(STORED[orientation]), form, exif=exif(orientation), **options)
    photo = read_photo(content, limits=limits)
    assert difference(photo.pixels, blocks(STORED[1])) <= (4 if form == "JPEG" else 0)
    assert (photo.source.width, photo.source.height) == (72, 48)
    assert photo.source.orientation_applied == (1 if form == "HEIF" else orientation)
    assert photo.pixels.flags.c_contiguous


def test_heic_repeats_its_turn_in_exif_and_is_turned_once(blocks, encode, exif, upright_blocks, limits):
    content = encode(blocks(STORED[6]), "HEIF", exif=exif(6))
    assert exif(6)[6:] in content  # the fixture really holds EXIF orientation 6 beside irot
    assert difference(read_photo(content, limits=limits).pixels, upright_blocks) == 0


@pytest.mark.parametrize("orientation", [1, 6, 7])
def test_deep_tiff_is_turned_once(orientation, blocks, encode, upright_blocks, limits):
    stored = blocks(STORED[orientation])
    content = tiff16(stored.astype(np.uint16) * 257, orientation)
    assert difference(read_photo(content, limits=limits).pixels, upright_blocks) == 0


def tiff16(samples, orientation: int = 1, *, photometric: int | None = None, planar: int = 1) -> bytes:
    """A little-endian TIFF of 16-bit grey or RGB in one strip, written by hand."""
    height, width = samples.shape[:2]
    planes = 1 if samples.ndim == 2 else samples.shape[2]
    body = samples.astype("<u2").tobytes()
    kind = photometric if photometric is not None else (1 if planes == 1 else 2)
    after = 8 + len(body)
    bits_place = after + 2 + 12 * 10 + 4
    bits = (3, 1, 16) if planes == 1 else (3, planes, bits_place)
    entries = [
        (256, 3, 1, width),
        (257, 3, 1, height),
        (258, *bits),
        (259, 3, 1, 1),
        (262, 3, 1, kind),
        (273, 4, 1, 8),
        (274, 3, 1, orientation),
        (277, 3, 1, planes),
        (278, 3, 1, height),
        (279, 4, 1, len(body)),
    ]
    if planar != 1:
        entries = [(284, 3, 1, planar) if entry[0] == 278 else entry for entry in entries]
        entries.sort()
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<I", after) + body + directory + bytes(4) + struct.pack("<H", 16) * planes


def test_grey_of_sixteen_bits(png, limits):
    level = np.full((20, 20), 30000, ">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in level)
    assert set(read_photo(png(20, 20, bits=16, colour=0, rows=rows), limits=limits).pixels.ravel()) == {117}
    assert set(read_photo(tiff16(level), limits=limits).pixels.ravel()) == {117}
    assert set(read_photo(tiff16(65535 - level, photometric=0), limits=limits).pixels.ravel()) == {117}


def test_colour_of_sixteen_bits_is_rounded_not_cut(png, limits):
    colour = np.full((20, 20, 3), (30000, 255, 65535), ">u2")  # 255/257 rounds to 1; its high byte is 0
    rows = b"".join(b"\0" + row.tobytes() for row in colour)
    for content in (png(20, 20, bits=16, colour=2, rows=rows), tiff16(colour)):
        assert np.unique(read_photo(content, limits=limits).pixels.reshape(-1, 3), axis=0).tolist() == [[117, 1, 255]]


def test_alpha_of_sixteen_bits_lies_on_white(png, limits):
    colour = np.full((20, 20, 4), (0, 0, 65535, 32896), ">u2")  # 32896 = 128 * 257
    rows = b"".join(b"\0" + row.tobytes() for row in colour)
    pixels = read_photo(png(20, 20, bits=16, colour=6, rows=rows), limits=limits).pixels
    assert pixels[0, 0].tolist() == [127, 127, 255]


def test_colour_that_two_decoders_read_differently_is_refused(limits):
    samples = np.arange(20 * 20 * 3, dtype=np.uint16).reshape(20, 20, 3) * 50
    with pytest.raises(InputRefused):
        read_photo(tiff16(samples, planar=2), limits=limits)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_alpha_lies_on_white(mode, encode, limits):
    image = Image.new("RGBA", (20, 20), (0, 0, 0, 0)).convert(mode) if mode != "PA" else None
    if image is None:
        image = Image.new("P", (20, 20), 3)
        image.putpalette([0, 0, 0] * 4)
        content = encode(image, "PNG", transparency=3)
    else:
        content = encode(image, "PNG")
    assert read_photo(content, limits=limits).pixels.min() == 255


@pytest.mark.parametrize("form", ["WEBP", "TIFF", "HEIF"])
def test_half_transparent_red_is_pink_in_every_format(form, encode, limits):
    content = encode(Image.new("RGBA", (32, 32), (255, 0, 0, 128)), form)
    assert difference(read_photo(content, limits=limits).pixels[:1, :1], np.array([[[255, 127, 127]]])) <= 1


@pytest.mark.parametrize(("mode", "form"), [("1", "PNG"), ("1", "TIFF"), ("L", "JPEG"), ("L", "TIFF"), ("P", "PNG")])
def test_few_colours_become_three_channels(mode, form, encode, limits):
    image = Image.new("L", (40, 20), 255)
    image.paste(0, (0, 0, 20, 20))
    pixels = read_photo(encode(image.convert(mode), form), limits=limits).pixels
    assert difference(pixels[10, [5, 35]], np.array([[0, 0, 0], [255, 255, 255]])) <= 2


def without_segment(content: bytes, marker: bytes) -> bytes:
    start = content.index(marker)
    return content[:start] + content[start + 2 + int.from_bytes(content[start + 2 : start + 4], "big") :]


def test_cmyk_jpeg_with_and_without_the_adobe_marker(encode, limits):
    inks = (20, 90, 100, 10)
    expected = np.array([[[226, 159, 149]]])  # (255 - ink) (255 - black) / 255
    marked = encode(Image.new("CMYK", (32, 32), inks), "JPEG", quality=95)
    assert b"Adobe" in marked
    photo = read_photo(marked, limits=limits)
    assert difference(photo.pixels[5:6, 5:6], expected) <= 2
    assert photo.source.colour_profile == "CMYK without profile"
    inverted = encode(Image.new("CMYK", (32, 32), tuple(255 - ink for ink in inks)), "JPEG", quality=95)
    plain = without_segment(inverted, b"\xff\xee")
    assert difference(read_photo(plain, limits=limits).pixels[5:6, 5:6], expected) <= 2


def test_only_the_first_picture_of_an_mpo(encode, upright_blocks, limits):
    file = io.BytesIO()
    Image.fromarray(upright_blocks).save(
        file, "MPO", save_all=True, append_images=[Image.new("RGB", (72, 48), (0, 255, 0))], quality=100, subsampling=0
    )
    photo = read_photo(file.getvalue(), limits=limits)
    assert photo.source.format == "MPO"
    assert difference(photo.pixels, upright_blocks) <= 4


@pytest.mark.parametrize("primary", [0, 1])
def test_only_the_primary_picture_of_a_heic(primary, upright_blocks, limits):
    pictures = [Image.fromarray(upright_blocks), Image.new("RGB", (72, 48), (0, 255, 0))]
    heif = pillow_heif.from_pillow(pictures[0])
    heif.add_from_pillow(pictures[1])
    file = io.BytesIO()
    heif.save(file, quality=-1, chroma=444, matrix_coefficients=0, primary_index=primary)
    photo = read_photo(file.getvalue(), limits=limits)
    assert difference(photo.pixels, np.asarray(pictures[primary])) <= 1


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 2}, {"subsampling": 2}])
def test_jpeg_variants(options, encode, upright_blocks, limits):
    photo = read_photo(encode(upright_blocks, "JPEG", **options), limits=limits)
    assert np.abs(photo.pixels.astype(int) - upright_blocks).mean() < 8


@pytest.mark.parametrize("form", [*FORMATS, "CMYK"])
def test_bytes_after_the_end_are_no_fault(form, encode, upright_blocks, limits):
    image = Image.fromarray(upright_blocks)
    content = encode(image.convert("CMYK"), "JPEG") if form == "CMYK" else encode(image, form)
    tail = b"\xff\xd8 a phone's depth map \xff" * 3
    assert np.array_equal(read_photo(content + tail, limits=limits).pixels, read_photo(content, limits=limits).pixels)


@pytest.mark.parametrize("form", [*FORMATS, "CMYK", "progressive"])
@pytest.mark.parametrize("kept", [0.5, 0.9, "all but two bytes"])
def test_a_cut_file_is_truncated(form, kept, encode, limits):
    rng = np.random.default_rng(3)
    image = Image.fromarray(rng.integers(0, 256, (40, 40, 3), dtype=np.uint8))
    variants = {"CMYK": (image.convert("CMYK"), "JPEG", {}), "progressive": (image, "JPEG", {"progressive": True})}
    picture, container, options = variants.get(form, (image, form, {}))
    content = encode(picture, container, **options)
    cut = content[:-2] if isinstance(kept, str) else content[: int(kept * len(content))]
    with pytest.raises(TruncatedImage) as refusal:
        read_photo(cut, limits=limits)
    assert refusal.value.code == "truncated_image"


@pytest.mark.parametrize("progressive", [False, True])
def test_scan_data_that_runs_out_before_the_end_mark_is_corrupt(progressive, encode, limits):
    image = np.random.default_rng(3).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    content = encode(image, "JPEG", progressive=progressive)
    with pytest.raises(CorruptImage):
        read_photo(content[: len(content) * 2 // 3] + b"\xff\xd9", limits=limits)


def test_pillows_global_switch_is_not_touched_and_not_obeyed(encode, monkeypatch, limits):
    content = encode(np.random.default_rng(3).integers(0, 256, (40, 40, 3), dtype=np.uint8), "PNG")
    with pytest.raises(TruncatedImage):
        read_photo(content[: len(content) // 2], limits=limits)
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(TruncatedImage):
        read_photo(content[: len(content) // 2], limits=limits)
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True


@pytest.mark.parametrize("form", FORMATS)
def test_damaged_files_give_a_photo_or_a_refusal(form, encode, upright_blocks, exif, limits):
    content = encode(upright_blocks, form, exif=exif(6, "2024:05:01 12:30:45"))
    rng = np.random.default_rng(17)
    for _ in range(120):
        damaged = bytearray(content)
        for place in rng.integers(0, len(content), rng.integers(1, 6)):
            damaged[place] = rng.integers(0, 256)
        cut = bytes(damaged[: rng.integers(1, len(content))] if rng.random() < 0.2 else damaged)
        try:
            photo = read_photo(cut, limits=IntakeLimits(min_side_px=16, max_pixels=1_000_000))
        except InputRefused:
            continue
        assert photo.pixels.dtype == np.uint8
        assert photo.pixels.shape[2] == 3


def test_the_source_tells_of_the_original(encode, exif):
    content = encode(np.full((600, 1200, 3), 90, np.uint8), "JPEG", exif=exif(8, "2024:05:01 12:30:45", "+02:00"))
    photo = read_photo(content, longest_side=300)
    assert photo.pixels.shape == (300, 150, 3)
    assert photo.source.sha256 == hashlib.sha256(content).hexdigest()
    assert (photo.source.format, photo.source.width, photo.source.height) == ("JPEG", 600, 1200)
    assert photo.source.captured_at == "2024-05-01T12:30:45+02:00"
    assert photo.source.colour_profile == "sRGB"


@pytest.mark.parametrize("form", FORMATS)
def test_capture_time_in_every_format(form, encode, exif, upright_blocks, limits):
    content = encode(upright_blocks, form, exif=exif(1, "2023:12:31 23:59:59"))
    assert read_photo(content, limits=limits).source.captured_at == "2023-12-31T23:59:59"


@pytest.mark.parametrize(("size", "side", "expected"), [((900, 700), 448, (448, 348)), ((300, 250), 448, (300, 250))])
@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_longest_side_is_met_exactly_and_nothing_is_enlarged(form, size, side, expected, encode):
    content = encode(Image.new("RGB", size, (180, 120, 100)), form)
    assert read_photo(content, longest_side=side).pixels.shape[1::-1] == expected


def test_none_keeps_the_full_size(encode):
    assert read_photo(encode(Image.new("RGB", (1500, 240)), "PNG"), longest_side=None).pixels.shape == (240, 1500, 3)


def test_scaled_decoding_equals_averaging_the_full_picture(encode):
    slope = np.linspace(20, 230, 1600)[None, :, None] * np.ones((1200, 1, 3))
    content = encode(slope.astype(np.uint8), "JPEG")
    full, scaled = (read_photo(content, longest_side=side).pixels for side in (None, 400))
    assert difference(scaled, full.reshape(300, 4, 400, 4, 3).mean(axis=(1, 3)).round()) <= 2


def test_an_orientation_with_a_longest_side_above_it_is_scaled_as_stored(encode, exif):
    content = encode(Image.new("RGB", (640, 320)), "JPEG", exif=exif(6))
    assert read_photo(content, longest_side=160, limits=IntakeLimits()).pixels.shape == (160, 80, 3)


REFUSED = [
    (b"", EmptyFile, "empty_file"),
    (b"hello, doctor" * 20, NotAnImage, "not_an_image"),
    (bytes(2000), NotAnImage, "not_an_image"),
    (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', UnsupportedImage, "unsupported_image"),
    (b"%PDF-1.7\n" + bytes(100), UnsupportedImage, "unsupported_image"),
    (b"GIF89a" + bytes(100), UnsupportedImage, "unsupported_image"),
    (b"BM\x36\x00\x00\x00\x00\x00\x00\x00" + bytes(100), UnsupportedImage, "unsupported_image"),
    (b"\0\0\0\x1cftypavif" + bytes(100), UnsupportedImage, "unsupported_image"),
    (b"\0\0\0\x1cftypisom" + bytes(100), UnsupportedImage, "unsupported_image"),
    (bytes(128) + b"DICM" + bytes(100), CorruptImage, "corrupt_image"),
    (b"\xff\xd8\xff\xd9", CorruptImage, "corrupt_image"),
    (b"\x89PNG\r\n\x1a\n", TruncatedImage, "truncated_image"),
    (b"II*\0\xff\xff\xff\x7f" + bytes(100), TruncatedImage, "truncated_image"),
]


@pytest.mark.parametrize(("content", "error", "code"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_photo_is_refused_by_name(content, error, code):
    with pytest.raises(error) as refusal:
        read_photo(content)
    assert refusal.value.code == code


@pytest.mark.parametrize("form", ["WEBP", "PNG", "TIFF", "GIF"])
def test_several_frames_or_pages_are_refused(form, encode, limits):
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    content = encode(frames[0], form, save_all=True, append_images=frames[1:])
    with pytest.raises(UnsupportedImage):
        read_photo(content, limits=limits)


def test_a_smaller_copy_in_a_tiff_is_no_second_page(encode, limits):
    directory = TiffImagePlugin.ImageFileDirectory_v2()
    directory[254] = 1
    first, copy = Image.new("RGB", (32, 32), "red"), Image.new("RGB", (16, 16), "blue")
    copy.encoderinfo = {"tiffinfo": directory}
    content = encode(first, "TIFF", save_all=True, append_images=[copy])
    assert read_photo(content, limits=limits).pixels[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("tag", [{50706: b"\1\4\0\0"}, {254: 1}])
def test_camera_raw_is_refused(tag, encode, limits):
    directory = TiffImagePlugin.ImageFileDirectory_v2()
    for number, value in tag.items():
        directory[number] = value
    with pytest.raises(UnsupportedImage, match="raw"):
        read_photo(encode(Image.new("RGB", (32, 32)), "TIFF", tiffinfo=directory), limits=limits)


@pytest.mark.parametrize("mode", ["F", "I", "LAB"])
def test_samples_that_are_no_picture_are_refused(mode, encode, limits):
    with pytest.raises(UnsupportedImage):
        read_photo(encode(Image.new(mode, (32, 32)), "TIFF"), limits=limits)


def test_a_tiff_of_unknown_kind_is_refused(limits):
    content = tiff16(np.zeros((32, 32), np.uint16), photometric=9)
    with pytest.raises(UnsupportedImage):
        read_photo(content, limits=limits)


@pytest.mark.parametrize(
    ("find", "replace"),
    [(b"\xff\xc0\x00\x11\x08", b"\xff\xc0\x00\x11\x0c"), (b"\xff\xc0", b"\xff\xc9"), (b"\xff\xc0", b"\xff\xc3")],
    ids=["12 bits", "arithmetic", "lossless"],
)
def test_rare_kinds_of_jpeg_are_refused(find, replace, encode, upright_blocks, limits):
    content = encode(upright_blocks, "JPEG")
    assert find in content
    with pytest.raises(UnsupportedImage):
        read_photo(content.replace(find, replace, 1), limits=limits)


def test_heic_of_high_dynamic_range_without_a_profile_is_refused(upright_blocks, limits):
    file = io.BytesIO()
    heif = pillow_heif.from_pillow(Image.fromarray(upright_blocks))
    heif.save(file, quality=90, color_primaries=9, transfer_characteristics=16)
    with pytest.raises(UnsupportedImage, match="dynamic-range"):
        read_photo(file.getvalue(), limits=limits)


@pytest.mark.parametrize("form", FORMATS)
def test_limits_are_judged_on_the_original(form, encode):
    content = encode(Image.new("RGB", (300, 223)), form)
    with pytest.raises(PhotoTooSmall, match="223"):
        read_photo(content)
    with pytest.raises(PhotoTooLarge):
        read_photo(content, limits=IntakeLimits(min_side_px=1, max_pixels=300 * 223 - 1))
    with pytest.raises(PhotoTooLarge):
        read_photo(content, limits=IntakeLimits(min_side_px=1, max_bytes=len(content) - 1))
    assert read_photo(content, limits=IntakeLimits(223, 300 * 223, len(content))).source.width == 300


def test_bombs_are_refused_from_the_header(png, encode, exif, monkeypatch):
    def no_decoding(*_: object, **__: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("flexura.intake.formats._raster", no_decoding)
    monkeypatch.setattr("flexura.intake.jpeg.decode", no_decoding)
    jpeg = encode(Image.new("RGB", (300, 300)), "JPEG")
    webp = encode(Image.new("RGB", (300, 300)), "WEBP", exif=exif(1))
    size = webp.index(b"VP8X") + 12
    for content in (
        png(60000, 60000, bits=8, colour=2, rows=b""),
        jpeg.replace(struct.pack(">HH", 300, 300), struct.pack(">HH", 60000, 60000), 1),
        webp[:size] + b"\xff\x3f\x00\xff\x3f\x00" + webp[size + 6 :],
    ):
        with pytest.raises(PhotoTooLarge):
            read_photo(content)


@pytest.mark.parametrize("shape", [(1, 100_000), (100_000, 1)])
@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_a_line_of_pixels_is_too_small_and_harms_nothing(form, shape, encode):
    content = encode(np.full((*shape, 3), 90, np.uint8), form)
    with pytest.raises(PhotoTooSmall):
        read_photo(content)
    photo = read_photo(content, limits=IntakeLimits(min_side_px=1))
    assert sorted(photo.pixels.shape) == [1, 3, 1024]
    assert np.unique(photo.pixels).tolist() == [90]


def test_running_out_of_memory_is_a_photo_too_large(encode, monkeypatch, upright_blocks, limits):
    def no_memory(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("flexura.intake.read.standardise", no_memory)
    with pytest.raises(PhotoTooLarge):
        read_photo(encode(upright_blocks, "PNG"), limits=limits)


def test_exif_after_the_image_data_of_a_png_counts(png, chunk, exif, blocks, upright_blocks, limits):
    stored = blocks(STORED[8])
    rows = b"".join(b"\0" + row.tobytes() for row in stored)
    late = chunk(b"eXIf", exif(8)[6:])
    content = png(stored.shape[1], stored.shape[0], bits=8, colour=2, rows=rows, after=late)
    assert difference(read_photo(content, limits=limits).pixels, upright_blocks) == 0


def test_a_longest_side_below_one_is_a_wrong_request():
    with pytest.raises(UsageError):
        read_photo(b"", longest_side=0)


def test_messages_hold_nothing_of_the_file(encode, exif):
    content = encode(Image.new("RGB", (50, 50)), "JPEG", exif=exif(1, "1999:01:02 03:04:05"))
    with pytest.raises(PhotoTooSmall) as refusal:
        read_photo(content)
    assert "1999" not in str(refusal.value)
