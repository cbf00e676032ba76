"""Layers show where the answer's area was counted, and nothing where nothing was seen."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from flexura.decision.calibration import AreaReading
from flexura.report.layers import LAYERS, draw_layer, draw_mask, find_lesion, fit_layer, layers_of, pack_maps

READING = AreaReading()
SIZE = (360, 240)


@pytest.fixture
def maps(prediction):
    return pack_maps(prediction, READING)


def _opacity(png):
    return cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)[..., 3]


def test_packed_maps_are_small_json_and_keep_the_thresholds(prediction):
    packed = pack_maps(prediction, replace(READING, lesion_threshold=0.4))
    assert packed["lesion_threshold"] == 0.4
    assert (packed["height"], packed["width"]) == prediction.lesion_map.shape
    assert json.loads(json.dumps(packed)) == packed


def test_the_lesion_is_where_both_maps_are_above_their_thresholds(prediction, maps):
    inside = find_lesion(maps, SIZE)
    height, width = prediction.lesion_map.shape
    counted = (prediction.lesion_map >= 0.5) & (prediction.skin_map >= 0.5)
    assert counted.any()
    cells = cv2.resize(inside.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA) >= 0.5
    assert (cells == counted).mean() > 0.95


def test_layers_have_the_asked_size_and_are_clear_where_nothing_is(maps):
    for layer in LAYERS:
        opacity = _opacity(draw_layer(maps, layer, SIZE))
        assert opacity.shape == (240, 360)
        assert (opacity == 0).any()
        assert opacity.max() == (round(255 * 0.55) if layer == "attention" else 255)  # it has no line, only a tint


def test_without_skin_no_layer_shows_anything(prediction):
    nowhere = pack_maps(replace(prediction, skin_map=np.zeros_like(prediction.skin_map)), READING)
    assert not find_lesion(nowhere, SIZE).any()
    assert not any(_opacity(draw_layer(nowhere, layer, SIZE)).any() for layer in ("lesion", "skin"))


def test_attention_is_tinted_by_its_share_of_the_largest_weight(prediction):
    weights = np.zeros((6, 9), np.float32)
    weights[1, 2], weights[4, 6] = 0.8, 0.2
    opacity = _opacity(draw_layer(pack_maps(replace(prediction, attention=weights), READING), "attention", SIZE))
    cells = opacity[20::40, 20::40]  # the middles of the cells
    strongest = opacity.max()
    assert cells[1, 2] == strongest
    assert cells[4, 6] == pytest.approx(strongest / 4, abs=2)
    assert np.count_nonzero(cells > 2) == 2


def test_older_answers_have_no_attention_to_draw(maps):
    assert layers_of(maps) == LAYERS
    older = {name: value for name, value in maps.items() if name != "attention"}
    assert layers_of(older) == ("lesion", "skin")
    assert layers_of({}) == ()


def test_a_drawn_mask_is_outlined_at_its_edge_only():
    inside = np.zeros((100, 200), bool)
    inside[30:70, 50:150] = True
    opacity = _opacity(draw_mask(inside))
    assert opacity[30, 100] == 255
    assert opacity[50, 100] == 0
    assert opacity[5, 5] == 0


def test_the_longer_side_of_a_layer_is_fixed():
    assert [max(fit_layer(*size)) for size in ((4000, 3000), (10, 5000), (64, 64))] == [512, 512, 512]
    assert min(fit_layer(10, 5000)) == 1
