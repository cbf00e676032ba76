"""The card and the tables that `flexura evaluate` writes say what `evaluation.json` says, and the card can be read."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from flexura.errors import ManifestError
from flexura.inference.bundle import SHIPPED, load_bundle
from flexura.inference.card import CARD_FILE, Card, Figure, read_card
from flexura.training.card import TABLES_FILE, read_unseen, write_tables
from flexura.training.evaluate import evaluate


@pytest.fixture(scope="module")
def measured(tiny_bundle: Path, data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any, Card]:
    """Folder, evaluation and card of the tiny bundle on thirty rendered photos: 24 of a home, 22 of type 3."""
    data = Path(shutil.copytree(data_folder, tmp_path_factory.mktemp("whole") / "data"))
    with (data / "photos.csv").open(newline="", encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    with (data / "photos.csv").open("w", newline="", encoding="utf-8") as opened:
        table = csv.DictWriter(opened, [*rows[0], "skin_type"])
        table.writeheader()
        for number, row in enumerate(rows):
            source = "home" if number < 24 else "clinic"
            table.writerow(row | {"fold": 4, "source": source, "skin_type": 3 if number < 22 else ""})
    out = data.with_name("out")
    evaluate(tiny_bundle, data, out, unseen=SHIPPED / CARD_FILE)
    bundle = Path(shutil.copytree(tiny_bundle, data.with_name("bundle")))
    shutil.copy(out / CARD_FILE, bundle)
    card = read_card(load_bundle(bundle))
    assert card is not None
    return out, json.loads((out / "evaluation.json").read_text(encoding="utf-8")), card


def test_the_card_says_what_the_evaluation_says(measured: tuple[Path, Any, Card]) -> None:
    _, told, card = measured
    whole = told["subgroups"]["all"]
    figures = {row.name: row for row in card.figures}
    assert card.photos == whole["photos"] == 30
    # Ten photos of each of three codes; the tiny network always says atopic dermatitis first.
    assert figures["top1"].value == round(told["intervals"]["top1"]["estimate"], 2) == 0.33
    for name in ("top1", "top3", "eczema_auc"):
        bounds = told["intervals"][name]
        assert figures[name].interval == (round(bounds["low"], 2), round(bounds["high"], 2))
        assert figures[name].value == round(whole[name], 2)
    assert figures["calibration_error"] == Figure(
        "calibration_error", round(told["calibration"]["expected_calibration_error"], 3)
    )
    assert figures["signs_kappa"].value == round(told["signs_kappa"]["mean_of_signs"], 2)
    assert figures["outline_iou"].value == round(told["maps"]["lesion_iou"], 2)
    assert figures["area_error_points"].value == round(told["maps"]["area_median_error_points"], 1)
    # All readings and all answers say IGA 2: a kappa has no value, and none is invented.
    assert "iga_kappa" not in figures
    assert card.not_known == ("age", "sex")


def test_groups_and_tones_of_the_card_are_those_of_the_evaluation(measured: tuple[Path, Any, Card]) -> None:
    _, told, card = measured
    assert [(row.by, row.name, row.photos) for row in card.groups] == [
        ("all", "", 30),
        ("skin_type_told", "3-4", 22),
        ("source", "home", 24),
    ]
    for row, given in zip(card.groups, told["subgroups"].values(), strict=True):
        assert given["interval"] is not None
        assert row.interval == (round(given["interval"]["low"], 2), round(given["interval"]["high"], 2))
        assert (row.top1, row.top3) == (round(given["top1"], 2), round(given["top3"], 2))
        assert row.eczema_photos == given["eczema_photos"]
    sets = told["calibration"]["sets_by_tone"]
    assert [(row.name.replace(" ", "_"), row.photos, row.coverage) for row in card.tones] == [
        (name, sets[name]["photos"], round(sets[name]["coverage"], 2))
        for name in ("brown_or_dark", "tan", "light")
        if name in sets
    ]
    assert len(card.tones) >= 2


def test_figures_of_unseen_sources_go_on_from_an_earlier_card(measured: tuple[Path, Any, Card]) -> None:
    shipped = read_card(load_bundle())
    assert shipped is not None
    assert measured[2].unseen == shipped.unseen is not None


def test_the_tables_say_what_the_evaluation_says(measured: tuple[Path, Any, Card]) -> None:
    out, told, card = measured
    tables = (out / TABLES_FILE).read_text(encoding="utf-8")
    row = card.groups[0]
    assert row.interval is not None
    assert row.eczema_auc is not None
    said = f"{row.top1:.2f} ({row.interval[0]:.2f} to {row.interval[1]:.2f}) | {row.top3:.2f} | {row.eczema_photos}"
    assert f"| all | 30 | {said} | {row.eczema_auc:.2f} | {row.calibration_error:.2f} |" in tables
    assert "| papulosquamous | 10 | 0 |" in tables
    assert "| psoriasis | 10 | 0 |" in tables
    assert told["by_code"]["psoriasis"]["instead"] == {"atopic_dermatitis": 10}


def test_a_table_without_interval_or_auc_says_so(tmp_path: Path) -> None:
    row = {"photos": 3, "top1": 1.0, "interval": None, "top3": 1.0, "eczema_photos": 3, "eczema_auc": None}
    figures = {
        "fold": 4,
        "subgroups": {"all": row | {"calibration_error": 0.25}},
        "confusion_of_groups": {},
        "by_code": {},
    }
    write_tables(tmp_path, figures)
    assert "| all | 3 | 1.00 | 1.00 | 3 | none | 0.25 |" in (tmp_path / TABLES_FILE).read_text(encoding="utf-8")


def test_unseen_sources_of_a_checkpoint_become_those_of_a_card(tmp_path: Path) -> None:
    known = {"estimate": 0.123, "low": 0.041, "high": 0.212, "photos": 84}
    kept_out = {
        "network": "the recipe x",
        "photos": 84,
        "eczema photos": 5,
        "top1": known,
        "top3": known,
        "eczema_auc": None,
    }
    path = tmp_path / "evaluation.json"
    path.write_text(json.dumps({"sources_kept_out_of_training": kept_out}), encoding="utf-8")
    figure = {"value": 0.12, "interval": [0.04, 0.21]}
    assert read_unseen(path) == {
        "photos": 84,
        "network": "the recipe x",
        "figures": [{"name": "top1"} | figure, {"name": "top3"} | figure],
    }


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"format": "flexura.card/1", "unseen_sources": null}'])
def test_a_file_without_unseen_sources_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "evaluation.json").write_text(text, encoding="utf-8")
    with pytest.raises(ManifestError, match="tells nothing of sources"):
        read_unseen(tmp_path / "evaluation.json")
