"""The network's first layers: raw pixels become a normalised tensor inside the graph."""

import torch
from torch import Tensor, nn


class InputLayers(nn.Module):
    """Turn uint8 pixels into a normalised tensor, so that no caller can normalise twice or not at all.

    The backbone was trained on RGB in [0, 1] with ImageNet's mean and deviation per channel.
    """

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).mul(255), persistent=False)
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).mul(255), persistent=False)

    def forward(self, pixels: Tensor) -> Tensor:
        """Normalise pixels.

        Parameters
        ----------
        pixels : uint8 (B, H, W, 3)
            sRGB.

        Returns
        -------
        float32 (B, 3, H, W)
        """
        return ((pixels.float() - self.mean) / self.std).permute(0, 3, 1, 2)
