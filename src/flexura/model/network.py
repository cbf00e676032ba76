"""The whole network on one page.

pixels uint8 (B, H, W, 3)
  -> input layers -> ResNet-50 v2 backbone -> features at stride 8 and 16
  -> lesion attention -> lesion and skin maps; features pooled where the lesion is
  == `look` ends here: what is measured on the photo (features room) needs its maps
  -> fusion with the patient's context and those findings (NaN is unknown)
  -> heads: diagnosis, six signs, IGA; area comes from the maps
"""

from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor, nn

from flexura.model.attention import LesionAttention, pool
from flexura.model.backbone import Backbone
from flexura.model.fusion import GatedFusion
from flexura.model.heads import Heads
from flexura.model.input_layers import InputLayers

POOLED_WIDTH = 3 * 1024


@dataclass(frozen=True)
class NetworkConfig:
    """What decides the network's shape; stored in every checkpoint."""

    codes: int
    context_features: int
    findings: int
    layer4_blocks: int = 2
    embedding: int = 512
    map_width: int = 96


class Look(NamedTuple):
    """What the picture alone gives; maps are logits at stride 8, lesion first, skin second."""

    maps: Tensor  # (B, 2, H/8, W/8)
    attention: Tensor  # (B, 1, H/16, W/16), sum 1 over positions
    pooled: Tensor  # (B, 3072)


class Answer(NamedTuple):
    """Logits of the heads, and the embeddings they come from."""

    diagnosis: Tensor  # (B, T)
    signs: Tensor  # (B, 6, 3) CORN
    iga: Tensor  # (B, 4) CORN
    embedding: Tensor  # (B, embedding), image only
    fused: Tensor  # (B, embedding)


class Network(nn.Module):
    """Modified ResNet-50 for one photo and its context."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        self.input_layers = InputLayers()
        self.backbone = Backbone(config.layer4_blocks)
        self.attention = LesionAttention(config.map_width)
        self.fusion = GatedFusion(
            POOLED_WIDTH,
            context_features=config.context_features,
            findings=config.findings,
            embedding=config.embedding,
        )
        self.heads = Heads(config.embedding, config.codes)

    def look(self, pixels: Tensor) -> Look:
        """Read the pictures.

        Parameters
        ----------
        pixels : uint8 (B, H, W, 3)
            sRGB; H and W multiples of 32.

        Returns
        -------
        Look
            Maps, attention and pooled features.
        """
        return self.look_from(self.backbone.early(self.input_layers(pixels)))

    def look_from(self, stride8: Tensor) -> Look:
        """The same from features (B, 512, H/8, W/8) of the backbone's early stages."""
        stride16 = self.backbone.late(stride8)
        maps, attention = self.attention(stride8, stride16)
        return Look(maps, attention, pool(stride16, attention))

    def answer(self, pooled: Tensor, context: Tensor, findings: Tensor) -> Answer:
        """Answer on what was seen and what is known beside it.

        Parameters
        ----------
        pooled : float32 (B, 3072)
            Of `look`.
        context : float32 (B, F)
            NaN where unknown.
        findings : float32 (B, M)
            Measured on the photo; NaN where unknown.

        Returns
        -------
        Answer
            Logits and embeddings.
        """
        embedding, fused = self.fusion(pooled, context, findings)
        diagnosis, signs, iga = self.heads(fused)
        return Answer(diagnosis, signs, iga, embedding, fused)
