"""Image embedding and patient context become one vector; unknown context changes nothing."""

from typing import cast

import torch
from torch import Tensor, nn


class GatedFusion(nn.Module):
    """Add a gated context vector to the image embedding.

    A photo with no known context field keeps exactly its image embedding: the context branch
    is multiplied by zero, so a missing context is a normal case and not an imputed patient.
    """

    def __init__(self, image_width: int, context_features: int, *, embedding: int = 512) -> None:
        super().__init__()
        self.normalise = nn.LayerNorm(image_width)
        self.image_dropout = nn.Dropout(0.4)
        self.from_image = nn.Linear(image_width, embedding)
        self.from_context = nn.Sequential(
            nn.Linear(2 * context_features, 64), nn.ReLU(), nn.Linear(64, embedding), nn.Tanh()
        )
        self.gate = nn.Linear(2 * embedding, embedding)

    def forward(self, image: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """Fuse.

        Parameters
        ----------
        image : (B, image_width)
            Pooled features.
        context : (B, F)
            Context features, NaN where unknown.

        Returns
        -------
        image_embedding, fused : (B, embedding) each
        """
        embedding = self.from_image(self.image_dropout(self.normalise(image)))
        known = ~torch.isnan(context)
        values = torch.where(known, context, torch.zeros_like(context))
        described = self.from_context(torch.cat([values, known.to(values.dtype)], 1))
        described = described * known.any(1, keepdim=True).to(described.dtype)
        gate = torch.sigmoid(self.gate(torch.cat([embedding, described], 1)))
        return embedding, cast(Tensor, embedding + gate * described)
