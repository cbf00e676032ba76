"""Clinical consistency: what no pair of answers on one photo may say, as losses on expected values.

The side that is surer of its ground is taken as given: maps judge signs, signs judge the IGA, never the reverse.
None of them needs a label; all count every photo.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from flexura.model.heads import corn_probabilities
from flexura.records import SIGN_NAMES
from flexura.training.losses import TaskLoss

# Highest grade of a sign (EASI, Hanifin 2001, doi 10.1034/j.1600-0625.2001.100102.x) and of the IGA.
_WORST_SIGN, _WORST_IGA = 3, 4
# Of 707 readings of ../shared/data 96 % have an IGA equal to the worst of their six signs or one grade above.
_IGA_ABOVE_WORST_SIGN = 1.0
# A photo is worse than another in every sign only where none is lower by more than this.
_SAME_GRADE = 0.1


class Said(NamedTuple):
    """Expected values of a batch's answers; `lesion` is the highest probability of a lesion on skin, 0-1."""

    healthy: Tensor  # (B,), probability of healthy skin
    signs: Tensor  # (B, 6), 0-3
    iga: Tensor  # (B,), 0-4
    lesion: Tensor  # (B,)


def read_answers(diagnosis: Tensor, signs: Tensor, iga: Tensor, maps: Tensor, *, healthy: int) -> Said:
    """Expected values from logits: diagnosis (B, T), signs (B, 6, 3), IGA (B, 4), maps (B, 2, h, w)."""
    drawn = torch.sigmoid(maps.float())
    return Said(
        healthy=diagnosis.float().softmax(1)[:, healthy],
        signs=_expected(signs),
        iga=_expected(iga),
        lesion=(drawn[:, 0] * drawn[:, 1]).flatten(1).amax(1),
    )


def _expected(logits: Tensor) -> Tensor:
    distribution = corn_probabilities(logits.float())
    return distribution @ torch.arange(distribution.shape[-1], device=logits.device, dtype=distribution.dtype)


def signs_without_lesion(said: Said) -> TaskLoss:
    """No lesion means no signs: mean grade, as far as the map shows no lesion."""
    absent = 1 - said.lesion.detach()
    return _over_photos(absent * said.signs.sum(1) / (len(SIGN_NAMES) * _WORST_SIGN))


def iga_off_signs(said: Said) -> TaskLoss:
    """The IGA lies between the worst sign and one grade above it; what exceeds this, over the scale."""
    worst = said.signs.detach().amax(1)
    below, above = worst - said.iga, said.iga - worst - _IGA_ABOVE_WORST_SIGN
    return _over_photos((below.clamp(min=0) + above.clamp(min=0)) / _WORST_IGA)


def severity_out_of_order(said: Said) -> TaskLoss:
    """Severity is not lower where signs are higher: of two photos the one worse in every sign has no lower IGA.

    Averaged over each photo's comparisons, so that a batch of n photos counts n.
    """
    signs = said.signs.detach()
    worse = (signs[:, None] >= signs[None] - _SAME_GRADE).all(2) & (signs.sum(1)[:, None] > signs.sum(1)[None])
    lower = (said.iga[None] - said.iga[:, None]).clamp(min=0) / _WORST_IGA
    return _over_photos((worse * lower).sum(1) / worse.sum(1).clamp(min=1))


def healthy_with_lesion(said: Said) -> TaskLoss:
    """Healthy skin has no lesion: its probability, as far as the map shows one."""
    return _over_photos(said.healthy * said.lesion.detach())


def _over_photos(each: Tensor) -> TaskLoss:
    return TaskLoss(each.sum(), each.new_tensor(float(len(each))))


# By the name of their weight in a recipe.
TERMS = {
    "signs_without_lesion": signs_without_lesion,
    "iga_off_signs": iga_off_signs,
    "severity_out_of_order": severity_out_of_order,
    "healthy_with_lesion": healthy_with_lesion,
}
