"""All tasks of a stage on one view: which count, how much, and their sum."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from flexura.decision.taxonomy import TAXONOMY
from flexura.model.network import POOLED_WIDTH, Answer
from flexura.training.batches import HEALTHY, Batch
from flexura.training.consistency import TERMS, read_answers
from flexura.training.datasets import CODES, LabelledPhoto
from flexura.training.losses import (
    Comparison,
    TaskLoss,
    area_loss,
    corn_loss,
    diagnosis_loss,
    family_loss,
    keeping_grades_loss,
    keeping_loss,
    keeping_maps_loss,
    map_loss,
    overlap_loss,
    share_of,
    subtype_loss,
    teacher_loss,
)
from flexura.training.optimise import TaskWeights
from flexura.training.recipe import LossConfig, keeps_answers
from flexura.training.teacher import TEACHER_WIDTH
from flexura.training.views import Shown, View

# Dice beside the maps' cross-entropy.
_OVERLAP_SHARE = 0.5


def task_weights(config: LossConfig) -> dict[str, float]:
    """Weight of every task that a stage learns."""
    of_labels = ("diagnosis", "family", "subtype", "signs", "iga", "maps", "area")
    of_networks = ("teacher", "keep", "keep_grades", "keep_maps")
    weights = {name: float(getattr(config, name)) for name in (*of_labels, *of_networks, *TERMS)}
    weights["overlap"] = _OVERLAP_SHARE * config.maps
    return {name: weight for name, weight in weights.items() if weight > 0}


def code_weights(photos: list[LabelledPhoto], power: float) -> Tensor:
    """Weight of each code (T,): 1 / count ** power, 1 on average over the photos; 1 for a code without photos."""
    labels = [CODES.index(photo.code) for photo in photos if photo.code in CODES]
    count = np.bincount(labels, minlength=len(CODES))
    weight = np.where(count > 0, np.maximum(count, 1) ** -power, np.nan)
    weight /= (np.nan_to_num(weight) * count).sum() / max(1, count.sum())
    return torch.from_numpy(np.where(count > 0, weight, 1).astype(np.float32))


class Helpers(nn.Module):
    """What learns beside the network and is dropped after the stage."""

    def __init__(self, config: LossConfig) -> None:
        super().__init__()
        # The student's pooled features -> the teacher's.
        self.projection = nn.Linear(POOLED_WIDTH, TEACHER_WIDTH) if config.teacher else None
        self.weights = TaskWeights(list(task_weights(config))) if config.weighting == "learned" else None


@dataclass(frozen=True)
class Tasks:
    """The tasks of a stage."""

    config: LossConfig
    code_weights: Tensor

    def losses(
        self, shown: Shown, batch: Batch, *, helpers: Helpers, before: Shown | None = None
    ) -> dict[str, TaskLoss]:
        """Every task's loss on a batch.

        Parameters
        ----------
        shown : Shown
            What the network says.
        batch : Batch
            What is true.
        helpers : Helpers
        before : Shown, optional
            What the network says whose answers are kept.

        Returns
        -------
        dict of str to TaskLoss
            By task; those that need maps only where there are maps.
        """
        answer, config = shown.answer, self.config
        family = torch.tensor([row.group == "eczema" for row in TAXONOMY], device=batch.target.device)
        found = {
            "diagnosis": diagnosis_loss(
                answer.diagnosis,
                batch.target,
                present=batch.present,
                weight=self.code_weights.to(batch.target.device),
                comparison=Comparison(config.label_smoothing, config.source_weight, config.focal_gamma),
            ),
            "family": family_loss(answer.diagnosis, batch.target, family),
            "subtype": subtype_loss(answer.diagnosis, batch.target, family),
            "signs": corn_loss(answer.signs, batch.signs),
            "iga": corn_loss(answer.iga, batch.iga),
        }
        if helpers.projection is not None:
            found["teacher"] = teacher_loss(helpers.projection(shown.pooled), batch.teacher)
        if before is not None:
            found |= _keeping_losses(shown, before, temperature=config.keep_temperature)
        if shown.maps is not None:
            found |= _map_losses(shown.maps, answer, batch)
        wanted = task_weights(config)
        return {name: loss for name, loss in found.items() if name in wanted}

    def counts(self, view: View, *, helpers: Helpers) -> dict[str, Tensor]:
        """How much each task counts in a view: what is known does not depend on what the network says."""
        with torch.no_grad():
            blank = _blank(view)
            before = blank if keeps_answers(self.config) else None
            blank_losses = self.losses(blank, view.batch, helpers=helpers, before=before)
        return {name: loss.count for name, loss in blank_losses.items()}

    def total(
        self, losses: dict[str, TaskLoss], counts: dict[str, Tensor], *, helpers: Helpers, share: float
    ) -> Tensor:
        """The weighted sum of all tasks over the count of the whole batch, of which this is a share."""
        weights = task_weights(self.config)
        parts = []
        for name, loss in losses.items():
            mean = share_of(loss.total, counts[name])
            if helpers.weights is not None:
                mean = helpers.weights(name, mean, share=share)
            parts.append(weights[name] * mean)
        return torch.stack(parts).sum()


def _keeping_losses(shown: Shown, before: Shown, *, temperature: float) -> dict[str, TaskLoss]:
    said, kept = shown.answer, before.answer
    signs, iga = keeping_grades_loss(said.signs, kept.signs), keeping_grades_loss(said.iga, kept.iga)
    found = {
        "keep": keeping_loss(said.diagnosis, kept.diagnosis, temperature=temperature),
        "keep_grades": TaskLoss(signs.total + iga.total, signs.count + iga.count),
    }
    if shown.maps is not None and before.maps is not None:
        found["keep_maps"] = keeping_maps_loss(shown.maps, before.maps)
    return found


def _map_losses(maps: Tensor, answer: Answer, batch: Batch) -> dict[str, TaskLoss]:
    said = read_answers(answer.diagnosis, answer.signs, answer.iga, maps, healthy=HEALTHY)
    return {
        "maps": map_loss(maps, batch.maps, batch.map_trust),
        "overlap": overlap_loss(maps, batch.maps, batch.map_trust),
        "area": area_loss(maps, batch.maps),
        **{name: term(said) for name, term in TERMS.items()},
    }


def _blank(view: View) -> Shown:
    """An answer of noughts to a view."""
    batch = view.batch
    count = len(batch.target)
    maps = None if view.pooled is not None else torch.zeros_like(batch.maps)
    signs = batch.signs.new_zeros(count, batch.signs.shape[1], 3)
    nothing = batch.target.new_zeros(count, 1)
    answer = Answer(torch.zeros_like(batch.target), signs, batch.target.new_zeros(count, 4), nothing, nothing)
    return Shown(maps, batch.target.new_zeros(count, POOLED_WIDTH), answer)
