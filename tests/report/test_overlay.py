"""The overlay shows what the area counts, changes nothing else, and can be seen on every skin."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from flexura.decision.calibration import AreaReading
from flexura.records import Photo
from flexura.report.overlay import OverlayStyle, add_legend, draw_overlay, encode_png

READING = AreaReading()


def plain_photo(colour, source, size=(240, 360)):
    return Photo(np.full((*size, 3), colour, np.uint8), source)


def luminance(colour):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in np.asarray(colour) / 255]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def contrast(first, second):
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_the_overlay_has_the_size_of_the_photo(photo, prediction):
    overlay = draw_overlay(photo, prediction, reading=READING)
    assert overlay.shape == photo.pixels.shape
    assert overlay.dtype == np.uint8
    assert add_legend(overlay, prediction).shape == photo.pixels.shape


def test_the_photo_itself_stays_as_it_was(photo, prediction):
    before = photo.pixels.copy()
    add_legend(draw_overlay(photo, prediction, reading=READING), prediction)
    assert np.array_equal(photo.pixels, before)


def test_affected_skin_is_tinted_and_far_skin_untouched(photo, prediction):
    overlay = draw_overlay(photo, prediction, reading=READING)
    opacity = 0.22 * 0.95
    expected = photo.pixels[0, 0] * (1 - opacity) + np.array(OverlayStyle().lesion_colour) * opacity
    assert np.abs(overlay[120, 190].astype(int) - expected).max() <= 1  # middle of the lesion
    assert np.array_equal(overlay[20, 340], photo.pixels[20, 340])


def test_the_outline_lies_where_the_lesion_ends(photo, prediction):
    overlay = draw_overlay(photo, prediction, reading=READING)
    # Cells of 20 px: the lesion ends at x = 240, where the enlarged map crosses one half.
    drawn = np.flatnonzero((overlay[120, 200:280] == OverlayStyle().lesion_colour).all(axis=-1)) + 200
    assert abs(drawn.mean() - 240) <= 3


def test_lesion_outside_skin_is_not_drawn(photo, prediction):
    nowhere = replace(prediction, skin_map=np.zeros_like(prediction.skin_map))
    assert np.array_equal(draw_overlay(photo, nowhere, reading=READING), photo.pixels)


def test_thresholds_of_the_area_rule_the_lines(photo, prediction):
    faint = replace(prediction, lesion_map=0.7 * prediction.lesion_map)
    lines = [
        (draw_overlay(photo, faint, reading=AreaReading(lesion_threshold=threshold)) == OverlayStyle().lesion_colour)
        .all(axis=-1)
        .any()
        for threshold in (0.5, 0.9)
    ]
    assert lines == [True, False]


def test_skin_over_the_whole_frame_has_no_edge(photo, prediction):
    everywhere = replace(
        prediction, skin_map=np.ones_like(prediction.skin_map), lesion_map=np.zeros_like(prediction.lesion_map)
    )
    assert np.array_equal(draw_overlay(photo, everywhere, reading=READING), photo.pixels)


def test_a_lesion_cut_by_the_frame_is_drawn_open(photo, prediction):
    lesion = np.zeros_like(prediction.lesion_map)
    lesion[:, 9:] = 1
    overlay = draw_overlay(photo, replace(prediction, lesion_map=lesion), reading=READING)
    lines = (overlay == OverlayStyle().lesion_colour).all(axis=-1)
    assert lines[:, 175:186].any(axis=1).mean() > 0.9, "one line from top to bottom"
    assert not lines[:, 250:].any(), "none along the frame"


# Lightest, middle and darkest swatch of the Monk skin tone scale (skintone.google).
@pytest.mark.parametrize("skin", [(246, 237, 228), (215, 189, 150), (160, 126, 86), (41, 36, 32)])
def test_a_line_stands_out_from_every_skin_by_core_or_casing(skin):
    style = OverlayStyle()
    for core in (style.lesion_colour, style.skin_colour):
        assert max(contrast(core, skin), contrast(style.casing_colour, skin)) >= 3  # WCAG 2.2, 1.4.11
        assert contrast(core, style.casing_colour) >= 3


def test_the_legend_avoids_the_affected_corner(photo, prediction):
    lesion = np.zeros_like(prediction.lesion_map)
    lesion[6:, :9] = 1  # lower left
    affected = replace(prediction, lesion_map=lesion)
    picture = add_legend(photo.pixels, affected)
    changed = (picture != photo.pixels).any(axis=-1)
    assert not changed[120:, :180].any()
    assert changed[120:, 180:].any()


def test_png_gives_the_pixels_back(photo, prediction):
    overlay = draw_overlay(photo, prediction, reading=READING)
    decoded = Image.open(io.BytesIO(encode_png(overlay)))
    assert decoded.format == "PNG"
    assert np.array_equal(np.asarray(decoded), overlay)
