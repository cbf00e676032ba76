"""A clinic's own calibration: fits its cases, keeps the network, touches no bundle that is there."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from flexura.decision.calibration import Calibration, softmax
from flexura.errors import CalibrationError, OutputUnwritable
from flexura.inference.bundle import load_bundle
from flexura.training.datasets import CODES
from flexura.training.refit import FEWEST_PATIENTS, FEWEST_PHOTOS, Cases, compared, refit, refitted, shifted

Clinic = Callable[[int, int], Path]


@pytest.fixture(scope="module")
def clinic(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """Makes a data folder of so many photos of so many patients, of the thirty rendered ones over and over."""

    def make(photos: int, patients: int) -> Path:
        folder = tmp_path_factory.mktemp("clinic")
        (folder / "photos").mkdir()
        with (data_folder / "photos.csv").open(newline="", encoding="utf-8") as opened:
            known = list(csv.DictReader(opened))
        with (folder / "photos.csv").open("w", newline="", encoding="utf-8") as opened:
            table = csv.DictWriter(opened, known[0])
            table.writeheader()
            for number in range(photos):
                row, name = known[number % len(known)], f"{number}.jpg"
                (folder / "photos" / name).write_bytes((data_folder / "photos" / row["file"]).read_bytes())
                table.writerow(row | {"file": name, "group": f"patient {number % patients}", "fold": 0})
        return folder

    return make


@pytest.fixture(scope="module")
def enough(clinic: Clinic) -> Path:
    return clinic(FEWEST_PHOTOS, FEWEST_PATIENTS)


def drawn(count: int, *, scale: float) -> Cases:
    """Logits `scale` times as large as the true log-odds, of tan skin, one patient each."""
    rng = np.random.default_rng(0)
    honest = rng.normal(size=(count, len(CODES))) * 2
    labels = (softmax(honest).cumsum(1) > rng.random((count, 1))).argmax(1)
    return Cases(honest * scale, np.full(count, 20.0), labels, np.arange(count))


def test_the_copy_is_whole_and_only_its_confidence_is_new(tiny_bundle: Path, enough: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in tiny_bundle.iterdir()}
    figures = refit(tiny_bundle, enough, tmp_path / "own", version="2")
    old, new = load_bundle(tiny_bundle), load_bundle(tmp_path / "own")
    assert {path.name: path.read_bytes() for path in tiny_bundle.iterdir()} == before
    assert (new.info.version, new.info.sha256) == ("2", old.info.sha256)
    kept = replace(
        new.calibration,
        temperature=old.calibration.temperature,
        conformal=old.calibration.conformal,
        tone_scores=old.calibration.tone_scores,
        expected_calibration_error=old.calibration.expected_calibration_error,
    )
    assert kept == old.calibration
    assert new.calibration.temperature == figures["temperature_after"] != old.calibration.temperature
    assert sum(len(group.scores) for group in new.calibration.tone_scores) == FEWEST_PHOTOS
    assert new.figures["refit"] == figures
    described = json.loads((tmp_path / "own" / "bundle.json").read_text(encoding="utf-8"))["origin"]
    assert described["refitted_from"] == old.info.version
    assert (described["refitted_on"]["photos"], described["refitted_on"]["patients"]) == (100, 50)


def test_a_bundle_that_is_there_is_never_overwritten(tiny_bundle: Path, enough: Path) -> None:
    with pytest.raises(OutputUnwritable, match="new folder"):
        refit(tiny_bundle, enough, tiny_bundle, version="2")


def test_a_bundle_that_does_not_tell_its_shares_is_refused_before_anything_is_written(
    tiny_bundle: Path, enough: Path, tmp_path: Path
) -> None:
    with pytest.raises(CalibrationError, match="exported since"):
        refit(tiny_bundle, enough, tmp_path / "own", version="2", prevalence="clinic")
    assert not (tmp_path / "own").exists()


@pytest.mark.parametrize(
    ("photos", "patients"), [(FEWEST_PHOTOS - 1, FEWEST_PATIENTS), (FEWEST_PHOTOS, FEWEST_PATIENTS - 1)]
)
def test_too_few_cases_are_refused_before_anything_is_written(
    photos: int, patients: int, clinic: Clinic, tiny_bundle: Path, tmp_path: Path
) -> None:
    with pytest.raises(CalibrationError, match=f"{photos} photos of {patients} patients"):
        refit(tiny_bundle, clinic(photos, patients), tmp_path / "own", version="2")
    assert not (tmp_path / "own").exists()


def test_it_finds_how_overconfident_the_network_is_at_the_clinic(tiny_bundle: Path) -> None:
    shipped: Calibration = replace(load_bundle(tiny_bundle).calibration, temperature=1.0)
    cases = drawn(800, scale=3.0)
    new = refitted(shipped, cases)
    assert new.temperature == pytest.approx(3.0, rel=0.1)
    found = compared(shipped, new, cases, fit=partial(refitted, shipped))
    assert found["calibration_error_after"] < 0.1 < found["calibration_error_before"]
    # Four standard errors of the half that fits and of all that are counted.
    assert found["set_coverage_after"] == pytest.approx(0.9, abs=4 * (0.09 * (1 / 400 + 1 / 800)) ** 0.5)
    assert found["set_coverage_before"] < 0.85


def test_the_shares_of_a_clinic_make_its_answers_better(tiny_bundle: Path) -> None:
    """Cases drawn anew so that eczema, every seventh code here, is ten times as common as at home."""
    home = drawn(4000, scale=1.0)
    shipped = load_bundle(tiny_bundle).calibration
    told = tuple(map(float, softmax(home.logits).mean(axis=0)))
    exported = replace(shipped, temperature=1.0, prevalence=told)
    weights = np.where(home.truth % 7 == 0, 10.0, 1.0)
    rows = np.random.default_rng(1).choice(len(weights), size=1500, p=weights / weights.sum())
    clinic = home.part(rows)
    plain, own = (refitted(exported, clinic, prevalence=whose) for whose in ("bundle", "clinic"))
    found = [
        compared(exported, new, clinic, fit=partial(refitted, exported, prevalence=whose))
        for new, whose in ((plain, "bundle"), (own, "clinic"))
    ]
    assert found[1]["top1_after"] > found[0]["top1_after"] + 0.05
    assert found[1]["set_coverage_after"] == pytest.approx(0.9, abs=0.04)
    common = np.arange(len(told)) % 7 == 0
    offsets = np.array(own.logit_offsets)
    assert offsets[common].min() > max(0.5, offsets[~common].max())
    assert offsets[~common].mean() < -0.4
    assert own.prevalence == plain.prevalence == ()
    with pytest.raises(CalibrationError, match="exported since"):
        shifted(own, clinic)
