"""Pixels of DICOM files: right values on pydicom's wheel (its own decoders as oracle) and on files written here."""

import io
import subprocess
import sys

import numpy as np
import pydicom
import pytest
import simplejpeg
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.pixels import apply_color_lut

from flexura.errors import CorruptImage, InputRefused, TruncatedImage
from flexura.intake.dicom.colour import ybr_to_rgb
from flexura.intake.read import read_photo

IMPLICIT, EXPLICIT, BIG = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
JPEG, LOSSLESS, J2K = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.90"
JPEG_LS, RLE = "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.5"

# Public reports of colours gone wrong (known-faults 6) and the right first pixel, beside further files of the wheel.
FIRST_PIXELS = {
    "SC_ybr_full_422_uncompressed.dcm": (254, 0, 0),
    "SC_jpeg_no_color_transform.dcm": (244, 244, 244),
    "SC_jpeg_no_color_transform_2.dcm": (244, 246, 246),
    "SC_rgb_jpeg_app14_dcmd.dcm": (244, 246, 246),
    "SC_rgb_jpeg.dcm": (244, 244, 244),
    "SC_rgb_dcmtk_+eb+cr.dcm": (255, 0, 0),
    "SC_rgb_dcmtk_+eb+cy+n1.dcm": (254, 0, 0),
    "SC_rgb_jpeg_lossy_gdcm.dcm": (254, 0, 0),
    "SC_rgb_jpeg_gdcm.dcm": (255, 0, 0),
    "SC_rgb_jls_lossy_line.dcm": (255, 0, 0),
    "SC_rgb_jls_lossy_sample.dcm": (255, 0, 0),
    "SC_rgb_gdcm_KY.dcm": (255, 0, 0),
    "SC_rgb_rle_2frame.dcm": (255, 0, 0),
    "SC_rgb_rle_16bit.dcm": (255, 0, 0),
    "SC_rgb_small_odd.dcm": (166, 141, 52),
    "SC_rgb_small_odd_big_endian.dcm": (166, 141, 52),
}
# Decoded by pydicom too, which so serves as oracle; the lossless JPEG it cannot read without a GPL package.
BY_PYDICOM = [*sorted(set(FIRST_PIXELS) - {"SC_rgb_jpeg_gdcm.dcm"}), "image_dfl.dcm", "JPEGLSNearLossless_08.dcm"]
VIDEO_PHOTOGRAPHIC = "1.2.840.10008.5.1.4.1.1.77.1.4.1"
REFUSED = {
    "CT_small.dcm": "dicom_not_a_photo",
    "examples_rgb_color.dcm": "dicom_not_a_photo",
    "test-SR.dcm": "dicom_not_a_photo",
    "waveform_ecg.dcm": "dicom_not_a_photo",
    "rtplan_truncated.dcm": "dicom_not_a_photo",
    "JPEG-lossy.dcm": "dicom_jpeg_too_deep",
    "JPGExtended.dcm": "dicom_jpeg_too_deep",
    "SC_rgb_rle_32bit.dcm": "unsupported_image",
    "GDCMJ2K_TextGBR.dcm": "corrupt_image",
    "JPEG2000-embedded-sequence-delimiter.dcm": "corrupt_image",
    "meta_missing_tsyntax.dcm": "corrupt_image",
}


@pytest.mark.parametrize("name", FIRST_PIXELS)
def test_first_pixels_of_the_wheel(name, wheel_folder, read):
    photo = read((wheel_folder / name).read_bytes())
    assert tuple(photo.pixels[0, 0]) == FIRST_PIXELS[name]
    assert photo.source.format.startswith("DICOM")


@pytest.mark.parametrize("name", BY_PYDICOM)
def test_every_pixel_is_pydicoms(name, wheel, wheel_folder, read):
    dataset = wheel(name)
    theirs = dataset.pixel_array
    first = theirs[0] if dataset.get("NumberOfFrames", 1) > 1 else theirs
    eight = np.rint(first / 257) if first.dtype == np.uint16 else first
    ours = read((wheel_folder / name).read_bytes()).pixels
    assert np.array_equal(ours, eight if eight.ndim == 3 else np.dstack([eight] * 3))


def test_lossless_jpeg_is_the_picture_of_its_siblings(wheel_folder, read):
    lossless, runs = (read((wheel_folder / f"SC_rgb_{name}.dcm").read_bytes()).pixels for name in ("jpeg_gdcm", "rle"))
    assert np.array_equal(lossless, runs)


@pytest.mark.parametrize(("name", "code"), REFUSED.items())
def test_what_is_refused_says_why(name, code, wheel_folder, read):
    with pytest.raises(InputRefused) as refusal:
        read((wheel_folder / name).read_bytes())
    assert refusal.value.code == code


def test_no_file_of_the_wheel_does_anything_else(wheel_folder, read, capfd, caplog):
    outcomes = {"read": 0, "refused": 0}
    for path in sorted(wheel_folder.rglob("*.dcm")):
        try:
            read(path.read_bytes())
            outcomes["read"] += 1
        except InputRefused:
            outcomes["refused"] += 1
    assert outcomes["read"] >= 29
    assert outcomes["refused"] >= 40
    assert not caplog.records
    assert capfd.readouterr() == ("", "")  # and pydicom's warnings, errors in this test run, stayed inside


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG, DEFLATED])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_four_ways_to_write_give_one_array(syntax, dtype, picture, write, read):
    photo = read(write(picture.astype(dtype) * (257 if dtype is np.uint16 else 1), syntax))
    assert np.array_equal(photo.pixels, picture)
    assert (photo.source.width, photo.source.height, photo.source.format) == (20, 12, "DICOM")


def test_sixteen_bits_are_scaled_not_cut(write, read):
    photo = read(write(np.full((4, 4), 30000, np.uint16)))
    assert photo.pixels[0, 0].tolist() == [117] * 3  # 30000 / 257


def test_twelve_bits_of_sixteen_reach_white(write, read):
    grey = np.array([[0, 2048, 4095, 0xF000]], np.uint16)  # the four highest bits do not count
    photo = read(write(grey, BitsStored=12, HighBit=11))
    assert photo.pixels[0, :, 0].tolist() == [0, 128, 255, 0]


def test_planes_are_put_together(picture, write, read):
    planes = write(picture, PlanarConfiguration=1, PixelData=picture.transpose(2, 0, 1).tobytes())
    assert np.array_equal(read(planes).pixels, picture)


def test_luminance_and_chrominance_by_the_formula_of_the_standard(picture, write, read):
    y, cb, cr = picture.astype(float).transpose(2, 0, 1) - np.array([0, 128, 128])[:, None, None]
    expected = np.stack([y + 1.402 * cr, y - 0.344136286 * cb - 0.714136286 * cr, y + 1.772 * cb], axis=-1)
    assert np.array_equal(ybr_to_rgb(picture), np.clip(np.rint(expected), 0, 255))
    assert np.array_equal(
        read(write(picture, PhotometricInterpretation="YBR_FULL")).pixels, np.clip(np.rint(expected), 0, 255)
    )


def test_two_neighbours_share_the_colour_of_4_2_2(write, read):
    row = bytes([76, 76, 85, 255, 150, 29, 44, 21])  # Y1 Y2 CB CR twice
    shared = write(np.zeros((1, 4, 3), np.uint8), PhotometricInterpretation="YBR_FULL_422", PixelData=row)
    expected = ybr_to_rgb(np.array([[[76, 85, 255], [76, 85, 255], [150, 44, 21], [29, 44, 21]]], np.uint8))
    assert np.array_equal(read(shared).pixels, expected)


def test_4_2_2_with_bytes_of_4_4_4_is_no_guess(write, read, picture):
    with pytest.raises(CorruptImage, match="photometric"):
        read(write(picture, PhotometricInterpretation="YBR_FULL_422"))


def test_palette_gives_colours_not_indices(wheel, read):
    dataset = wheel("examples_palette.dcm")
    expected = np.rint(apply_color_lut(dataset.pixel_array, dataset) / 257)
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    photo = read(dataset)
    assert photo.pixels.shape == (350, 800, 3)
    assert np.array_equal(photo.pixels, expected)


def test_monochrome1_is_inverted(write, read):
    grey = np.array([[0, 100, 255]], np.uint8)
    assert read(write(grey)).pixels[0, :, 0].tolist() == [0, 100, 255]
    assert read(write(grey, PhotometricInterpretation="MONOCHROME1")).pixels[0, :, 0].tolist() == [255, 155, 0]


@pytest.mark.parametrize(
    ("function", "expected"),
    # PS3.3 C.11.2.1.2 and C.11.2.1.3: 255 times (x - 99.5) / 100 + 0.5; (x - 100) / 101 + 0.5;
    # 1 / (1 + exp(-4 (x - 100) / 101))
    [("LINEAR", [0, 1, 129, 255]), ("LINEAR_EXACT", [0, 1, 128, 254]), ("SIGMOID", [5, 31, 128, 224])],
)
def test_windows_by_hand(function, expected, write, read):
    grey = np.array([[0, 50, 100, 150]], np.uint8)
    window = {"WindowCenter": "100", "WindowWidth": "101", "VOILUTFunction": function}
    assert read(write(grey, **window)).pixels[0, :, 0].tolist() == expected


def test_signed_samples_by_the_data_set_not_the_stream(wheel, read):
    """J2K_pixelrep_mismatch: the code stream is unsigned, the data set says two's complement."""
    dataset = wheel("J2K_pixelrep_mismatch.dcm")
    theirs = dataset.pixel_array.astype(float)
    assert theirs.min() < 0
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    for keyword in ("WindowCenter", "WindowWidth"):
        dataset.pop(keyword, None)
    low, top = -(2 ** (dataset.BitsStored - 1)), 2**dataset.BitsStored - 1
    assert np.abs(read(dataset).pixels[..., 0] - (theirs - low) * 255 / top).max() <= 0.51


def jpeg_of(picture: np.ndarray) -> bytes:
    return simplejpeg.encode_jpeg(np.ascontiguousarray(picture), quality=95, colorsubsampling="444")


def lossless_codes(picture: np.ndarray, form: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, form, irreversible=False, no_jp2=form == "JPEG2000")
    return file.getvalue()


def test_one_frame_in_four_fragments_without_offsets(smooth, write, read):
    code = jpeg_of(smooth)
    whole = write(smooth, JPEG, PixelData=encapsulate([code], has_bot=False))
    split = write(smooth, JPEG, PixelData=encapsulate([code], fragments_per_frame=4, has_bot=False))
    assert split.PixelData.count(b"\xfe\xff\x00\xe0") == 5  # the empty offset table and four fragments
    assert np.array_equal(read(split).pixels, read(whole).pixels)
    assert np.abs(read(whole).pixels.astype(int) - smooth).max() <= 8


@pytest.mark.parametrize("has_table", [True, False])
@pytest.mark.parametrize("fragments", [1, 3])
def test_the_first_of_several_frames(has_table, fragments, smooth, write, read):
    codes = [jpeg_of(smooth), jpeg_of(smooth[::-1])]
    data = encapsulate(codes, fragments_per_frame=fragments, has_bot=has_table)
    photo = read(write(smooth, JPEG, PixelData=data, NumberOfFrames=2))
    assert np.array_equal(photo.pixels, simplejpeg.decode_jpeg(codes[0]))
    assert photo.source.format == "DICOM (frame 1 of 2)"


def test_the_first_frame_of_a_video_of_pictures(smooth, write, read):
    frames = np.stack([smooth, 255 - smooth])
    photo = read(write(smooth, SOPClassUID=VIDEO_PHOTOGRAPHIC, PixelData=frames.tobytes(), NumberOfFrames=2))
    assert photo.source.format == "DICOM (frame 1 of 2)"
    assert np.array_equal(photo.pixels, smooth)


@pytest.mark.parametrize(
    ("frames", "stated", "error"), [(2, 1, CorruptImage), (1, 2, TruncatedImage), (3, 2, CorruptImage)]
)
def test_a_wrong_number_of_frames_is_refused(frames, stated, error, smooth, write, read):
    with pytest.raises(error):
        read(write(smooth, JPEG, PixelData=encapsulate([jpeg_of(smooth)] * frames), NumberOfFrames=stated))
    with pytest.raises(error):
        read(write(smooth, PixelData=smooth.tobytes() * frames, NumberOfFrames=stated))


def test_jpeg_2000_with_and_without_boxes(picture, write, read):
    bare = lossless_codes(picture, "JPEG2000")
    assert bare.startswith(b"\xff\x4f")
    for code in (bare, b"\0\0\0\x0cjP  \r\n\x87\n" + bare):
        assert np.array_equal(
            read(write(picture, J2K, PixelData=encapsulate([code]), PhotometricInterpretation="YBR_RCT")).pixels,
            picture,
        )


def test_compressed_pixels_that_are_not_in_fragments(picture, write, to_file, read):
    dataset = write(picture, J2K, PixelData=encapsulate([lossless_codes(picture, "JPEG2000")]))
    content = to_file(dataset)
    broken = content.replace(b"OB\0\0\xff\xff\xff\xff\xfe\xff\0\xe0", b"OB\0\0\xff\xff\xff\xffJUNK", 1)
    with pytest.raises(InputRefused):
        read(broken)


def test_colours_of_a_jpeg_that_says_nothing_of_them(smooth, write, read):
    """Without JFIF and Adobe markers the data set's word counts: libjpeg alone would guess YCbCr."""
    code = jpeg_of(smooth)
    bare = code[:2] + code[2 + 2 + int.from_bytes(code[4:6], "big") :]
    assert b"JFIF" in code
    assert b"JFIF" not in bare
    data = encapsulate([bare])
    luma = read(write(smooth, JPEG, PixelData=data, PhotometricInterpretation="YBR_FULL_422")).pixels
    stored = read(write(smooth, JPEG, PixelData=data, PhotometricInterpretation="RGB")).pixels
    assert np.abs(luma.astype(int) - smooth).max() <= 8
    assert np.abs(ybr_to_rgb(stored).astype(int) - luma).max() <= 2


def test_a_large_jpeg_is_reduced_while_decoding(write, to_file):
    y, x = np.mgrid[0:600, 0:800]
    large = np.stack([x // 4, y // 3, 255 - x // 4], axis=-1).astype(np.uint8)
    photo = read_photo(to_file(write(large, JPEG, PixelData=encapsulate([jpeg_of(large)]))), longest_side=200)
    assert photo.pixels.shape == (150, 200, 3)
    assert (photo.source.width, photo.source.height) == (800, 600)


def test_the_profile_of_the_data_set_or_of_the_stream_is_applied(smooth, write, read, encode, p3):
    assert read(write(smooth, ICCProfile=p3)).source.colour_profile == "Display P3"
    inside = read(write(smooth, JPEG, PixelData=encapsulate([encode(smooth, "JPEG", icc_profile=p3)])))
    assert inside.source.colour_profile == "Display P3"
    assert read(write(smooth)).source.colour_profile == "sRGB"


def test_a_file_without_header_and_one_that_begins_like_a_tiff(picture, write, to_file, read):
    content = to_file(write(picture, IMPLICIT))
    start = 132 + 12 + int.from_bytes(content[140:144], "little")
    for disguised in (content[start:], b"II*\0" + content[4:]):
        assert np.array_equal(read(disguised).pixels, picture)


def test_pydicom_is_not_loaded_for_other_formats(skin_photo, tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(skin_photo)
    code = (
        "import sys, pathlib; from flexura.workflow import check_photo; import flexura.cli.check; "
        f"check_photo(pathlib.Path({str(path)!r}).read_bytes()); "
        "print('pydicom' in sys.modules, 'jpeg_ls' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False"]


def test_pydicoms_settings_are_left_alone(picture, write, read):
    before = pydicom.config.settings.reading_validation_mode
    read(write(picture))
    assert pydicom.config.settings.reading_validation_mode == before
