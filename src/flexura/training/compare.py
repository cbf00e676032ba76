"""Two bundles on the same held-out photos: the gate that a retrained model must pass."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from flexura.errors import RecipeError
from flexura.inference.adoption import COMPARISON, identify
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import Predictor
from flexura.monitoring.gate import Verdict, compare_models
from flexura.training.datasets import manifest_sha256, read_manifest
from flexura.training.predictions import predict_graphs


def compare_bundles(current: Path | None, candidate: Path, data: Path, *, fold: int) -> Verdict:
    """Compare the share of right first diagnoses.

    Parameters
    ----------
    current : Path | None
        The bundle in force; the shipped one if `None`.
    candidate : Path
        The bundle that shall replace it.
    data : Path
        Folder with `photos.csv`, whose folds keep each patient together.
    fold : int
        The photos to compare on; neither bundle may have learned from them.

    Returns
    -------
    Verdict
        By skin type, site and diagnosis.

    Raises
    ------
    RecipeError
        When the fold holds no photos, or the candidate was trained on it.
    """
    photos = [photo for photo in read_manifest(data) if photo.fold == fold]
    if not photos:
        raise RecipeError(f"fold {fold} holds no photos; give one that does")
    new = load_bundle(candidate)
    learned = new.origin.get("train_folds")
    if isinstance(learned, list | tuple) and fold in learned:
        raise RecipeError(f"the candidate was trained on fold {fold}; compare on one that it never saw")
    truth = np.array([photo.label for photo in photos])
    before, after = (
        (predict_graphs(Predictor(bundle), photos).logits.argmax(1) == truth).astype(float)
        for bundle in (load_bundle(current), new)
    )
    subgroups = {
        "skin type": np.array([str(photo.skin_type or "") for photo in photos]),
        "site": np.array([(photo.reading and photo.reading.site) or "" for photo in photos]),
        "diagnosis": np.array([photo.code for photo in photos]),
    }
    return compare_models(before, after, np.array([photo.group for photo in photos]), subgroups=subgroups)


def describe_comparison(
    verdict: Verdict, current: Path | None, candidate: Path, *, data: Path, fold: int
) -> dict[str, Any]:
    """Describe a comparison for whoever signs it.

    Parameters
    ----------
    verdict : Verdict
        Of the two bundles.
    current : Path | None
        The bundle in force; the shipped one if `None`.
    candidate : Path
        The bundle that shall replace it.
    data : Path
        The folder they were compared on.
    fold : int
        Of which fold.

    Returns
    -------
    dict[str, Any]
        "flexura.comparison/1", JSON-ready: both bundles by name, the photos by hash, all figures, and the reasons
        against the candidate, none where it passed.
    """
    return {
        "schema": COMPARISON,
        "current": identify(current),
        "candidate": identify(candidate),
        "manifest_sha256": manifest_sha256(data),
        "fold": fold,
        "reasons": list(verdict.reasons),
        "too_few_to_tell": list(verdict.untold),
        "overall": asdict(verdict.overall),
        "subgroups": [asdict(each) for each in verdict.subgroups],
    }
