"""Areas and confluence by hand; superpixels that are compact, of one colour and keep to borders."""

import math

import numpy as np
import pytest
from skimage.segmentation import slic

from flexura.features.regions import REGIONS, SlicConfig, confluence, region_features, superpixels

SHAPE = (120, 160)


def test_area_count_and_confluence_by_hand(painted, named):
    """Two squares of 40² and 20² in 120 x 160: 2,000 of 19,200; 0.8² + 0.2² = 0.68."""
    lesion = np.zeros(SHAPE, np.bool_)
    lesion[10:50, 10:50] = lesion[80:100, 100:120] = True
    features = named(region_features(painted(lesion)))
    assert features["lesion_skin_share"] == pytest.approx(2000 / 19200)
    assert features["lesion_count"] == 2
    assert features["lesion_largest_share"] == pytest.approx(0.8)
    assert features["lesion_confluence"] == pytest.approx(0.68)


def test_the_share_is_of_the_skin_not_of_the_photo(painted, named):
    skin = np.zeros(SHAPE, np.bool_)
    skin[:, :80] = True
    lesion = np.zeros(SHAPE, np.bool_)
    lesion[:60, :80] = True
    assert named(region_features(painted(lesion, skin)))["lesion_skin_share"] == pytest.approx(0.5)


@pytest.mark.parametrize(("areas", "chance"), [([7], 1), ([5, 5], 1 / 2), ([4] * 10, 1 / 10)])
def test_confluence_of_equal_parts_is_one_over_their_number(areas, chance):
    assert confluence(np.array(areas, np.int32)) == pytest.approx(chance)


def test_the_rendered_share_is_the_true_one(eczema, named):
    features = named(region_features(eczema))
    assert features["lesion_skin_share"] == pytest.approx(0.3, abs=0.005)


def test_patches_of_a_flat_picture_are_the_grid():
    patches = superpixels(np.full((80, 112, 3), 50, np.float32))
    assert patches.labels.shape == (80, 112)
    assert (patches.pixels == 64).all()
    assert patches.lab == pytest.approx(50)
    assert len(np.unique(patches.labels[:8, :8])) == 1


def test_patches_keep_to_a_border_of_colour():
    """A slanted border crosses the grid's cells; few patches hold both colours, fewer than cells would."""
    y, x = np.mgrid[:96, :112]
    side = x + 0.5 * y > 75
    lab = np.where(side[..., None], np.float32((40, 30, 20)), np.float32((70, 15, 20)))

    def mixed(patches):
        share = np.bincount(patches.labels.ravel(), side.ravel(), len(patches.pixels)) / np.maximum(patches.pixels, 1)
        return np.minimum(share, 1 - share) @ patches.pixels / side.size

    assert mixed(superpixels(lab)) < 0.001
    assert mixed(superpixels(lab, SlicConfig(rounds=0))) > 0.01


def test_patches_explain_colour_as_well_as_scikit_images(eczema):
    """Share of the variance of colour that lies within patches, ours against SLIC with as many patches."""
    small = eczema.lab[::2, ::2][:112, :112]
    patches = superpixels(small)
    theirs = slic(small, n_segments=len(patches.pixels), compactness=10, convert2lab=False, start_label=0)

    def within(labels):
        sizes = np.bincount(labels.ravel())
        means = np.stack([np.bincount(labels.ravel(), channel.ravel()) for channel in np.moveaxis(small, 2, 0)], 1)
        return float(((small - (means / np.maximum(sizes, 1)[:, None])[labels]) ** 2).sum(axis=2).mean())

    assert within(patches.labels) < 1.1 * within(theirs)


def test_mottling_by_hand(painted, named):
    """Two colours in equal parts, d apart, lie d / 2 from their mean."""
    lesion = np.zeros((224, 224), np.bool_)
    lesion[:, :128] = True
    view = painted(lesion)
    assert named(region_features(view))["lesion_mottling"] == pytest.approx(0, abs=0.01)
    view.lab[:, :64, 0] += 12
    features = named(region_features(view))
    assert features["lesion_mottling"] == pytest.approx(6, rel=0.05)
    assert features["skin_mottling"] == pytest.approx(0, abs=0.01)
    assert features["outline_adherence"] > 0.95


def test_an_outline_that_ignores_the_colours_cuts_patches(painted, named):
    lesion = np.zeros((224, 224), np.bool_)
    lesion[:, :100] = True
    right = painted(lesion)
    shifted = painted(lesion)
    shifted.lesion[:] = np.roll(lesion, 8, axis=1)
    adherence = [named(region_features(view))["outline_adherence"] for view in (right, shifted)]
    assert adherence[1] < adherence[0] - 0.02


@pytest.mark.parametrize("shape", [(1, 200), (200, 1), (5, 5), (300, 40)])
def test_pictures_of_any_shape_are_divided(shape):
    patches = superpixels(np.random.default_rng(0).uniform(0, 90, (*shape, 3)).astype(np.float32))
    assert patches.pixels.sum() == patches.labels.size
    assert patches.labels.max() < len(patches.pixels)


def test_no_lesion_is_zero_and_no_skin_is_unknown(painted, named):
    nothing = np.zeros(SHAPE, np.bool_)
    features = named(region_features(painted(nothing)))
    assert tuple(features) == tuple(REGIONS)
    assert (features["lesion_skin_share"], features["lesion_count"]) == (0, 0)
    unknown = {name for name, value in features.items() if math.isnan(value)}
    assert unknown == {"lesion_largest_share", "lesion_confluence", "lesion_mottling", "outline_adherence"}
    assert np.isnan(region_features(painted(nothing, skin=nothing)).values).all()
