"""Losses of the network's tasks; every one ignores what is not known (NaN or an absent class).

A loss is a sum over what is known and how much that is. The second never depends on the network, so the
parts of a batch, or several processes, can each give their sum over the count of all of them.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cosine_similarity, log_softmax


@dataclass(frozen=True)
class TaskLoss:
    """A task's loss summed over what is known, and how much that is by weight."""

    total: Tensor
    count: Tensor

    def mean(self) -> Tensor:
        """Mean over what is known; 0, with a gradient, where nothing is."""
        return share_of(self.total, self.count)


def share_of(total: Tensor, count: Tensor) -> Tensor:
    """A sum over its count; 0, with a gradient, where nothing was counted."""
    return total / torch.where(count > 0, count, torch.ones_like(count))


class Comparison(NamedTuple):
    """How a diagnosis is compared with its label."""

    smoothing: float = 0.0
    # Share of the comparison among the codes that the photo's source holds.
    source_weight: float = 0.0
    focal_gamma: float = 0.0


def diagnosis_loss(
    logits: Tensor, target: Tensor, *, present: Tensor, weight: Tensor, comparison: Comparison
) -> TaskLoss:
    """Weighted focal loss over all codes, mixed with one over the codes that the photo's source holds.

    The second part never rewards the network for recognising a camera: it compares a photo
    only with diseases photographed by the same source. A code's weight stands outside the
    modulating factor, and gamma 0 is weighted cross-entropy.

    Parameters
    ----------
    logits : Tensor
        (B, T).
    target : Tensor
        (B, T), shares that sum to 1; 0 throughout where there is no label.
    present : Tensor
        bool (B, T).
        Codes that the photo's source holds in the training folds.
    weight : Tensor
        (T,), of each code.
    comparison : Comparison
        Label smoothing is spread over the codes compared.

    Returns
    -------
    TaskLoss
        Counted by the weight of the photos.

    References
    ----------
    Lin et al. 2017, doi 10.1109/ICCV.2017.324.
    """
    everywhere = _focal(logits, target, torch.ones_like(present), comparison)
    within = _focal(logits, target, present, comparison)
    share = comparison.source_weight
    heaviness = (target * weight).sum(1)
    return TaskLoss((((1 - share) * everywhere + share * within) * heaviness).sum(), heaviness.sum())


def _focal(logits: Tensor, target: Tensor, compared: Tensor, comparison: Comparison) -> Tensor:
    log_probability = log_softmax(logits.float().masked_fill(~compared, -1e4), 1)
    modulation = (1 - log_probability.exp()).pow(comparison.focal_gamma) if comparison.focal_gamma else 1.0
    surprise = -modulation * log_probability * compared
    spread = surprise.sum(1) / compared.sum(1)
    return (1 - comparison.smoothing) * (target * surprise).sum(1) + comparison.smoothing * spread


def family_loss(logits: Tensor, target: Tensor, family: Tensor) -> TaskLoss:
    """Cross-entropy of belonging to a family of codes, from the mass of its codes.

    Parameters
    ----------
    logits : Tensor
        (B, T).
    target : Tensor
        (B, T), 0 throughout where there is no label.
    family : Tensor
        bool (T,).

    Returns
    -------
    TaskLoss
        Counted by labelled photos.
    """
    log_probability = log_softmax(logits.float(), 1)
    inside = log_probability[:, family].logsumexp(1)
    outside = log_probability[:, ~family].logsumexp(1)
    belongs, known = target[:, family].sum(1), target.sum(1)
    return TaskLoss(-(belongs * inside + (known - belongs) * outside).sum(), known.sum())


def subtype_loss(logits: Tensor, target: Tensor, family: Tensor) -> TaskLoss:
    """Cross-entropy among a family's codes alone, on photos of the family; arguments as in `family_loss`."""
    log_probability = log_softmax(logits[:, family].float(), 1)
    return TaskLoss(-(target[:, family] * log_probability).sum(), target[:, family].sum())


def corn_loss(logits: Tensor, grades: Tensor) -> TaskLoss:
    """CORN loss: each threshold learns only from the cases that reached it.

    Half grades (a mean of two readers) count half for each side.

    Parameters
    ----------
    logits : Tensor
        (..., K).
        Conditional log-odds of "above grade k".
    grades : Tensor
        (...).
        0 to K, NaN where unknown.

    Returns
    -------
    TaskLoss
        Counted by the thresholds that were reached.

    References
    ----------
    Shi, Cao & Raschka 2023, doi 10.1007/s10044-023-01181-9.
    """
    known = ~torch.isnan(grades)
    grade = torch.where(known, grades, torch.zeros_like(grades))[..., None]
    steps = torch.arange(logits.shape[-1], device=logits.device, dtype=grade.dtype)
    above = (grade - steps).clamp(0, 1)
    reached = (grade - steps + 1).clamp(0, 1) * known[..., None]
    each = binary_cross_entropy_with_logits(logits.float(), above, reduction="none")
    return TaskLoss((each * reached).sum(), reached.sum())


def map_loss(logits: Tensor, target: Tensor, weight: Tensor) -> TaskLoss:
    """Cross-entropy of lesion and skin maps, cell by cell.

    Parameters
    ----------
    logits : Tensor
        (B, 2, h, w).
    target : Tensor
        (B, 2, h, w), a fraction 0-1 per cell, NaN where unknown.
    weight : Tensor
        (B, 2), trust in each map.

    Returns
    -------
    TaskLoss
        Counted by the known cells, by trust.
    """
    known = (~torch.isnan(target)).float() * weight[..., None, None]
    entropy = binary_cross_entropy_with_logits(logits.float(), torch.nan_to_num(target), reduction="none")
    return TaskLoss((entropy * known).sum(), known.sum())


def overlap_loss(logits: Tensor, target: Tensor, weight: Tensor) -> TaskLoss:
    """Soft Dice loss of maps; arguments as in `map_loss`.

    A map that is empty in truth has no overlap to find; cross-entropy alone judges it.
    """
    known = (~torch.isnan(target)).float() * weight[..., None, None]
    wanted, drawn = torch.nan_to_num(target), torch.sigmoid(logits.float())
    overlap = (drawn * wanted * known).sum((2, 3))
    total = ((drawn + wanted) * known).sum((2, 3))
    counted = ((wanted * known).sum((2, 3)) > 0).float()
    return TaskLoss((counted * (1 - (2 * overlap + 1) / (total + 1))).sum(), counted.sum())


def area_loss(logits: Tensor, target: Tensor) -> TaskLoss:
    """Absolute error of lesion area over skin area, where both maps are known throughout."""
    known = (~torch.isnan(target)).flatten(1).all(1).float()
    error = (area_of(torch.sigmoid(logits.float())) - area_of(torch.nan_to_num(target))).abs()
    return TaskLoss((error * known).sum(), known.sum())


def area_of(maps: Tensor) -> Tensor:
    """Lesion over skin (B,) in maps (B, 2, h, w) of probabilities."""
    lesion, skin = maps[:, 0], maps[:, 1]
    return (lesion * skin).sum((1, 2)) / skin.sum((1, 2)).clamp(min=1)


def teacher_loss(student: Tensor, teacher: Tensor) -> TaskLoss:
    """One minus the cosine between the student's projection and the teacher's features (B, D); NaN rows ignored."""
    known = (~torch.isnan(teacher).any(1)).float()
    cosine = cosine_similarity(student.float(), torch.nan_to_num(teacher), dim=1)
    return TaskLoss(((1 - cosine) * known).sum(), known.sum())


def keeping_loss(logits: Tensor, before: Tensor, *, temperature: float = 1.0) -> TaskLoss:
    """Divergence of the diagnoses (B, T) from another network's, as Kullback and Leibler measure it.

    The other network is the same one before the stage (Li & Hoiem 2018, doi 10.1109/TPAMI.2017.2773081) or one that
    teaches it (Hinton et al. 2015, arXiv 1503.02531). Both are cooled by the temperature, and its square keeps the
    gradient's size.
    """
    said, kept = (log_softmax(each.float() / temperature, 1) for each in (logits, before))
    divergence = (kept.exp() * (kept - said)).sum() * temperature**2
    return TaskLoss(divergence, divergence.new_tensor(float(len(logits))))


def keeping_grades_loss(logits: Tensor, before: Tensor) -> TaskLoss:
    """Divergence of CORN's conditional answers (..., K) from another network's.

    A threshold counts as far as the other network says that it is reached.
    """
    wanted = torch.sigmoid(before.float())
    reached = torch.cat([torch.ones_like(wanted[..., :1]), wanted[..., :-1].cumprod(-1)], -1)
    return TaskLoss((_divergence(logits, before) * reached).sum(), reached.new_tensor(float(logits[..., 0].numel())))


def keeping_maps_loss(logits: Tensor, before: Tensor) -> TaskLoss:
    """Divergence of maps (B, 2, h, w) from another network's, cell by cell."""
    divergence = _divergence(logits, before)
    return TaskLoss(divergence.sum(), divergence.new_tensor(float(divergence.numel())))


def _divergence(logits: Tensor, before: Tensor) -> Tensor:
    """Kullback-Leibler divergence of each yes-or-no answer from another."""
    wanted = torch.sigmoid(before.float())
    entropy = binary_cross_entropy_with_logits(before.float(), wanted, reduction="none")
    return binary_cross_entropy_with_logits(logits.float(), wanted, reduction="none") - entropy
