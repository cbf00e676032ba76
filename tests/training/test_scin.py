import csv
from pathlib import Path

import numpy as np
import pytest

from flexura.clinical.context import CONTEXT_NAMES
from flexura.errors import ManifestError
from flexura.training.scin import is_held_out, read_cases, read_context_pool

_CASE = {
    "age_group": "AGE_40_TO_49",
    "sex_at_birth": "FEMALE",
    "fitzpatrick_skin_type": "FST5",
    "condition_duration": "ONE_TO_THREE_MONTHS",
    "condition_symptoms_itching": "YES",
    "condition_symptoms_burning": "",
}
_PARTS = (
    "head_or_neck", "arm", "palm", "back_of_hand", "torso_front", "torso_back", "buttocks", "leg",
    "foot_top_or_side", "foot_sole",
)  # fmt: skip

# Names that the hash does not hold out.
_TRAINING = [name for name in map(str, range(40)) if not is_held_out(name)]


def _write(folder: Path, cases: list[dict[str, str]], labels: list[str]) -> Path:
    parts = {f"body_parts_{part}": "" for part in _PARTS}
    with (folder / "scin_cases.csv").open("w", newline="", encoding="utf-8") as opened:
        table = csv.DictWriter(opened, ["case_id", *_CASE, *parts])
        table.writeheader()
        table.writerows({"case_id": name} | _CASE | parts | case for name, case in zip(_TRAINING, cases, strict=False))
    with (folder / "scin_labels.csv").open("w", newline="", encoding="utf-8") as opened:
        table = csv.DictWriter(opened, ["case_id", "weighted_skin_condition_label"])
        table.writeheader()
        rows = zip(_TRAINING, labels, strict=False)
        table.writerows({"case_id": name, "weighted_skin_condition_label": label} for name, label in rows)
    return folder


def _known(values: np.ndarray) -> dict[str, float]:
    return {
        name: float(value) for name, value in zip(CONTEXT_NAMES, values.tolist(), strict=True) if not np.isnan(value)
    }


def test_answers_become_a_context(tmp_path: Path) -> None:
    pool = read_context_pool(_write(tmp_path, [{"body_parts_palm": "YES"}], ["{'Psoriasis': 1.0}"]))
    context = _known(pool.draw("psoriasis", np.random.default_rng(0)))
    assert context["age"] == pytest.approx((45 - 25) / 50)
    assert (context["is_female"], context["itches"], context["site_hand"], context["site_leg"]) == (1, 1, 1, 0)
    assert context["duration"] == pytest.approx(np.log10(60) / 4, abs=0.01)
    assert context["skin_type"] == pytest.approx((5 - 3.5) / 2.5)


def test_unanswered_questions_are_unknown(tmp_path: Path) -> None:
    silent = dict.fromkeys(_CASE, "")
    pool = read_context_pool(_write(tmp_path, [silent], ["{'Psoriasis': 1.0}"]))
    assert _known(pool.draw("psoriasis", np.random.default_rng(0))) == {}


def test_two_body_parts_are_no_site(tmp_path: Path) -> None:
    both = {"body_parts_palm": "YES", "body_parts_leg": "YES"}
    pool = read_context_pool(_write(tmp_path, [both], ["{'Psoriasis': 1.0}"]))
    assert not any(name.startswith("site_") for name in _known(pool.draw("psoriasis", np.random.default_rng(0))))


def test_every_ticked_box_becomes_a_word(tmp_path: Path) -> None:
    ticked = {"body_parts_arm": "YES", "body_parts_leg": "YES", "condition_symptoms_burning": "YES"}
    (case,) = read_cases(_write(tmp_path, [ticked], ["{'Psoriasis': 0.7, 'Something rare': 0.3}"]))
    assert case.codes == {"psoriasis": 0.7}
    assert case.context.sites == ("forearm", "lower_leg")
    assert case.context.symptoms == ("burning",)  # itch has a field of its own
    assert (case.context.itch, case.context.textures) == (1.0, None)


def test_cases_are_drawn_by_the_dermatologists_weight(tmp_path: Path) -> None:
    men = {"sex_at_birth": "MALE"}
    labels = ["{'Psoriasis': 0.75, 'Urticaria': 0.25}", "{'Psoriasis': 0.25}", "{'Something rare': 1.0}"]
    pool = read_context_pool(_write(tmp_path, [{}, men, {}], labels))
    assert len(pool.values) == 2
    assert pool.weights["psoriasis"].tolist() == [0.75, 0.25]
    random = np.random.default_rng(0)
    assert all(_known(pool.draw("urticaria", random))["is_female"] == 1 for _ in range(20))
    # No case of it: from all alike, so that having a context says nothing.
    drawn = [_known(pool.draw("acne", random))["is_female"] for _ in range(200)]
    assert 0.4 < np.mean(drawn) < 0.6


def test_folder_without_the_tables_or_a_usable_case_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="as published"):
        read_context_pool(tmp_path)
    with pytest.raises(ManifestError, match="no SCIN case"):
        read_context_pool(_write(tmp_path, [{}], ["{'Something rare': 1.0}"]))


def test_a_fifth_is_held_out_of_the_pool(tmp_path: Path) -> None:
    folder = _write(tmp_path, [{}] * 3, ["{'Psoriasis': 1.0}"] * 3)
    for table in ("scin_cases.csv", "scin_labels.csv"):
        text = (folder / table).read_text(encoding="utf-8")
        held = next(name for name in map(str, range(40)) if is_held_out(name))
        (folder / table).write_text(text.replace(f"\n{_TRAINING[0]},", f"\n{held},"), encoding="utf-8")
    assert len(read_cases(folder)) == 3
    assert len(read_context_pool(folder).values) == 2
    assert len(read_context_pool(folder, held_out=True).values) == 1
