"""Image embedding, patient context and measured findings become one vector; what is unknown changes nothing."""

from typing import cast

import torch
from torch import Tensor, nn

# Standardised values beyond this say no more; a measurement gone astray must not shout.
_FARTHEST = 4.0


class GatedBranch(nn.Module):
    """Something known beside the picture, as a gated addition to its embedding.

    Where nothing is known the addition is multiplied by zero, so that a missing value is a normal
    case and not an imputed one. `centre` and `spread` bring the values to unit scale.
    """

    centre: Tensor
    spread: Tensor

    def __init__(self, values: int, *, embedding: int, width: int = 64) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(values))
        self.register_buffer("spread", torch.ones(values))
        self.describe = nn.Sequential(nn.Linear(2 * values, width), nn.ReLU(), nn.Linear(width, embedding), nn.Tanh())
        self.gate = nn.Linear(2 * embedding, embedding)

    def forward(self, embedding: Tensor, values: Tensor) -> Tensor:
        """The addition (B, embedding) that values (B, F), NaN where unknown, make to an embedding (B, embedding)."""
        known = ~torch.isnan(values)
        scaled = ((values - self.centre) / self.spread).clamp(-_FARTHEST, _FARTHEST)
        scaled = torch.where(known, scaled, torch.zeros_like(scaled))
        described = self.describe(torch.cat([scaled, known.to(scaled.dtype)], 1))
        described = described * known.any(1, keepdim=True).to(described.dtype)
        return cast(Tensor, torch.sigmoid(self.gate(torch.cat([embedding, described], 1))) * described)


class GatedFusion(nn.Module):
    """Add gated context and findings to the image embedding.

    A photo of which nothing else is known keeps exactly its image embedding.
    """

    def __init__(self, image_width: int, *, context_features: int, findings: int, embedding: int = 512) -> None:
        super().__init__()
        self.normalise = nn.LayerNorm(image_width)
        self.image_dropout = nn.Dropout(0.4)
        self.from_image = nn.Linear(image_width, embedding)
        self.from_context = GatedBranch(context_features, embedding=embedding)
        self.from_findings = GatedBranch(findings, embedding=embedding)

    def forward(self, image: Tensor, context: Tensor, findings: Tensor) -> tuple[Tensor, Tensor]:
        """Fuse.

        Parameters
        ----------
        image : (B, image_width)
            Pooled features.
        context : (B, F)
            Context features, NaN where unknown.
        findings : (B, M)
            Measured image features, NaN where unknown.

        Returns
        -------
        image_embedding, fused : (B, embedding) each
        """
        embedding = self.from_image(self.image_dropout(self.normalise(image)))
        added = self.from_context(embedding, context) + self.from_findings(embedding, findings)
        return embedding, cast(Tensor, embedding + added)
