"""Where the lesion is: a light decoder draws lesion and skin maps, and features are pooled by them."""

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate

MAP_STRIDE = 8


class LesionAttention(nn.Module):
    """Lesion and skin maps at stride 8, and an attention at stride 16 that follows the lesion.

    The attention's logit is the lesion's, which outlines supervise, plus a learnt correction,
    so that it works on photos without an outline and on diseases that are seen elsewhere.
    """

    def __init__(self, width: int = 96) -> None:
        super().__init__()
        self.from_stride8 = nn.Conv2d(512, width, 1)
        self.from_stride16 = nn.Conv2d(1024, width, 1)
        self.mix = nn.Conv2d(width, width, 3, padding=1)
        self.maps = nn.Conv2d(width, 2, 1)
        self.correction = nn.Conv2d(1024, 1, 1)

    def forward(self, stride8: Tensor, stride16: Tensor) -> tuple[Tensor, Tensor]:
        """Draw the maps and weigh the positions.

        Parameters
        ----------
        stride8 : (B, 512, h, w)
        stride16 : (B, 1024, h/2, w/2)

        Returns
        -------
        map_logits : (B, 2, h, w)
            Lesion, then skin.
        attention : (B, 1, h/2, w/2)
            Non-negative, sum 1 over positions.
        """
        upsampled = interpolate(self.from_stride16(stride16), scale_factor=2.0, mode="bilinear", align_corners=False)
        mixed = torch.relu(self.mix(torch.relu(self.from_stride8(stride8) + upsampled)))
        map_logits = self.maps(mixed)
        score = avg_pool2d(map_logits[:, :1], 2) + self.correction(stride16)
        attention = score.flatten(1).float().softmax(1).view_as(score)
        return map_logits, attention


def pool(features: Tensor, attention: Tensor) -> Tensor:
    """Mean, maximum and attention-weighted mean over positions.

    Parameters
    ----------
    features : (B, C, h, w)
    attention : (B, 1, h, w), sum 1

    Returns
    -------
    (B, 3 C)
    """
    weighted = (features * attention).sum((2, 3))
    return torch.cat([features.mean((2, 3)), features.amax((2, 3)), weighted], 1)
