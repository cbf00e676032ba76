"""The whole vector: its order, its table in the documentation, and what must leave it as it is."""

import math
import re
from pathlib import Path

import numpy as np
import pytest

from flexura.errors import FeatureError
from flexura.features.extract import FAMILIES, FEATURE_NAMES, FEATURE_UNITS, extract

PAGE = Path(__file__).parents[2] / "docs" / "features.md"

# By how much a feature may change when the photo is turned by 90°: what lies on a grid that the turn shifts.
GRID = {
    "border_fractal_dimension": 0.02,
    "lesion_mottling": 0.3,
    "skin_mottling": 0.3,
    "outline_adherence": 0.01,
    "shape_asymmetry_major": 0.01,
    "shape_asymmetry_minor": 0.01,
    "colour_asymmetry_major": 0.2,
    "colour_asymmetry_minor": 0.2,
}


def documented():
    """Names and units of the rows of docs/features.md, with R, K and the like written out there."""
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    table = {}
    for pattern, unit in rows:
        for name in _written_out(pattern):
            table[name] = unit.strip()
    return table


def _written_out(pattern):
    """`a_{1,2}_{0..3}` stands for each combination."""
    choice = re.search(r"\{([^}]+)\}", pattern)
    if choice is None:
        return [pattern]
    span = re.fullmatch(r"(\d+)\.\.(\d+)", choice[1])
    options = map(str, range(int(span[1]), int(span[2]) + 1)) if span else choice[1].split(",")
    return [name for option in options for name in _written_out(pattern.replace(choice[0], option, 1))]


def test_names_are_unique_identifiers_and_each_has_a_unit():
    assert len(set(FEATURE_NAMES)) == len(FEATURE_NAMES) == len(FEATURE_UNITS)
    assert all(name.isidentifier() and name == name.lower() for name in FEATURE_NAMES)
    assert all(FEATURE_UNITS)


def test_the_documentation_names_every_feature_with_its_unit_in_this_order():
    assert list(documented().items()) == list(zip(FEATURE_NAMES, FEATURE_UNITS, strict=True))


def test_the_vector_is_that_of_the_families_in_order(eczema):
    whole = extract(eczema.pixels, eczema.lesion, eczema.skin)
    assert (whole.names, whole.units) == (FEATURE_NAMES, FEATURE_UNITS)
    assert whole.values.dtype == np.float32
    parts = np.concatenate([measure(eczema).values for _, measure in FAMILIES])
    np.testing.assert_array_equal(whole.values, parts)
    assert not np.isnan(whole.values).any()


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_turning_the_photo_changes_nothing(eczema, named, turns):
    still = named(extract(eczema.pixels, eczema.lesion, eczema.skin))
    turned = named(
        extract(*(np.ascontiguousarray(np.rot90(a, turns)) for a in (eczema.pixels, eczema.lesion, eczema.skin)))
    )
    for name, value in still.items():
        assert turned[name] == pytest.approx(value, rel=2e-3, abs=GRID.get(name, 1e-3)), name


def test_texture_and_form_do_not_know_the_light(eczema, named):
    dim = (eczema.pixels * 0.8).astype(np.uint8)
    bright = named(extract(eczema.pixels, eczema.lesion, eczema.skin))
    dark = named(extract(dim, eczema.lesion, eczema.skin))
    for name in (*(f"lesion_gabor_{w}px" for w in (8, 16, 32)), "lesion_elongation", "border_irregularity"):
        assert dark[name] == pytest.approx(bright[name], rel=0.03), name
    for name in (
        "delta_gabor_8px",
        "delta_gabor_16px",
        "delta_erythema_index",
        "border_sharpness",
        "outline_adherence",
    ):
        assert dark[name] == pytest.approx(bright[name], rel=0.1, abs=0.05), name


def test_the_same_photo_gives_the_same_numbers_and_is_left_alone(eczema):
    before = eczema.pixels.copy(), eczema.lesion.copy(), eczema.skin.copy()
    first = extract(*before)
    np.testing.assert_array_equal(first.values, extract(eczema.pixels, eczema.lesion, eczema.skin).values)
    for array, copy in zip((eczema.pixels, eczema.lesion, eczema.skin), before, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_without_skin_nothing_is_known():
    empty = np.zeros((80, 90), np.bool_)
    assert np.isnan(extract(np.full((80, 90, 3), 120, np.uint8), empty, empty).values).all()


def test_healthy_skin_has_a_tone_and_no_lesion(rendered, named):
    photo = rendered(5, 1)
    nothing = np.zeros_like(photo.lesion_mask)
    features = named(extract(photo.pixels, nothing, photo.skin_mask))
    assert (features["lesion_skin_share"], features["lesion_count"], features["satellite_count"]) == (0, 0, 0)
    known = {name for name, value in features.items() if not math.isnan(value)}
    assert known == {
        *(name for name in FEATURE_NAMES if name.startswith("skin_")),
        *("lesion_skin_share", "lesion_count", "satellite_count"),
    }


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (7, 9), (300, 8), (65, 64)])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_any_shape_and_any_masks_are_measured(shape, share):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (*shape, 3), dtype=np.uint8)
    vector = extract(pixels, rng.random(shape) < share, rng.random(shape) < 0.9)
    assert vector.names == FEATURE_NAMES
    assert not np.isinf(vector.values).any()


@pytest.mark.parametrize("level", [0, 255])
def test_black_and_white_photos_are_measured_without_warning(level, disc):
    lesion = disc((100, 100), (50, 50), 30)
    vector = extract(np.full((100, 100, 3), level, np.uint8), lesion, np.ones_like(lesion))
    assert not np.isinf(vector.values).any()
    assert math.isnan(vector.values[FEATURE_NAMES.index("skin_hue")])


def test_masks_that_do_not_fit_are_refused(eczema):
    with pytest.raises(FeatureError, match="lesion mask"):
        extract(eczema.pixels, eczema.lesion[1:], eczema.skin)
    with pytest.raises(FeatureError, match="pixels"):
        extract(eczema.pixels[..., :2], eczema.lesion, eczema.skin)
