"""Formats by content, and where files end."""

import pytest
from PIL import Image

from flexura.errors import CorruptImage, EmptyFile, NotAnImage, TruncatedImage, UnsupportedImage
from flexura.intake.containers import jpeg_segments, png_chunks, recognise, require_whole, webp_chunks


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF"])
def test_formats_are_recognised_by_content_and_are_whole(form, encode):
    content = encode(Image.new("RGB", (32, 32)), form)
    assert recognise(content) == form
    require_whole(content, form)


def test_bigtiff_is_tiff():
    assert recognise(b"II\x2b\0\x08\0\0\0" + bytes(20)) == "TIFF"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"GIF87a", "GIF"),
        (b"%PDF-", "PDF"),
        (b"\xef\xbb\xbf <!-- drawn --> <svg ", "SVG"),
        (b"\xff\x0a", "JPEG XL"),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"8BPS", "Photoshop"),
        (b"\0\0\0\x18ftypavif", "AVIF"),
        (b"\0\0\0\x18ftypqt  ", "video"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1", "video"),
        (b"FUJIFILMCCD-RAW", "raw"),
    ],
)
def test_other_formats_are_named(head, name):
    with pytest.raises(UnsupportedImage, match=name):
        recognise(head + bytes(200))


def test_nothing_and_something_else():
    with pytest.raises(EmptyFile):
        recognise(b"")
    with pytest.raises(NotAnImage):
        recognise(b"BM is how this letter begins, and it is no bitmap")


def test_jpeg_segments_of_a_file_written_by_hand():
    scan = b"\xff\xda\x00\x03\x01" + b"\x12\xff\x00\x34\xff\xd0\x56\xff\xff\xff\xd9"  # stuffing, restart, fill, end
    content = b"\xff\xd8" + b"\xff\xe0\x00\x04ab" + scan + b"after\xff\xe1"
    assert jpeg_segments(content) == [(0xE0, b"ab"), (0xDA, b"\x01"), (0xD9, b"")]


def test_jpeg_faults():
    with pytest.raises(TruncatedImage):
        jpeg_segments(b"\xff\xd8\xff\xe0\x00\x09ab")
    with pytest.raises(CorruptImage):
        jpeg_segments(b"\xff\xd8\xff\xe0\x00\x01ab\xff\xd9")


def test_png_chunks_end_at_the_end_mark(png, chunk):
    content = png(1, 1, bits=8, colour=0, rows=b"\0\0", before=chunk(b"tEXt", b"a\0b"))
    assert [kind for kind, _ in png_chunks(content + content)] == [b"IHDR", b"tEXt", b"IDAT", b"IEND"]
    assert png_chunks(content)[1] == (b"tEXt", b"a\0b")
    assert png_chunks(content[:-1])[-1][0] == b"IDAT"


def test_webp_chunks_are_padded_to_even_lengths():
    body = b"VP8 \3\0\0\0abc\0" + b"EXIF\2\0\0\0xy"
    content = b"RIFF" + (4 + len(body)).to_bytes(4, "little") + b"WEBP" + body
    assert webp_chunks(content + b"tail") == [(b"VP8 ", b"abc"), (b"EXIF", b"xy")]


def test_heif_boxes_of_sixteen_byte_and_open_lengths():
    box = b"\0\0\0\x08meta" + b"\0\0\0\1mdat" + (20).to_bytes(8, "big") + b"abcd"
    require_whole(box, "HEIF")
    require_whole(b"\0\0\0\x08meta\0\0\0\0mdat any length", "HEIF")
    require_whole(box + b"\0\0\0\2\xff\xff\xff\xff trailing", "HEIF")
    for cut in (box[:-1], b"\0\0\0\x08meta"):
        with pytest.raises(TruncatedImage):
            require_whole(cut, "HEIF")


@pytest.mark.parametrize("content", [b"II*\0", b"II*\0\x08\0\0\0\xff\xff", b"MM\0\x2b\0\x08\0\0" + b"\xff" * 8])
def test_tiff_whose_directory_is_not_there(content):
    with pytest.raises(TruncatedImage):
        require_whole(content, "TIFF")
