import pytest

from flexura.training.consistency import TERMS
from flexura.training.datasets import CODES, LabelledPhoto
from flexura.training.recipe import LossConfig
from flexura.training.tasks import code_weights, task_weights


def test_rare_codes_count_more_and_photos_one_on_average(photos: list[LabelledPhoto]) -> None:
    psoriasis = [photo for photo in photos if photo.code == "psoriasis"]
    some = [photo for photo in photos if photo.code == "atopic_dermatitis"][:8] + psoriasis[:2]
    weights = code_weights(some, 0.5)
    rare, common = (float(weights[CODES.index(code)]) for code in ("psoriasis", "atopic_dermatitis"))
    assert rare / common == pytest.approx((8 / 2) ** 0.5)
    assert (8 * common + 2 * rare) / 10 == pytest.approx(1)
    assert float(weights[CODES.index("acne")]) == 1
    assert code_weights(some, 0.0).unique().tolist() == [1.0]


def test_a_task_of_no_weight_is_no_task() -> None:
    assert set(task_weights(LossConfig())) == {"diagnosis", "signs", "iga", "maps", "overlap", "area", "teacher"}
    config = LossConfig(maps=0.0, family=1.0, keep=0.5, **dict.fromkeys(TERMS, 0.1))
    weights = task_weights(config)
    assert "overlap" not in weights
    assert (weights["family"], weights["keep"]) == (1.0, 0.5)
    assert set(TERMS) <= set(weights)
