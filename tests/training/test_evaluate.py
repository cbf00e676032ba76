import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from flexura.clinical.context import CONTEXT_NAMES
from flexura.errors import BundleMissing, ManifestError
from flexura.features import FEATURE_NAMES
from flexura.model.checkpoint import CheckpointInfo, save_checkpoint
from flexura.model.network import Network, NetworkConfig
from flexura.training.datasets import CODES, LabelledPhoto
from flexura.training.evaluate import evaluate, intervals_of, source_shortcut


def test_a_bundle_is_measured_on_the_test_fold_alone(tiny_bundle: Path, data_folder: Path, tmp_path: Path) -> None:
    figures = evaluate(tiny_bundle, data_folder, tmp_path)
    written = json.loads((tmp_path / "evaluation.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(figures))
    # Six photos of fold 4, two of each code; the tiny network always says atopic dermatitis first.
    assert written["all_codes"]["photos"] == 6
    assert written["all_codes"]["top1"] == pytest.approx(1 / 3)
    assert written["calibration"]["set_coverage"] >= 1 / 3
    assert written["signs_kappa"]["photos"] == 3
    assert written["within_source"] == {}


def test_figures_without_a_value_are_null_and_not_nan(tiny_bundle: Path, data_folder: Path, tmp_path: Path) -> None:
    evaluate(tiny_bundle, data_folder, tmp_path)
    text = (tmp_path / "evaluation.json").read_text(encoding="utf-8")
    assert "NaN" not in text
    # The readings of the fold say IGA 2 of all, and so does the network.
    assert json.loads(text)["signs_kappa"]["iga"] is None


def test_folder_without_the_test_fold_is_refused(tiny_bundle: Path, data_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(data_folder, tmp_path / "data")
    with (tmp_path / "data/photos.csv").open(newline="", encoding="utf-8") as opened:
        rows = list(csv.reader(opened))
    with (tmp_path / "data/photos.csv").open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows(row for row in rows if row[-1] != "4")
    with pytest.raises(ManifestError, match="fold 4"):
        evaluate(tiny_bundle, tmp_path / "data", tmp_path)


def test_missing_model_is_refused(data_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleMissing):
        evaluate(tmp_path / "none.safetensors", data_folder, tmp_path)


def test_a_checkpoint_is_measured_on_the_sources_kept_out_of_its_training(data_folder: Path, tmp_path: Path) -> None:
    network = Network(NetworkConfig(len(CODES), len(CONTEXT_NAMES), len(FEATURE_NAMES), layer4_blocks=0))
    info = CheckpointInfo(CODES, CONTEXT_NAMES, "1", "test", "0", "0", 0, 64, (0, 1, 2), 0, ("home",))
    save_checkpoint(tmp_path / "network.safetensors", network, info)
    figures = evaluate(tmp_path / "network.safetensors", data_folder, tmp_path)
    kept_out = figures["sources_kept_out_of_training"]
    assert isinstance(kept_out, dict)
    # Every second photo of all five folds; a third of them, and all contact dermatitis, is eczema.
    assert (kept_out["top1"]["photos"], kept_out["photos"], kept_out["eczema photos"]) == (15, 15, 10)
    assert kept_out["network"] == "the recipe test, seed 0, without home"
    assert kept_out["top1"]["low"] <= kept_out["top1"]["estimate"] <= kept_out["top1"]["high"]
    assert "calibration" not in figures
    # Only a bundle has a card.
    assert not (tmp_path / "card.json").exists()


def _photo(code: str, source: str, patient: int = 0, skin_type: int | None = None) -> LabelledPhoto:
    blank = np.zeros((8, 8, 3), np.uint8)
    return LabelledPhoto("p.jpg", code, source, f"patient {patient}", 4, blank, skin_type=skin_type)


def test_source_shortcut_by_hand() -> None:
    tinea, acne, psoriasis = (CODES.index(code) for code in ("tinea", "acne", "psoriasis"))
    held = {"a": {psoriasis, tinea}, "b": {psoriasis, acne}}
    photos = [_photo("psoriasis", "a"), _photo("psoriasis", "b"), _photo("tinea", "a")]
    probabilities = np.full((3, len(CODES)), 1e-12)
    probabilities[0, [psoriasis, tinea, acne]] = 0.5, 0.4, 0.1
    probabilities[1, [psoriasis, tinea, acne]] = 0.6, 0.15, 0.25
    found = source_shortcut(np.log(probabilities), photos, held)
    assert found == {
        "mass on codes of a alone, photos of a": pytest.approx(0.4),
        "mass on codes of b alone, photos of a": pytest.approx(0.1),
        "mass on codes of b alone, photos of b": pytest.approx(0.25),
        "mass on codes of a alone, photos of b": pytest.approx(0.15),
    }
    assert source_shortcut(np.log(probabilities[:1]), photos[:1], held) == {}


def test_intervals_hold_whole_patients_and_name_their_groups() -> None:
    # One patient with twenty right photos, twenty patients with one wrong photo each.
    photos = [_photo("acne", "a", 0, 2) for _ in range(20)]
    photos += [_photo("psoriasis", "b", 1 + n, 5 if n < 19 else 6) for n in range(20)]
    probabilities = np.full((40, len(CODES)), 0.5 / (len(CODES) - 1))
    probabilities[:, CODES.index("acne")] = 0.5
    found = intervals_of(probabilities, photos)
    assert "top1, skin type 6" not in found
    assert found["eczema_auc"] is None
    whole = found["top1"]
    assert whole is not None
    assert (whole["estimate"], whole["photos"]) == (0.5, 40)
    # Single photos would give about 0.35 to 0.65; the one patient may be drawn never or often.
    assert whole["low"] == 0
    assert whole["high"] > 0.7
    # All of one patient: no interval, and none is invented.
    assert found["top1, source a"] is None
    assert found["top1, source b"] == {"estimate": 0.0, "low": 0.0, "high": 0.0, "photos": 20}
