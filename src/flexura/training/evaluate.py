"""Measure a bundle or a checkpoint on a fold that did not train it, and write the figures."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from flexura.decision.calibration import Array, probabilities_of, softmax
from flexura.errors import ManifestError, MetricUndefined
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import Predictor
from flexura.model.checkpoint import CheckpointInfo, load_checkpoint
from flexura.model.network import Network
from flexura.monitoring import metrics
from flexura.monitoring.intervals import bootstrap_interval
from flexura.training.card import read_unseen, write_card, write_tables
from flexura.training.certainty import certainty_figures
from flexura.training.datasets import LabelledPhoto, read_manifest
from flexura.training.predictions import (
    ECZEMA,
    Predictions,
    diagnosis_figures,
    map_figures,
    own_class_figures,
    predict,
    predict_graphs,
    sign_figures,
)
from flexura.training.subgroups import (
    FEWEST_OF_A_GROUP,
    code_figures,
    first_readings,
    group_confusion,
    subgroup_figures,
    subgroups,
)

TEST_FOLD = 4
IntArray = npt.NDArray[np.int64]


def evaluate(model: Path, data: Path, out: Path, *, unseen: Path | None = None) -> dict[str, object]:
    """Measure a model on the test fold and write `evaluation.json`, for a bundle its card, tables and two pictures too.

    Parameters
    ----------
    model : Path
        A bundle's folder or a checkpoint.
    data : Path
        Folder with `photos.csv`.
    out : Path
        Folder for the figures.
    unseen : Path, optional
        Figures of sources that a training never saw, for the card of a bundle; see `read_unseen`.

    Returns
    -------
    dict
        What was written: figures of diagnosis, calibration, subgroups, signs and maps; for a checkpoint that
        was trained without some sources, those of their photos in all folds too.

    Raises
    ------
    BundleMissing
        If there is no such model.
    ManifestError
        If the data folder cannot be read or has no photo of the test fold, or `unseen` has no such figures.
    """
    torch.manual_seed(0)
    never_seen = read_unseen(unseen) if unseen else None
    everything = read_manifest(data)
    photos = [photo for photo in everything if photo.fold == TEST_FOLD]
    if not photos:
        raise ManifestError(f"no photo of fold {TEST_FOLD}, which the figures are measured on")
    figures: dict[str, object] = {"fold": TEST_FOLD}
    out.mkdir(parents=True, exist_ok=True)
    if model.is_dir():
        bundle = load_bundle(model)
        predictions = predict_graphs(Predictor(bundle), photos)
        figures["model"] = {"name": bundle.info.name, "version": bundle.info.version}
        figures |= certainty_figures(predictions, photos, bundle.calibration, out)
        figures |= _parts_of(probabilities_of(predictions.logits, bundle.calibration), photos, first_readings(data))
        figures |= figures_of(predictions, photos)
        write_card(out, figures, bundle.info, unseen=never_seen)
        write_tables(out, figures)
    else:
        network, info = load_checkpoint(model)
        predictions = predict(network, photos, side=info.side)
        figures |= figures_of(predictions, photos) | _kept_out(network, info, everything)
    figures["source_shortcut"] = source_shortcut(predictions.logits, photos, _codes_of_sources(everything))
    (out / "evaluation.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return figures


def _parts_of(
    probabilities: Array, photos: Sequence[LabelledPhoto], readings: Mapping[str, Mapping[str, str]]
) -> dict[str, object]:
    truth = np.array([photo.label for photo in photos])
    return {
        "intervals": intervals_of(probabilities, photos),
        "subgroups": subgroup_figures(probabilities, photos, subgroups(photos, readings)),
        "confusion_of_groups": group_confusion(probabilities, truth),
        "by_code": code_figures(probabilities, truth),
    }


def _kept_out(network: Network, info: CheckpointInfo, photos: Sequence[LabelledPhoto]) -> dict[str, object]:
    """Figures of the sources that did not train a checkpoint; none where all did."""
    unseen = [photo for photo in photos if photo.source in info.unseen_sources]
    if not unseen:
        return {}
    found: dict[str, object] = {
        "network": f"the recipe {info.recipe_name}, seed {info.seed}, without {', '.join(info.unseen_sources)}",
        "photos": len(unseen),
        "eczema photos": sum(bool(ECZEMA[photo.label]) for photo in unseen),
    }
    found |= intervals_of(softmax(predict(network, unseen, side=info.side).logits), unseen)
    return {"sources_kept_out_of_training": found}


def intervals_of(probabilities: Array, photos: Sequence[LabelledPhoto]) -> dict[str, dict[str, float] | None]:
    """95 % intervals by resampling patients, whole and by source and skin type; groups under 20 photos are left out."""
    truth = np.array([photo.label for photo in photos])
    patients = np.array([photo.group for photo in photos])
    eczema = probabilities[:, ECZEMA].sum(1)

    def top1(rows: IntArray) -> float:
        return metrics.top_k_accuracy(probabilities[rows], truth[rows], k=1)

    def top3(rows: IntArray) -> float:
        return metrics.top_k_accuracy(probabilities[rows], truth[rows], k=3)

    def auc(rows: IntArray) -> float:
        return metrics.roc_auc(eczema[rows], ECZEMA[truth[rows]])

    whole = {"top1": top1, "top3": top3, "eczema_auc": auc}
    found = {name: _interval(each, patients) for name, each in whole.items()}
    parts = {f"source {photo.source}" for photo in photos} | {f"skin type {photo.skin_type}" for photo in photos}
    for part in sorted(parts):
        own = [part in (f"source {photo.source}", f"skin type {photo.skin_type}") for photo in photos]
        rows = np.flatnonzero(own)
        if len(rows) >= FEWEST_OF_A_GROUP:
            found[f"top1, {part}"] = _interval(partial(_of_rows, top1, rows), patients[rows])
    return found


def _of_rows(statistic: Callable[[IntArray], float], rows: IntArray, chosen: IntArray) -> float:
    return statistic(rows[chosen])


def _interval(statistic: Callable[[IntArray], float], patients: Array) -> dict[str, float] | None:
    try:
        interval = bootstrap_interval(statistic, patients, seed=0)
    except MetricUndefined:
        return None
    return {"estimate": interval.estimate, "low": interval.low, "high": interval.high, "photos": len(patients)}


def _codes_of_sources(photos: Sequence[LabelledPhoto]) -> dict[str, set[int]]:
    held: dict[str, set[int]] = {}
    for photo in photos:
        held.setdefault(photo.source, set()).add(photo.label)
    return held


def source_shortcut(logits: Array, photos: Sequence[LabelledPhoto], held: dict[str, set[int]]) -> dict[str, float]:
    """Whether the camera decides: mass given to codes that only one source holds, by the photo's source.

    Compares the two sources with the most photos, on photos whose true code both hold. A network
    that recognises cameras gives much of its mass to the codes of the photo's own source; one
    that does not, alike from both.

    Parameters
    ----------
    logits : Array
        (N, T).
    photos : Sequence[LabelledPhoto]
        Of the test fold.
    held : dict[str, set[int]]
        The codes of each source in the whole manifest.

    Returns
    -------
    dict[str, float]
        Mean mass on codes of each source alone, for photos of each; empty with fewer than two
        sources, or where one holds nothing alone or no photo of a shared code.
    """
    probabilities = softmax(logits)
    largest = [source for source, _ in Counter(photo.source for photo in photos).most_common(2)]
    if len(largest) < 2:
        return {}
    shared = held[largest[0]] & held[largest[1]]
    found = {}
    for source in largest:
        rows = [row for row, photo in enumerate(photos) if photo.source == source and photo.label in shared]
        for holder, other in zip(largest, largest[::-1], strict=True):
            alone = sorted(held[holder] - held[other])
            if rows and alone:
                name = f"mass on codes of {holder} alone, photos of {source}"
                found[name] = float(probabilities[rows][:, alone].sum(1).mean())
    return found


def figures_of(predictions: Predictions, photos: Sequence[LabelledPhoto]) -> dict[str, object]:
    """All figures that need no calibration; those within a source compare only the codes that it holds."""
    counts = Counter(photo.source for photo in photos)
    return {
        "all_codes": diagnosis_figures(predictions.logits, photos),
        "within_source": {
            source: own_class_figures(predictions.logits, photos, source)
            for source, count in sorted(counts.items())
            if count >= FEWEST_OF_A_GROUP
        },
        "signs_kappa": sign_figures(predictions, photos),
        "maps": map_figures(predictions, photos),
    }
