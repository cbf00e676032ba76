"""The whole network on one page.

pixels uint8 (B, H, W, 3)
  -> input layers -> ResNet-50 v2 backbone -> features at stride 8 and 16
  -> lesion attention -> lesion and skin maps; features pooled where the lesion is
  -> fusion with the patient's context (NaN is unknown)
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


@dataclass(frozen=True)
class NetworkConfig:
    """What decides the network's shape; stored in every checkpoint."""

    codes: int
    context_features: int
    layer4_blocks: int = 2
    embedding: int = 512
    map_width: int = 96


class NetworkOutput(NamedTuple):
    """Logits and embeddings of a batch; maps are at stride 8, lesion first, skin second."""

    diagnosis: Tensor  # (B, T)
    signs: Tensor  # (B, 6, 3) CORN
    iga: Tensor  # (B, 4) CORN
    maps: Tensor  # (B, 2, H/8, W/8)
    pooled: Tensor  # (B, 3072)
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
        self.fusion = GatedFusion(3 * 1024, config.context_features, embedding=config.embedding)
        self.heads = Heads(config.embedding, config.codes)

    def forward(self, pixels: Tensor, context: Tensor) -> NetworkOutput:
        """Read a batch.

        Parameters
        ----------
        pixels : uint8 (B, H, W, 3)
            sRGB; H and W multiples of 32.
        context : float32 (B, F)
            NaN where unknown.

        Returns
        -------
        NetworkOutput
            Logits, maps and embeddings.
        """
        stride8, stride16 = self.backbone(self.input_layers(pixels))
        maps, attention = self.attention(stride8, stride16)
        pooled = pool(stride16, attention)
        embedding, fused = self.fusion(pooled, context)
        diagnosis, signs, iga = self.heads(fused)
        return NetworkOutput(diagnosis, signs, iga, maps, pooled, embedding, fused)
