"""From trained checkpoints to a bundle: export, quantise, calibrate, refuse what int8 has broken.

Calibration uses the groups that training kept out for it, read through the very graph that ships.
"""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from flexura.clinical.context import CONTEXT_NAMES, encode_context
from flexura.decision.area import fit_area_errors, lesion_fraction
from flexura.decision.calibration import AbstentionLimits, AreaErrors, AreaReading, Array, Calibration, fit_temperature
from flexura.decision.calibration import softmax as calibrated
from flexura.decision.conformal import conformal_scores, fit_quantile
from flexura.decision.taxonomy import labels_of
from flexura.decision.tone_groups import group_scores
from flexura.decision.uncertainty import fit_distances
from flexura.errors import BundleMismatch, CalibrationError, RecipeError
from flexura.inference.bundle import Bundle, load_bundle, refuse_bundle_at, write_copy, write_description
from flexura.inference.graphs import GRAPHS
from flexura.inference.predictor import Engine, Predictor
from flexura.inference.quantise import (
    AnsweringPart,
    LookingPart,
    export_answer,
    export_look,
    fit_neighbourhood,
    quantise,
)
from flexura.model.checkpoint import CheckpointInfo, load_checkpoint
from flexura.model.network import Network
from flexura.monitoring import metrics
from flexura.pipeline import PREPROCESSING_VERSION, squeeze
from flexura.records import FloatArray
from flexura.training.context_model import evidence_of, fit_context_model
from flexura.training.datasets import LabelledPhoto, kept_for_calibration, manifest_sha256, read_manifest
from flexura.training.predictions import Predictions, embed, predict_graphs
from flexura.training.scin import AGES_YEARS, ScinCase, is_held_out, read_cases
from flexura.training.start import networks_of

# Photos on which int8 must agree with fp32.
GATE_FOLD = 4
# An area interval of 90 % needs 19 held-out photos a bin; more bins than three say little.
PHOTOS_PER_AREA_BIN = 19
MOST_AREA_BINS = 3
COVERAGE = 0.9
# Maps are the shipped ones if those of so many photos differ nowhere by more than this probability.
PHOTOS_COMPARED = 8
SAME_MAP = 1e-3
# One in so many training photos places the network's neighbourhood; more hardly move class means.
NEIGHBOUR_STRIDE = 3
MOST_QUANTILES = 101
# Of the data folder; questionnaires without photos.
SCIN_FOLDER = "scin"
# A photo farther from the training photos than this share of held-out ones is flagged.
DISTANCE_THRESHOLD = 0.98
# A gate, not a goal: known fault 17, networks that int8 broke unnoticed.
LEAST_AGREEMENT = 0.98
LARGEST_DIFFERENCE = 0.02
INTENDED_USE = "Decision support for research and clinicians; not a medical device, never a diagnosis by itself."
LICENCE = "Research, non-commercial (MODEL_LICENSE)"


def release(places: Sequence[Path], data: Path, out: Path, *, version: str) -> None:
    """Write a bundle.

    Parameters
    ----------
    places : sequence of Path
        Checkpoints of `flexura train`, by recipes that keep groups out for calibration, or folders of bundles, whose
        networks are taken over. Several networks answer as one.
    data : Path
        Folder with `photos.csv`.
    out : Path
        Folder of the bundle.
    version : str
        Of the model.

    Raises
    ------
    RecipeError
        If the recipe kept nothing out for calibration, or trained on the gate's fold.
    BundleMismatch
        If a checkpoint was trained on other inputs than this flexura makes, or they do not belong together.
        If int8 and fp32 disagree on more than 2 % of the gate's photos, or by more than 0.02 on average.
    CalibrationError
        If too few photos were kept out to calibrate anything.

    Notes
    -----
    `out` is touched only once everything has passed: a refusal leaves the bundle there as it was.
    """
    members = [member for place in places for member in _members_at(place)]
    networks, info = [network for network, _ in members], _shared([each for _, each in members])
    if info.calibration_one_in == 0 or GATE_FOLD in info.train_folds:
        raise RecipeError(f"a bundle needs calibration_one_in above 0 and fold {GATE_FOLD} out of train_folds")
    if (info.preprocessing_version, info.context_names) != (PREPROCESSING_VERSION, CONTEXT_NAMES):
        raise BundleMismatch(
            f"the checkpoint was trained on inputs {info.preprocessing_version!r}, this flexura makes "
            f"{PREPROCESSING_VERSION!r}; train it again"
        )
    side, photos = info.side, read_manifest(data)
    held, training = _held_and_training(photos, info)
    gate = [photo for photo in photos if photo.fold == GATE_FOLD]
    near = training[::NEIGHBOUR_STRIDE]
    labels = np.array([photo.label for photo in near])
    neighbourhoods = [fit_neighbourhood(embed(each, near, side=side), labels, components=128) for each in networks]
    with tempfile.TemporaryDirectory() as folder:
        whole, rounded = ([Path(folder) / f"{kind}{graph.file}" for graph in GRAPHS] for kind in ("fp32-", ""))
        export_look(LookingPart(networks), whole[0], side=side)
        export_answer(AnsweringPart(networks, neighbourhoods), whole[1])
        for exact, int8 in zip(whole, rounded, strict=True):
            quantise(exact, int8)
        engine = Engine(*rounded, side=side, codes=len(info.codes))
        exactly = predict_graphs(Engine(*whole, side=side, codes=len(info.codes)), gate)
        figures = agreement(exactly, predict_graphs(engine, gate))
        if figures["top1_agreement"] < LEAST_AGREEMENT or figures["mean_difference_of_top1"] > LARGEST_DIFFERENCE:
            raise BundleMismatch(f"int8 does not agree with fp32, so nothing was exported: {figures}")
        calibration = calibrate(predict_graphs(engine, held), held, info, contexts=_contexts(data))
        out.mkdir(parents=True, exist_ok=True)
        for made in rounded:
            shutil.copyfile(made, out / made.name)
    write_description(
        out,
        side=side,
        calibration=calibration,
        model={"name": info.recipe_name, "version": version, "weights_licence": LICENCE, "intended_use": INTENDED_USE},
        origin=asdict(info) | {"members": [_trained_by(each) for _, each in members]},
        figures=figures | {"calibration_photos": len(held)},
    )


def recalibrate(bundle: Path | None, data: Path, out: Path, *, version: str) -> None:
    """Write a copy of a bundle that is calibrated anew on the photos that its training kept out for it.

    Parameters
    ----------
    bundle : Path or None
        Folder of the bundle, which is only read; the shipped one if `None`.
    data : Path
        The data folder that it was trained on.
    out : Path
        Folder of the copy; must hold no bundle.
    version : str
        Of the copy.

    Raises
    ------
    OutputUnwritable
        If `out` holds a bundle already.
    RecipeError
        If its training kept nothing out for calibration.
    BundleMismatch
        If it does not tell on what it was trained, or that is another data folder.
    CalibrationError
        If too few photos were kept out to calibrate anything.
    """
    refuse_bundle_at(out)
    old = load_bundle(bundle)
    info = _info_of(old)
    if info.manifest_sha256 != manifest_sha256(data):
        raise BundleMismatch("the bundle was trained on another data folder; give that one")
    if info.calibration_one_in == 0:
        raise RecipeError("the bundle's training kept no photo out for calibration")
    held, _ = _held_and_training(read_manifest(data), info)
    engine = Engine(old.look, old.answer, side=old.side, codes=len(info.codes))
    calibration = calibrate(predict_graphs(engine, held), held, info, contexts=_contexts(data))
    write_copy(replace(old, calibration=calibration), out, version)


def _members_at(place: Path) -> list[tuple[Network, CheckpointInfo]]:
    """The network of a checkpoint, or those of a bundle."""
    if not place.is_dir():
        return [load_checkpoint(place)]
    bundle = load_bundle(place)
    info = _info_of(bundle)
    trained = bundle.origin.get("members", [_trained_by(info)])
    return [(each, replace(info, **own)) for each, own in zip(networks_of(bundle), trained, strict=True)]


def _info_of(bundle: Bundle) -> CheckpointInfo:
    """How a bundle's first network was trained."""
    known: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in bundle.origin.items()
        if name != "members"
    }
    try:
        return CheckpointInfo(**known)
    except TypeError as error:
        raise BundleMismatch("the bundle does not tell how it was trained; refitted ones do not") from error


def _trained_by(info: CheckpointInfo) -> dict[str, Any]:
    """What tells a member from the others."""
    return {name: getattr(info, name) for name in ("recipe_name", "recipe_sha256", "seed")}


def _shared(infos: Sequence[CheckpointInfo]) -> CheckpointInfo:
    """What networks that are to answer as one say of themselves; recipe and seed of the first."""
    first, trained = infos[0], [_trained_by(each) for each in infos]
    if any(replace(each, **trained[0]) != first for each in infos):
        raise BundleMismatch("networks that are to answer as one must be trained on the same photos and inputs")
    if any(each in trained[:number] for number, each in enumerate(trained)):
        raise BundleMismatch("two of the networks are the same, by their recipe and seed")
    return first


def _contexts(data: Path) -> tuple[ScinCase, ...]:
    """Questionnaires beside the photos that train; none where the data folder has no `scin`."""
    folder = data / SCIN_FOLDER
    cases = read_cases(folder) if folder.is_dir() else []
    return tuple(case for case in cases if not is_held_out(case.case_id))


def _held_and_training(
    photos: Sequence[LabelledPhoto], info: CheckpointInfo
) -> tuple[list[LabelledPhoto], list[LabelledPhoto]]:
    own = [p for p in photos if p.fold in info.train_folds and p.source not in info.unseen_sources]
    kept = [kept_for_calibration(p, folds=info.train_folds, one_in=info.calibration_one_in) for p in own]
    held = [photo for photo, keep in zip(own, kept, strict=True) if keep]
    return held, [photo for photo, keep in zip(own, kept, strict=True) if not keep]


def agreement(whole: Predictions, rounded: Predictions) -> dict[str, float]:
    """How far int8 is from fp32: share of equal first codes, and mean absolute differences of probabilities."""
    exact, near = calibrated(whole.logits), calibrated(rounded.logits)
    first = exact.argmax(1)
    rows = np.arange(len(first))
    return {
        "top1_agreement": float((first == near.argmax(1)).mean()),
        "mean_difference": float(np.abs(exact - near).mean()),
        "mean_difference_of_top1": float(np.abs(exact[rows, first] - near[rows, first]).mean()),
    }


def inherited_errors(maps: FloatArray, photos: Sequence[LabelledPhoto]) -> AreaErrors | None:
    """The shipped bundle's errors of the area, where these maps are still its own.

    Parameters
    ----------
    maps : FloatArray
        Of those photos by the graph that is released, (N, 2, h, w).
    photos : Sequence[LabelledPhoto]
        Kept out of training.

    Returns
    -------
    AreaErrors or None
        None where a map of the first photos differs: the network learned to draw anew, and must be measured anew.
    """
    shipped = Predictor(load_bundle())
    for drawn, photo in zip(maps[:PHOTOS_COMPARED], photos, strict=False):
        look = shipped.look(squeeze(photo.pixels, shipped.side))
        before = np.stack([look.lesion_map, look.skin_map])
        if before.shape != drawn.shape or np.abs(before - drawn).max() > SAME_MAP:
            return None
    return shipped.bundle.calibration.area_errors


def calibrate(
    predictions: Predictions,
    photos: Sequence[LabelledPhoto],
    info: CheckpointInfo,
    *,
    contexts: Sequence[ScinCase] = (),
) -> Calibration:
    """Fit everything the decision needs on photos that trained nothing.

    Parameters
    ----------
    predictions : Predictions
        Of those photos, by the graphs that ship.
    photos : sequence of LabelledPhoto
    info : CheckpointInfo
        Whose codes are the labels.
    contexts : sequence of ScinCase
        Questionnaires that teach how much what is told weighs; without any it weighs what the network makes of it.

    Returns
    -------
    Calibration
        What the bundle carries.

    Raises
    ------
    CalibrationError
        If too few photos were kept out for one of its parts.
    """
    evidence = evidence_of(fit_context_model(contexts, encode_context), CONTEXT_NAMES) if contexts else None
    truth = np.array([photo.label for photo in photos])
    temperature = fit_temperature(predictions.logits, truth, split="calibration")
    probabilities = calibrated(predictions.logits, temperature=temperature)
    scores, area_errors = conformal_scores(probabilities, truth), _area_errors(predictions, photos)
    return Calibration(
        labels=labels_of(info.codes),
        temperature=temperature,
        conformal=fit_quantile(scores, COVERAGE),
        tone_scores=group_scores(scores, predictions.angles_degrees),
        prevalence=tuple(map(float, probabilities.mean(axis=0))),
        context_evidence=evidence,
        limits=AbstentionLimits(ages_years=AGES_YEARS),
        expected_calibration_error=cross_fitted_error(
            predictions.logits, truth, np.array([photo.group for photo in photos])
        ),
        distance=fit_distances(
            predictions.distances, threshold=DISTANCE_THRESHOLD, count=min(MOST_QUANTILES, len(photos))
        ),
        area_errors=area_errors,
    )


def _area_errors(predictions: Predictions, photos: Sequence[LabelledPhoto]) -> AreaErrors:
    """Fitted on the readings of these photos; with too few, the shipped ones, if the maps are the shipped maps."""
    reading = AreaReading()
    measured = [
        (lesion_fraction(maps[0], maps[1], reading=reading)[0], photo.reading.area_fraction)
        for photo, maps in zip(photos, predictions.maps, strict=True)
        if photo.reading is not None
    ]
    known = [(area, read) for area, read in measured if area is not None and not np.isnan(read)]
    if len(known) >= PHOTOS_PER_AREA_BIN:
        areas = np.array([area for area, _ in known])
        return fit_area_errors(areas, np.array([read for _, read in known]), upper_bounds=area_bins(areas))
    inherited = inherited_errors(predictions.maps, photos)
    if inherited is None:
        raise CalibrationError(
            f"{len(known)} of the {len(photos)} photos kept for calibration have a reading of the affected area; its "
            f"interval needs {PHOTOS_PER_AREA_BIN}, since these maps are not those that ship: read more of them "
            "(readings.csv), keep more (calibration_one_in), or teach only fusion and heads"
        )
    return inherited


def cross_fitted_error(logits: Array, truth: Array, patients: Array) -> float:
    """Expected calibration error (0-1) of photos (N,) whose temperature comes from the other half of the patients."""
    halves = np.unique(patients, return_inverse=True)[1] % 2 == 0
    probabilities = np.empty(logits.shape)
    for half in (halves, ~halves):
        temperature = fit_temperature(logits[~half], truth[~half], split="calibration")
        probabilities[half] = calibrated(logits[half], temperature=temperature)
    return metrics.expected_calibration_error(probabilities, truth)


def area_bins(areas: FloatArray) -> tuple[float, ...]:
    """Upper bounds of equally filled bins of predicted areas (N,), as many as their number allows."""
    bins = max(1, min(MOST_AREA_BINS, len(areas) // (PHOTOS_PER_AREA_BIN + 1)))
    inner = [float(np.quantile(areas, part / bins)) for part in range(1, bins)]
    return (*inner, 1.0)
