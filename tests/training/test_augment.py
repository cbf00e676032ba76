from dataclasses import replace

import numpy as np
import pytest

from flexura.training.augment import AugmentConfig, camera_view, crop_view, gentler, shrink_maps

STILL = AugmentConfig(
    min_crop_area=1.0,
    max_log_aspect=0.0,
    quarter_turn_probability=0.0,
    gamma=0.0,
    gain=0.0,
    saturation=0.0,
    contrast=0.0,
    light_gradient=0.0,
    blur_probability=0.0,
    shrink_probability=0.0,
    noise_probability=0.0,
    jpeg_probability=0.0,
    tone_ita_degrees=0.0,
    lesion_kept=0.0,
)


def _marked(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """A photo whose red square is its lesion, on skin everywhere."""
    pixels = np.full((height, width, 3), (150, 120, 100), np.uint8)
    lesion = np.zeros((height, width), bool)
    lesion[height // 8 : height // 3, width // 2 : width - width // 8] = True
    pixels[lesion] = (250, 0, 0)
    return pixels, np.stack([lesion, np.ones_like(lesion)], -1).astype(np.float32)


@pytest.mark.parametrize("seed", range(12))
def test_maps_follow_every_crop_flip_and_turn(seed: int) -> None:
    pixels, maps = _marked(240, 320)
    view, cells = crop_view(pixels, maps, side=128, config=AugmentConfig(), random=np.random.default_rng(seed))
    assert view.shape == (128, 128, 3)
    assert cells.shape == (16, 16, 2)
    red = (view[..., 0].astype(np.float32) - 150) / 100
    painted = red.reshape(16, 8, 16, 8).mean((1, 3))
    assert np.abs(painted - cells[..., 0]).mean() < 0.02
    assert np.allclose(cells[..., 1], 1)


def test_maps_of_a_lower_resolution_follow_too() -> None:
    pixels, maps = _marked(240, 320)
    small = maps[::4, ::4]
    for seed in range(6):
        _, fine = crop_view(pixels, maps, side=128, config=AugmentConfig(), random=np.random.default_rng(seed))
        _, coarse = crop_view(pixels, small, side=128, config=AugmentConfig(), random=np.random.default_rng(seed))
        assert np.abs(fine - coarse).mean() < 0.04


def test_still_view_is_the_squeezed_photo_or_its_mirror() -> None:
    pixels, maps = _marked(128, 128)
    views = [
        crop_view(pixels, maps, side=128, config=STILL, random=np.random.default_rng(seed))[0] for seed in range(20)
    ]
    mirrors = (pixels, pixels[:, ::-1], pixels[::-1], pixels[::-1, ::-1])
    assert all(any(np.array_equal(view, mirror) for mirror in mirrors) for view in views)
    kept = camera_view(pixels, config=STILL, random=np.random.default_rng(0))
    assert np.abs(kept.astype(int) - pixels).max() <= 1


@pytest.mark.parametrize("change", ["gamma", "gain", "light_gradient", "contrast", "saturation"])
def test_each_light_and_colour_change_changes_the_view(change: str) -> None:
    pixels, _ = _marked(64, 64)
    config = replace(STILL, **{change: 0.4})
    changed = [camera_view(pixels, config=config, random=np.random.default_rng(seed)) for seed in range(5)]
    assert np.mean([np.abs(view.astype(int) - pixels).mean() for view in changed]) > 1


@pytest.mark.parametrize("change", ["blur_probability", "shrink_probability", "noise_probability", "jpeg_probability"])
def test_each_camera_fault_changes_the_view(change: str) -> None:
    pixels, _ = _marked(64, 64)
    config = replace(STILL, **{change: 1.0})
    changed = camera_view(pixels, config=config, random=np.random.default_rng(1))
    assert changed.shape == pixels.shape
    assert np.abs(changed.astype(int) - pixels).mean() > 0.2


def test_a_cell_is_unknown_where_any_part_of_it_is() -> None:
    maps = np.zeros((16, 16, 2), np.float32)
    maps[0, 0, 0] = np.nan
    cells = shrink_maps(maps, 2)
    assert np.isnan(cells[0, 0, 0])
    assert np.isnan(cells).sum() == 1


def test_a_crop_keeps_the_lesion_where_asked() -> None:
    pixels, maps = np.full((240, 320, 3), (150, 120, 100), np.uint8), np.ones((240, 320, 2), np.float32)
    maps[..., 0] = 0
    pixels[:40, :40], maps[:40, :40, 0] = (250, 0, 0), 1
    asked = replace(STILL, min_crop_area=0.5, lesion_kept=0.9)
    red = {
        config.lesion_kept: [
            (
                crop_view(pixels, maps, side=128, config=config, random=np.random.default_rng(seed))[0][..., 0] > 200
            ).mean()
            for seed in range(20)
        ]
        for config in (asked, replace(asked, lesion_kept=0.0))
    }
    assert min(red[0.9]) > 0.8 * 40 * 40 / (240 * 320)
    assert min(red[0.0]) == 0


def test_tone_changes_only_where_skin_is_and_only_when_asked() -> None:
    pixels, _ = _marked(64, 64)
    skin = np.zeros((8, 8), np.float32)
    skin[:, :4] = 1
    config = replace(STILL, tone_ita_degrees=40.0)
    darker = [camera_view(pixels, config=config, random=np.random.default_rng(seed), skin=skin) for seed in range(4)]
    changes = [np.abs(view.astype(int) - pixels) for view in darker]
    assert max(change[:, :24].mean() for change in changes) > 5
    assert max(change[:, 44:].max() for change in changes) <= 1


def test_gentler_views_keep_the_lesion_as_strictly() -> None:
    config = AugmentConfig(tone_ita_degrees=20.0, lesion_kept=0.5)
    assert gentler(config, 0.5).lesion_kept == 0.5
    assert gentler(config, 0.5).tone_ita_degrees == 10.0
