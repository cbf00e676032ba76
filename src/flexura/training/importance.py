"""What a bundle leans on in a data folder's photos: findings by family, context by field, and the picture itself.

The picture counts by its pooled features, all together. Context comes from `contexts.jsonl`, where an import wrote it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from flexura.clinical.context import CONTEXT_COLUMNS, CONTEXT_NAMES, encode_context, read_context
from flexura.decision.calibration import AreaReading, Array, softmax
from flexura.errors import ManifestError
from flexura.features import FEATURE_NAMES
from flexura.features.extract import FAMILIES
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import Predictor
from flexura.monitoring.importance import Importance, permutation_importance
from flexura.pipeline import measure, squeeze
from flexura.records import Look
from flexura.training.datasets import LabelledPhoto, read_manifest
from flexura.training.imports import CONTEXTS_FILE

# Probabilities below it weigh no more: one confident error is not to drown all other cases.
_LEAST_PROBABILITY = 1e-4


def measure_importance(bundle: Path | None, data: Path, *, seed: int = 0) -> tuple[Importance, ...]:
    """Measure how much worse a bundle answers without each kind of value.

    Parameters
    ----------
    bundle : Path | None
        Its folder; the shipped one if `None`.
    data : Path
        A data folder of photos that it did not learn from.
    seed : int
        Of exchanges and resampling.

    Returns
    -------
    tuple[Importance, ...]
        In nats of the negative log-likelihood of the photos' labels, soft ones too; largest first.

    Raises
    ------
    ManifestError
        When the folder, or its contexts, cannot be read.
    """
    photos = read_manifest(data)
    predictor = Predictor(load_bundle(bundle))
    looks, findings = _look(predictor, photos)
    pooled = np.stack([look.pooled for look in looks])
    values = np.concatenate([_contexts(data, photos), findings, pooled], axis=1)
    targets = np.stack([photo.target for photo in photos])
    temperature = predictor.bundle.calibration.temperature
    width = len(CONTEXT_NAMES) + len(FEATURE_NAMES)

    def loss(rows: Array) -> Array:
        parts = zip(looks, rows.astype(np.float32), strict=True)
        logits = [
            predictor.answer(
                replace(look, pooled=row[width:]),
                context=row[: len(CONTEXT_NAMES)],
                findings=row[len(CONTEXT_NAMES) : width],
            ).logits
            for look, row in parts
        ]
        likely = softmax(np.stack(logits), temperature=temperature)
        return np.asarray(-np.sum(targets * np.log(np.maximum(likely, _LEAST_PROBABILITY)), axis=1))

    patients = np.array([photo.group for photo in photos])
    return permutation_importance(values, value_groups(pooled.shape[1]), loss, patients, seed=seed)


def value_groups(pooled: int) -> Mapping[str, Sequence[int]]:
    """Name the columns that are exchanged together: context by field, findings by family, the picture.

    Parameters
    ----------
    pooled : int
        How many pooled features there are.

    Returns
    -------
    Mapping[str, Sequence[int]]
        Columns of context, findings and pooled features side by side; each in one group.
    """
    groups: dict[str, Sequence[int]] = {f"context: {field}": columns for field, columns in CONTEXT_COLUMNS.items()}
    column = len(CONTEXT_NAMES)
    for table, measured in FAMILIES:
        groups[f"findings: {measured.__name__.removesuffix('_features')}"] = [*range(column, column + len(table))]
        column += len(table)
    return groups | {"picture": [*range(column, column + pooled)]}


def _look(predictor: Predictor, photos: Sequence[LabelledPhoto]) -> tuple[list[Look], Array]:
    looks = [predictor.look(squeeze(photo.pixels, predictor.side)) for photo in photos]
    reading = AreaReading()
    findings = [
        measure(photo.pixels, look.lesion_map, look.skin_map, reading=reading).values
        for photo, look in zip(photos, looks, strict=True)
    ]
    return looks, np.stack(findings)


def _contexts(data: Path, photos: Sequence[LabelledPhoto]) -> Array:
    """Encoded contexts (N, F); NaN where a photo has none."""
    path = data / CONTEXTS_FILE
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        told = {line["file"]: line["context"] for line in map(json.loads, lines)}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ManifestError(f"{CONTEXTS_FILE} of the data folder cannot be read") from error
    return np.stack([encode_context(read_context(told.get(photo.file, {}))).values for photo in photos])
