"""Losses of the network's tasks; every one ignores what is not known (NaN or an absent class).

All return a scalar that is 0, with a gradient, when nothing in the batch is known.
"""

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cosine_similarity, log_softmax

from flexura.training.batches import Batch


def answer_losses(
    answers: tuple[Tensor, Tensor, Tensor], batch: Batch, *, smoothing: float, source_weight: float
) -> dict[str, Tensor]:
    """Losses of the heads' three answers (diagnosis, signs, IGA logits), by task."""
    diagnosis, signs, iga = answers
    labelled = batch.label >= 0
    return {
        "diagnosis": diagnosis_loss(
            diagnosis[labelled],
            batch.label[labelled],
            present=batch.present[labelled],
            smoothing=smoothing,
            source_weight=source_weight,
        ),
        "signs": corn_loss(signs, batch.signs),
        "iga": corn_loss(iga, batch.iga),
    }


def diagnosis_loss(logits: Tensor, truth: Tensor, *, present: Tensor, smoothing: float, source_weight: float) -> Tensor:
    """Cross-entropy over all codes, mixed with one over the codes that the photo's source holds.

    The second part never rewards the network for recognising a camera: it compares a photo
    only with diseases photographed by the same source.

    Parameters
    ----------
    logits : Tensor
        (B, T).
    truth : Tensor
        int64 (B,).
    present : Tensor
        bool (B, T).
        Codes that the photo's source holds in the training folds.
    smoothing : float
        Label smoothing, spread over the codes compared.
    source_weight : float
        Share of the within-source part, 0 to 1.

    Returns
    -------
    Tensor
        Mean over the batch.
    """
    everywhere = _smoothed_cross_entropy(logits, truth, torch.ones_like(present), smoothing=smoothing)
    within = _smoothed_cross_entropy(logits, truth, present, smoothing=smoothing)
    return ((1 - source_weight) * everywhere + source_weight * within).mean()


def _smoothed_cross_entropy(logits: Tensor, truth: Tensor, compared: Tensor, *, smoothing: float) -> Tensor:
    log_probability = log_softmax(logits.float().masked_fill(~compared, -1e4), 1)
    spread = (log_probability * compared).sum(1) / compared.sum(1)
    chosen = log_probability.gather(1, truth[:, None])[:, 0]
    return -(1 - smoothing) * chosen - smoothing * spread


def corn_loss(logits: Tensor, grades: Tensor) -> Tensor:
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
    Tensor
        Mean over the thresholds that were reached.

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
    return (each * reached).sum() / reached.sum().clamp(min=1)


def map_loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Cross-entropy plus soft Dice of lesion and skin maps.

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
    Tensor
        Mean over the known cells.
    """
    known = (~torch.isnan(target)).float() * weight[..., None, None]
    wanted = torch.nan_to_num(target)
    logits = logits.float()
    entropy = binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    entropy = (entropy * known).sum() / known.sum().clamp(min=1)
    drawn = torch.sigmoid(logits)
    overlap = (drawn * wanted * known).sum((2, 3))
    total = ((drawn + wanted) * known).sum((2, 3))
    # A map that is empty in truth has no overlap to find; cross-entropy alone judges it.
    counted = ((wanted * known).sum((2, 3)) > 0).float()
    dice = (counted * (1 - (2 * overlap + 1) / (total + 1))).sum() / counted.sum().clamp(min=1)
    return entropy + 0.5 * dice


def area_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Mean absolute error of lesion area over skin area, where both maps are known."""
    known = (~torch.isnan(target)).flatten(1).all(1)
    drawn, wanted = torch.sigmoid(logits.float()), torch.nan_to_num(target)
    error = (_area(drawn) - _area(wanted)).abs() * known
    return error.sum() / known.sum().clamp(min=1)


def _area(maps: Tensor) -> Tensor:
    lesion, skin = maps[:, 0], maps[:, 1]
    return (lesion * skin).sum((1, 2)) / skin.sum((1, 2)).clamp(min=1)


def teacher_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """One minus the cosine between the student's projection and the teacher's features (B, D); NaN rows ignored."""
    known = ~torch.isnan(teacher).any(1)
    cosine = cosine_similarity(student.float(), torch.nan_to_num(teacher), dim=1)
    return ((1 - cosine) * known).sum() / known.sum().clamp(min=1)
