"""Batches of augmented photos; row r of batch k of a stage is the same whoever draws it, so a run can resume."""

from collections import Counter
from dataclasses import dataclass, fields, replace
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from flexura.clinical.context import CONTEXT_COLUMNS, CONTEXT_NAMES
from flexura.records import FloatArray
from flexura.training.augment import camera_view, crop_view, gentler
from flexura.training.datasets import CODES, OUTLINE_LESION, OUTLINE_SKIN, LabelledPhoto, outline_maps, own_context
from flexura.training.processes import ALONE, Ranks
from flexura.training.recipe import StageConfig
from flexura.training.scin import ContextPool
from flexura.training.teacher import TEACHER_WIDTH

HEALTHY = CODES.index("healthy_skin")
# A view keeps its photo's sign grades only while it shows this share of the lesion.
_MIN_LESION_SHARE = 0.3
_OF_ONE_PICTURE = ("signs", "iga", "maps", "context")


@dataclass(frozen=True)
class Batch:
    """Tensors of one step; NaN is unknown."""

    pixels: Tensor  # uint8 (B, side, side, 3)
    context: Tensor  # (B, F)
    target: Tensor  # (B, T), share of each code; 0 throughout without a diagnosis
    present: Tensor  # bool (B, T)
    signs: Tensor  # (B, 6)
    iga: Tensor  # (B,)
    maps: Tensor  # (B, 2, side/8, side/8)
    map_trust: Tensor  # (B, 2)
    teacher: Tensor  # (B, 768)

    def cut(self, parts: int) -> list["Batch"]:
        """The batch in parts of nearly equal size."""
        cut = {item.name: getattr(self, item.name).tensor_split(parts) for item in fields(self)}
        return [Batch(**{name: pieces[part] for name, pieces in cut.items()}) for part in range(parts)]

    def to(self, device: torch.device) -> "Batch":
        """The batch on a device."""
        return replace(self, **{item.name: getattr(self, item.name).to(device) for item in fields(self)})


class Batches(Dataset[Batch]):
    """Batch k of a stage, k = 0 .. steps - 1, or one process's rows of it.

    Parameters
    ----------
    photos : list of LabelledPhoto
        The stage's training photos.
    stage : StageConfig
    seed : int
    contexts : ContextPool or None
    rendered : list of LabelledPhoto
        Rendered photos, whose diagnosis does not count; empty when the recipe has none.
    ranks : Ranks
        Of the processes that share every batch, which one this is.
    """

    def __init__(
        self,
        photos: list[LabelledPhoto],
        stage: StageConfig,
        *,
        seed: int,
        contexts: ContextPool | None,
        rendered: list[LabelledPhoto],
        ranks: Ranks = ALONE,
    ) -> None:
        self.photos, self.stage, self.seed, self.ranks = photos, stage, seed, ranks
        self.contexts, self.rendered = contexts, rendered
        self.augment = gentler(stage.augment, stage.view_strength)
        count = Counter((photo.code, photo.source) for photo in photos)
        weight = np.array([count[photo.code, photo.source] ** -stage.sampling.balance_power for photo in photos])
        self.weights = weight / weight.sum()
        self.outlined = [index for index, photo in enumerate(photos) if photo.outline is not None]
        self.teacher_mean, self.teacher_deviation = _teacher_spread(photos)
        self.present = _codes_of_sources(photos, healthy_everywhere=stage.sampling.healthy_share > 0)
        self.steps_per_epoch = max(1, len(photos) // stage.optimiser.batch)

    def __len__(self) -> int:
        """Steps of the whole stage."""
        return self.stage.optimiser.epochs * self.steps_per_epoch

    def __getitem__(self, step: int) -> Batch:
        """Draw this process's rows of batch `step`."""
        rows = range(self.ranks.rank, self.stage.optimiser.batch, self.ranks.count)
        views = [self._draw(np.random.default_rng((self.seed, step, row))) for row in rows]
        return Batch(**{name: _stack([view[name] for view in views]) for name in Batch.__dataclass_fields__})

    def _draw(self, random: np.random.Generator) -> dict[str, Any]:
        sampling = self.stage.sampling
        view = self._draw_one(random)
        if random.random() >= sampling.mixup_share:
            return view
        other = self._draw_one(random)
        if not (view["target"].any() and other["target"].any()):
            return view
        return _laid_over(view, other, share=0.5 * random.beta(sampling.mixup_alpha, sampling.mixup_alpha))

    def _draw_one(self, random: np.random.Generator) -> dict[str, Any]:
        sampling = self.stage.sampling
        kind = random.random()
        if kind < sampling.healthy_share and self.outlined:
            photo = self.photos[int(random.choice(self.outlined))]
            healthy = healthy_crop(photo, random)
            if healthy is not None:
                return self._view(healthy, random)
        if self.rendered and kind > 1 - sampling.rendered_share:
            return self._view(self.rendered[int(random.integers(len(self.rendered)))], random)
        return self._view(self.photos[int(random.choice(len(self.photos), p=self.weights))], random)

    def _view(self, photo: LabelledPhoto, random: np.random.Generator) -> dict[str, Any]:
        maps, trust = _known_maps(photo, self.stage.loss.saliency_trust)
        before = float(np.nansum(maps[..., 0])) / maps[..., 0].size
        view, cells = crop_view(photo.pixels, maps, side=self.stage.side, config=self.augment, random=random)
        shows_lesion = before == 0 or float(np.nanmean(cells[..., 0])) > _MIN_LESION_SHARE * before
        graded = photo.reading is not None and shows_lesion
        return {
            "pixels": camera_view(view, config=self.augment, random=random, skin=cells[..., 1]),
            "context": self._context(photo, random),
            "target": photo.target if photo.code in CODES else np.zeros(len(CODES), np.float32),
            "present": self.present.get(photo.source, np.ones(len(CODES), bool)),
            "signs": photo.reading.signs if photo.reading and graded else np.full(6, np.nan, np.float32),
            "iga": np.float32(photo.reading.iga if photo.reading and graded else np.nan),
            "maps": np.ascontiguousarray(cells.transpose(2, 0, 1)),
            "map_trust": trust,
            "teacher": self._teaching(photo),
        }

    def _teaching(self, photo: LabelledPhoto) -> FloatArray:
        """The teacher's features, standardised: what all skin photos share teaches nothing."""
        if photo.teacher is None:
            return np.full(TEACHER_WIDTH, np.nan, np.float32)
        return (photo.teacher - self.teacher_mean) / self.teacher_deviation

    def _context(self, photo: LabelledPhoto, random: np.random.Generator) -> FloatArray:
        sampling = self.stage.sampling
        if self.contexts is None or random.random() >= sampling.context_share or photo.code not in CODES:
            return np.full(len(CONTEXT_NAMES), np.nan, np.float32)
        drawn, own = self.contexts.draw(photo.code, random), own_context(photo)
        context = np.where(np.isnan(own), drawn, own)
        dropped = random.random(len(context)) >= sampling.context_field_share
        for columns in CONTEXT_COLUMNS.values():
            dropped[list(columns)] = dropped[columns[0]]
        return np.where(dropped, np.nan, context).astype(np.float32)


def _laid_over(view: dict[str, Any], other: dict[str, Any], *, share: float) -> dict[str, Any]:
    """A view with another one laid over it (mixup; Zhang et al. 2018, arXiv 1710.09412).

    What was read on one picture does not hold for two: signs, IGA, maps and context become unknown.
    """

    def blend(name: str) -> FloatArray:
        return np.asarray((1 - share) * view[name] + share * other[name], np.float32)

    unknown = {name: np.full_like(np.asarray(view[name], np.float32), np.nan) for name in _OF_ONE_PICTURE}
    return {
        **view,
        **unknown,
        "pixels": np.rint(blend("pixels")).astype(np.uint8),
        "target": blend("target"),
        "present": view["present"] | other["present"],
        "teacher": blend("teacher"),
    }


def _teacher_spread(photos: list[LabelledPhoto]) -> tuple[FloatArray, FloatArray]:
    """Mean and deviation (D,) of the teacher's features over the training photos."""
    taught = [photo.teacher for photo in photos if photo.teacher is not None]
    if not taught:
        return np.zeros(TEACHER_WIDTH, np.float32), np.ones(TEACHER_WIDTH, np.float32)
    stacked = np.stack(taught)
    return stacked.mean(0), stacked.std(0) + np.float32(1e-6)


def _codes_of_sources(photos: list[LabelledPhoto], *, healthy_everywhere: bool) -> dict[str, np.ndarray]:
    present: dict[str, np.ndarray] = {}
    for photo in photos:
        codes = present.setdefault(photo.source, np.zeros(len(CODES), bool))
        codes[photo.label] = True
        codes[HEALTHY] |= healthy_everywhere
    # A source of one code has nothing to compare; it is compared with everything.
    return {source: codes if codes.sum() > 2 else np.ones(len(CODES), bool) for source, codes in present.items()}


def _known_maps(photo: LabelledPhoto, saliency_trust: float) -> tuple[FloatArray, FloatArray]:
    """Lesion and skin maps (H, W, 2) with NaN where unknown, and the trust in each."""
    outlined = outline_maps(photo)
    if outlined is not None:
        return outlined, np.ones(2, np.float32)
    if photo.saliency is None:
        maps = np.full((*photo.pixels.shape[:2], 2), np.nan, np.float32)
    else:
        skin = photo.saliency.astype(np.float32) / 255
        maps = np.stack([np.full_like(skin, np.nan), skin], -1)
    if photo.code == "healthy_skin":
        maps[..., 0] = 0
    return maps, np.array([1, saliency_trust], np.float32)


def healthy_crop(photo: LabelledPhoto, random: np.random.Generator, *, tries: int = 20) -> LabelledPhoto | None:
    """A part of a photo that its outline calls skin without lesion, as a healthy photo; None where none is found."""
    if photo.outline is None:
        return None
    height, width = photo.outline.shape
    outline = photo.outline
    if photo.pixels.shape[:2] != outline.shape:
        outline = cv2.resize(outline, photo.pixels.shape[1::-1], interpolation=cv2.INTER_NEAREST).astype(np.uint8)
        height, width = outline.shape
    for _ in range(tries):
        part = random.uniform(0.3, 0.6)
        h, w = int(height * part), int(width * part)
        top, left = int(random.integers(0, height - h + 1)), int(random.integers(0, width - w + 1))
        window = outline[top : top + h, left : left + w]
        if not (window == OUTLINE_LESION).any() and (window == OUTLINE_SKIN).mean() > 0.85:
            pixels = photo.pixels[top : top + h, left : left + w]
            return LabelledPhoto("", "healthy_skin", photo.source, photo.group, photo.fold, pixels, outline=window)
    return None


def _stack(values: list[object]) -> Tensor:
    return torch.from_numpy(np.stack([np.asarray(value) for value in values])).clone()
