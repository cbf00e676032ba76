import numpy as np
import pytest
import torch

from flexura.clinical.context import CONTEXT_NAMES
from flexura.features import FEATURE_NAMES
from flexura.model.network import Network, NetworkConfig
from flexura.records import SIGN_NAMES
from flexura.training.datasets import CODES, LabelledPhoto, Reading
from flexura.training.predictions import (
    Predictions,
    diagnosis_figures,
    map_figures,
    own_class_figures,
    predict,
    sign_figures,
    watch,
)

BLANK = np.zeros((8, 8, 3), np.uint8)
NAN = float("nan")


def _photo(code: str, source: str = "a", **more: object) -> LabelledPhoto:
    return LabelledPhoto("p.jpg", code, source, "g", 4, BLANK, **more)  # type: ignore[arg-type]


def _read(grade: float, *, area: float = NAN, iga: float = NAN) -> Reading:
    return Reading(np.full(6, grade, np.float32), iga, area, None)


def _logits(*rows: dict[str, float]) -> np.ndarray:
    logits = np.full((len(rows), len(CODES)), -9.0, np.float32)
    for number, row in enumerate(rows):
        for code, value in row.items():
            logits[number, CODES.index(code)] = value
    return logits


def _grades(*certain: int, grades: int = 4) -> np.ndarray:
    return np.eye(grades, dtype=np.float32)[list(certain)]


def _predictions(signs: np.ndarray, iga: np.ndarray, maps: np.ndarray) -> Predictions:
    count = len(signs)
    findings = np.full((count, len(FEATURE_NAMES)), np.nan, np.float32)
    return Predictions(
        np.zeros((count, len(CODES)), np.float32), signs, iga, maps, np.zeros(count, np.float32), findings, signs
    )


def test_diagnosis_figures_by_hand() -> None:
    photos = [_photo("atopic_dermatitis"), _photo("psoriasis"), _photo("tinea")]
    logits = _logits(
        {"atopic_dermatitis": 5, "psoriasis": 1},
        {"atopic_dermatitis": 4, "psoriasis": 3},
        {"psoriasis": 3, "acne": 2, "urticaria": 1, "tinea": 0},
    )
    figures = diagnosis_figures(logits, photos)
    assert figures == {"photos": 3, "top1": pytest.approx(1 / 3), "top3": pytest.approx(2 / 3), "eczema_auc": 1.0}
    assert diagnosis_figures(logits[1:], photos[1:])["eczema_auc"] is None


def test_a_source_is_compared_over_its_own_codes() -> None:
    photos = [_photo("psoriasis"), _photo("tinea"), _photo("acne", "b")]
    logits = _logits({"acne": 5, "psoriasis": 1}, {"acne": 5, "psoriasis": 1, "tinea": 0}, {"acne": 5})
    figures = own_class_figures(logits, photos, "a")
    assert (figures["photos"], figures["top1"]) == (2, 0.5)


def test_sign_figures_by_hand() -> None:
    photos = [_photo("psoriasis", reading=_read(grade, iga=grade)) for grade in (0, 1, 2, 3)] + [_photo("tinea")]
    signs = np.stack([_grades(*[grade] * 6) for grade in (0, 1, 2, 3, 0)])
    signs[3, 0] = _grades(2)[0]
    iga = _grades(3, 2, 1, 0, 4, grades=5)
    figures = sign_figures(_predictions(signs, iga, np.zeros((5, 2, 2, 2), np.float32)), photos)
    # Erythema 0 1 2 2 read as 0 1 2 3: observed 1, by chance (14 + 6 + 6 + 6) / 4 = 8.
    assert figures["erythema"] == pytest.approx(1 - 1 / 8)
    assert [figures[name] for name in SIGN_NAMES[1:]] == [1.0] * 5
    assert figures["mean_of_signs"] == pytest.approx((5 + 1 - 1 / 8) / 6)
    # Turned round: observed 9 + 1 + 1 + 9 = 20, by chance 40 / 4.
    assert figures["iga"] == pytest.approx(1 - 20 / 10)


def test_signs_that_nobody_read_have_no_figure() -> None:
    blank = np.zeros((2, 2, 2, 2), np.float32)
    predictions = _predictions(np.stack([_grades(*[1] * 6)] * 2), _grades(1, 1, grades=5), blank)
    figures = sign_figures(predictions, [_photo("psoriasis"), _photo("tinea")])
    assert figures == {"photos": 0, **dict.fromkeys(SIGN_NAMES), "mean_of_signs": None, "iga": None}


def test_map_figures_by_hand() -> None:
    outline = np.full((8, 8), 128, np.uint8)
    outline[:4] = 255  # half is lesion
    maps = np.ones((2, 2, 8, 8), np.float32)
    maps[0, 0, 2:] = 0  # a quarter drawn: half of the outline
    maps[1, 0, 6:] = 0
    photos = [
        _photo("psoriasis", outline=outline, reading=_read(1, area=0.5)),
        _photo("psoriasis", reading=_read(1, area=0.65)),
    ]
    figures = map_figures(_predictions(np.zeros((2, 6, 4)), np.zeros((2, 5)), maps), photos)
    assert (figures["photos"], figures["lesion_iou"], figures["skin_iou"]) == (1, 0.5, 1.0)
    # 25 against 50 points, 75 against 65.
    assert (figures["area_photos"], figures["area_within_15_points"]) == (2, 0.5)
    assert figures["area_median_error_points"] == pytest.approx(17.5)


def test_a_photo_is_read_alike_alone_and_among_others(photos: list[LabelledPhoto]) -> None:
    torch.manual_seed(0)
    network = Network(NetworkConfig(len(CODES), len(CONTEXT_NAMES), len(FEATURE_NAMES), layer4_blocks=0)).eval()
    together, alone = predict(network, photos[:5], side=64), predict(network, photos[3:4], side=64)
    assert np.allclose(together.logits[3], alone.logits[0], atol=1e-4)
    assert np.allclose(together.maps[3], alone.maps[0], atol=1e-5)
    assert np.allclose(together.signs.sum(2), 1, atol=1e-5)
    figures = watch(network, photos[1::2], side=64)
    assert figures["photos"] == 15
    assert "signs_kappa" not in figures
