"""The card beside a bundle: the shipped one says what the documents say, and one of another model is refused."""

import json
import re
import shutil
from pathlib import Path

import pytest

from flexura.errors import BundleMismatch
from flexura.inference.bundle import SHIPPED, load_bundle
from flexura.inference.card import CARD_FILE, Figure, Group, read_card

ROOT = Path(__file__).parents[2]
# What docs/evidence.md calls the groups of the card.
_ROWS = {
    "all": "all",
    "skin_type_read": "skin type {}, of the reading",
    "skin_type_told": "skin type {}, of the source",
    "source": "source: {}",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped bundle, whose card may be changed."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "bundle"))


def test_the_shipped_groups_are_those_of_the_evidence() -> None:
    card = read_card(load_bundle())
    assert card is not None
    page = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    table = page.partition("| photos of fold 4 |")[2].partition("\n\n")[0]
    said = re.findall(
        r"^\| ([^|]+) \| (\d+) \| ([\d.]+) \(([\d.]+) to ([\d.]+)\) \| (\S+) \| (\d+) \| (\S+) \| (\S+) \|$",
        table,
        re.M,
    )
    shown = [(_ROWS[row.by].format(row.name), *_numbers(row)) for row in card.groups]
    assert shown == [(name, *map(float, numbers)) for name, *numbers in said]
    assert len(shown) == 8


def _numbers(row: Group) -> tuple[float | None, ...]:
    assert row.interval is not None
    sure = (row.photos, row.top1, *row.interval, row.top3)
    return (*sure, row.eczema_photos, row.eczema_auc, row.calibration_error)


def test_the_shipped_figures_are_those_of_the_readme() -> None:
    card = read_card(load_bundle())
    assert card is not None
    assert card.unseen is not None
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    whole = {row.name: row for row in card.figures}
    unseen = {row.name: row for row in card.unseen.figures}
    top1, top3, auc = (whole[name] for name in ("top1", "top3", "eczema_auc"))
    for line in (
        f"top-1 / top-3 | {_said(top1)} / {_said(top3)} |",
        f"AUC | {_said(auc)} |",
        f"calibration error | {_short(whole['calibration_error'].value)} |",
        f"mean IoU | {_short(whole['outline_iou'].value)} |",
        f"{whole['area_error_points'].value} points",
        f"quadratic-weighted kappa | {_short(whole['signs_kappa'].value)} (",
        f"IGA, quadratic-weighted kappa | {_short(whole['iga_kappa'].value)} |",
        " / ".join(_said(unseen[name]) for name in ("top1", "top3", "eczema_auc")),
    ):
        assert line in page, line
    coverage = {row.name: row.coverage for row in card.tones}
    assert coverage == {"brown or dark": 0.87, "tan": 0.77, "light": 0.83}
    assert "(brown or dark .87, tan .77, light .83)" in page


def _short(value: float) -> str:
    return f"{value:g}".removeprefix("0")


def _said(figure: Figure) -> str:
    assert figure.interval is not None
    low, high = figure.interval
    return f"{figure.value:.2f} ({low:.2f} to {high:.2f})".replace("0.", ".")


def test_a_bundle_without_a_card_has_none(folder: Path) -> None:
    (folder / CARD_FILE).unlink()
    assert read_card(load_bundle(folder)) is None


@pytest.mark.parametrize("change", [{"model": {"name": "main", "version": "0"}}, {"format": "x"}, {"groups": [{}]}])
def test_a_card_of_another_model_or_none_at_all_is_refused(folder: Path, change: dict[str, object]) -> None:
    path = folder / CARD_FILE
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")
    with pytest.raises(BundleMismatch, match=CARD_FILE):
        read_card(load_bundle(folder))


def test_a_card_that_is_no_json_is_refused(folder: Path) -> None:
    (folder / CARD_FILE).write_text("{", encoding="utf-8")
    with pytest.raises(BundleMismatch, match=CARD_FILE):
        read_card(load_bundle(folder))
