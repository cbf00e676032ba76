"""What a network says of many labelled photos, as arrays, and the figures that follow from them.

The same figures judge a network while it trains, a checkpoint and a shipped bundle.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import torch

from flexura.clinical.context import CONTEXT_NAMES
from flexura.decision.area import lesion_fraction
from flexura.decision.calibration import AreaReading, Array
from flexura.decision.taxonomy import TAXONOMY
from flexura.decision.tone_groups import ANGLE_FEATURE
from flexura.errors import MetricUndefined
from flexura.features import FEATURE_NAMES
from flexura.inference.predictor import Engine
from flexura.model.heads import corn_probabilities
from flexura.model.network import Network
from flexura.monitoring import metrics
from flexura.pipeline import measure, squeeze
from flexura.records import SIGN_NAMES, FloatArray, UInt8Array
from flexura.training.datasets import CODES, LabelledPhoto, outline_maps
from flexura.training.precision import device_of, mixed_precision

# A figure is None where the photos give it no value, such as an AUC without eczema.
Figures: TypeAlias = dict[str, float | None]
ECZEMA = np.array([row.group == "eczema" for row in TAXONOMY])


@dataclass(frozen=True)
class Predictions:
    """Rows follow the photos: logits (N, T), signs (N, 6, 4), IGA (N, 5), maps (N, 2, h, w) as probabilities.

    `findings` (N, M) is what was measured where the maps show lesion and skin, NaN where unknown.
    """

    logits: FloatArray
    signs: FloatArray
    iga: FloatArray
    maps: FloatArray
    distances: FloatArray  # (N,), NaN where the network does not give them
    findings: FloatArray
    logit_samples: FloatArray  # (N, S, T), of stochastic passes; S is 0 where the network is asked for none

    @property
    def angles_degrees(self) -> FloatArray:
        """Individual typology angle of each photo's own skin (N,), the tone that sets are grouped by."""
        return self.findings[:, FEATURE_NAMES.index(ANGLE_FEATURE)]


@dataclass(frozen=True)
class SeenPhotos:
    """What a network sees in photos, and what was measured where it saw lesion and skin."""

    pooled: FloatArray  # (N, 3072)
    maps: FloatArray  # (N, 2, h, w), probabilities
    findings: FloatArray  # (N, M), NaN where unknown


def see(network: Network, photos: Sequence[LabelledPhoto], *, side: int, half: bool = False) -> SeenPhotos:
    """Look at whole photos, 16 at a time, and measure them.

    `half` computes in mixed precision, which is good enough to watch a training.
    """
    pooled, maps = [], []
    for start in range(0, len(photos), 16):
        pixels = torch.from_numpy(np.stack([squeeze(photo.pixels, side) for photo in photos[start : start + 16]]))
        device = device_of(network)
        with torch.no_grad(), mixed_precision(device) if half else nullcontext():
            look = network.look(pixels.to(device))
        pooled.append(look.pooled.float().cpu().numpy())
        maps.append(torch.sigmoid(look.maps.float()).cpu().numpy())
    drawn = np.concatenate(maps)
    return SeenPhotos(np.concatenate(pooled), drawn, measure_all([photo.pixels for photo in photos], drawn))


def measure_all(pictures: Sequence[UInt8Array], maps: FloatArray) -> FloatArray:
    """Findings (N, M) of pictures where maps (N, 2, h, w) show lesion and skin."""
    reading = AreaReading()
    rows = [measure(pixels, *both, reading=reading).values for pixels, both in zip(pictures, maps, strict=True)]
    return np.array(rows, np.float32).reshape(-1, len(FEATURE_NAMES))


def predict(network: Network, photos: Sequence[LabelledPhoto], *, side: int, half: bool = False) -> Predictions:
    """Run a network over whole photos without context; `half` as in `see`."""
    return answer_seen(network, see(network, photos, side=side, half=half))


def answer_seen(network: Network, seen: SeenPhotos, contexts: FloatArray | None = None) -> Predictions:
    """Answer on photos that were seen, with encoded contexts (N, F) or with none."""
    count = len(seen.pooled)
    context = np.full((count, len(CONTEXT_NAMES)), np.nan, np.float32) if contexts is None else contexts
    with torch.no_grad():
        device = device_of(network)
        answer = network.answer(*(torch.from_numpy(each).to(device) for each in (seen.pooled, context, seen.findings)))
    return Predictions(
        logits=answer.diagnosis.cpu().numpy(),
        signs=corn_probabilities(answer.signs).cpu().numpy(),
        iga=corn_probabilities(answer.iga).cpu().numpy(),
        maps=seen.maps,
        distances=np.full(count, np.nan, np.float32),
        findings=seen.findings,
        logit_samples=np.zeros((count, 0, len(CODES)), np.float32),
    )


def embed(network: Network, photos: Sequence[LabelledPhoto], *, side: int) -> FloatArray:
    """Image embeddings (N, E) of whole photos."""
    rows: list[FloatArray] = []
    for start in range(0, len(photos), 16):
        pixels = torch.from_numpy(np.stack([squeeze(photo.pixels, side) for photo in photos[start : start + 16]]))
        unknown = [torch.full((len(pixels), width), torch.nan) for width in (len(CONTEXT_NAMES), len(FEATURE_NAMES))]
        with torch.no_grad():
            rows.append(network.answer(network.look(pixels).pooled, *unknown).embedding.numpy())
    return np.concatenate(rows).astype(np.float32)


def predict_graphs(engine: Engine, photos: Sequence[LabelledPhoto]) -> Predictions:
    """Run a model's graphs over whole photos without context, one at a time as in the clinic."""
    unknown, reading = np.full(len(CONTEXT_NAMES), np.nan, np.float32), AreaReading()
    found, measured = [], []
    for photo in photos:
        look = engine.look(squeeze(photo.pixels, engine.side))
        findings = measure(photo.pixels, look.lesion_map, look.skin_map, reading=reading).values
        found.append(engine.answer(look, context=unknown, findings=findings))
        measured.append(findings)
    return Predictions(
        logits=np.stack([each.logits for each in found]),
        signs=np.stack([each.signs for each in found]),
        iga=np.stack([each.iga for each in found]),
        maps=np.stack([[each.lesion_map, each.skin_map] for each in found]),
        distances=np.array([each.distance for each in found], np.float32),
        findings=np.stack(measured),
        logit_samples=np.stack([each.logit_samples for each in found]),
    )


def softmax(logits: FloatArray) -> FloatArray:
    """Row-wise softmax (N, T)."""
    shifted = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(shifted / shifted.sum(1, keepdims=True), np.float32)


def diagnosis_figures(logits: FloatArray, photos: Sequence[LabelledPhoto]) -> Figures:
    """Top-1, top-3 and the eczema family's AUC over all codes."""
    truth = np.array([photo.label for photo in photos])
    probabilities = softmax(logits)
    return {
        "photos": len(photos),
        "top1": metrics.top_k_accuracy(probabilities, truth, k=1),
        "top3": metrics.top_k_accuracy(probabilities, truth, k=3),
        "eczema_auc": _if_defined(metrics.roc_auc, probabilities[:, ECZEMA].sum(1), ECZEMA[truth]),
    }


def _if_defined(measure: Callable[..., float], *arrays: Array, **settings: int) -> float | None:
    """The measure, or None where these photos give it no value."""
    try:
        return measure(*arrays, **settings)
    except MetricUndefined:
        return None


def own_class_figures(logits: FloatArray, photos: Sequence[LabelledPhoto], source: str) -> Figures:
    """The same for one source's photos, compared only among the codes that source holds."""
    rows = [index for index, photo in enumerate(photos) if photo.source == source]
    held = np.zeros(len(CODES), bool)
    held[[photos[index].label for index in rows]] = True
    masked = np.where(held, logits[rows], -np.inf).astype(np.float32)
    return diagnosis_figures(masked, [photos[index] for index in rows])


def sign_figures(predictions: Predictions, photos: Sequence[LabelledPhoto]) -> Figures:
    """Quadratic-weighted kappa of rounded expected grades with rounded readings, per sign and for IGA."""
    rows = [index for index, photo in enumerate(photos) if photo.reading is not None]
    graded = [photos[index].reading for index in rows]
    signs = np.array([reading.signs for reading in graded if reading]).reshape(-1, len(SIGN_NAMES))
    kappas = {name: _kappa(predictions.signs[rows, number], signs[:, number]) for number, name in enumerate(SIGN_NAMES)}
    known = [kappa for kappa in kappas.values() if kappa is not None]
    return {
        "photos": len(rows),
        **kappas,
        "mean_of_signs": float(np.mean(known)) if known else None,
        "iga": _kappa(predictions.iga[rows], np.array([reading.iga for reading in graded if reading])),
    }


def _kappa(distribution: FloatArray, read: FloatArray) -> float | None:
    known = ~np.isnan(read)
    if not known.any():
        return None
    expected = distribution[known] @ np.arange(distribution.shape[1])
    grades = np.rint(expected).astype(int), np.rint(read[known]).astype(int)
    return _if_defined(metrics.quadratic_weighted_kappa, *grades, categories=distribution.shape[1])


def map_figures(predictions: Predictions, photos: Sequence[LabelledPhoto]) -> Figures:
    """Mean IoU of lesion and skin with the outlines, and the answer's area against the readings, in points.

    `area_photos` counts the photos that are read and show enough skin for an area.
    """
    lesion_iou, skin_iou, errors = [], [], []
    for photo, maps in zip(photos, predictions.maps, strict=True):
        truth = outline_maps(photo)
        if truth is not None and truth[..., 0].any():
            drawn = [cv2.resize(each, truth.shape[1::-1]) > 0.5 for each in maps]
            lesion_iou.append(metrics.intersection_over_union(drawn[0] & drawn[1], truth[..., 0] > 0))
            if not np.isnan(truth[..., 1]).any():
                skin_iou.append(metrics.intersection_over_union(drawn[1], truth[..., 1] > 0))
        fraction, _ = lesion_fraction(maps[0], maps[1], reading=AreaReading())
        if photo.reading is not None and not np.isnan(photo.reading.area_fraction) and fraction is not None:
            errors.append(100 * abs(fraction - photo.reading.area_fraction))
    return {
        "photos": len(lesion_iou),
        "lesion_iou": float(np.mean(lesion_iou)) if lesion_iou else None,
        "skin_iou": float(np.mean(skin_iou)) if skin_iou else None,
        "area_photos": len(errors),
        "area_median_error_points": float(np.median(errors)) if errors else None,
        "area_within_15_points": float(np.mean(np.array(errors) <= 15)) if errors else None,
    }


def watch(network: Network, photos: Sequence[LabelledPhoto], *, side: int) -> Figures:
    """The few figures that are looked at while a network trains; unrounded accuracy comes from `evaluate`."""
    predictions = predict(network, photos, side=side, half=True)
    figures = diagnosis_figures(predictions.logits, photos)
    if any(photo.reading is not None for photo in photos):
        figures["signs_kappa"] = sign_figures(predictions, photos)["mean_of_signs"]
        figures |= {f"map_{name}": value for name, value in map_figures(predictions, photos).items()}
    return {name: value if value is None else round(value, 4) for name, value in figures.items()}
