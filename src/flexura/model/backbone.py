"""ResNet-50 v2 (pre-activation residual blocks) up to stride 16, with a narrow fourth stage.

Stem and stages 1-3 carry ImageNet weights and their batch statistics, which stay fixed: a
photo must score the same alone and in any batch. The fourth stage keeps stride 16, so that
small lesions stay visible to the attention, and starts as the identity.

References: He et al. 2016, doi 10.1007/978-3-319-46493-0_38.
"""

from pathlib import Path
from typing import cast

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

STAGE_BLOCKS = (3, 4, 6)
STAGE_WIDTHS = (64, 128, 256)
EXPANSION = 4
BATCH_NORM_EPS = 1e-5


class FixedBatchNorm(nn.BatchNorm2d):
    """Batch normalisation whose statistics never move, in training mode either; scale and shift can learn."""

    def __init__(self, channels: int, *, eps: float = BATCH_NORM_EPS) -> None:
        super().__init__(channels, eps=eps)
        # A new module is in training mode without ever having been told so.
        self.eval()

    def train(self, mode: bool = True) -> "FixedBatchNorm":
        """Ignore the mode: statistics are those of the pre-training."""
        del mode
        return super().train(False)


class Bottleneck(nn.Module):
    """Pre-activation bottleneck: (norm, ReLU, convolution) of 1 x 1, 3 x 3, 1 x 1, added to its input."""

    def __init__(self, channels: int, width: int, *, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.bn1 = FixedBatchNorm(channels, eps=BATCH_NORM_EPS)
        self.conv1 = nn.Conv2d(channels, width, 1, bias=False)
        self.bn2 = FixedBatchNorm(width, eps=BATCH_NORM_EPS)
        self.conv2 = nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn3 = FixedBatchNorm(width, eps=BATCH_NORM_EPS)
        self.conv3 = nn.Conv2d(width, out_channels, 1, bias=False)
        reshapes = stride != 1 or channels != out_channels
        self.downsample = nn.Conv2d(channels, out_channels, 1, stride=stride, bias=False) if reshapes else None

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, H, W) to (B, C', H / stride, W / stride)."""
        activated = torch.relu(self.bn1(x))
        shortcut = x if self.downsample is None else self.downsample(activated)
        y = self.conv1(activated)
        y = self.conv2(torch.relu(self.bn2(y)))
        y = self.conv3(torch.relu(self.bn3(y)))
        return cast(Tensor, y + shortcut)


def _stage(channels: int, width: int, *, blocks: int, stride: int) -> nn.Sequential:
    out = width * EXPANSION
    first = Bottleneck(channels, width, out_channels=out, stride=stride)
    return nn.Sequential(first, *(Bottleneck(out, width, out_channels=out) for _ in range(blocks - 1)))


class Backbone(nn.Module):
    """Feature maps at stride 8 (512 channels) and stride 16 (1,024 channels).

    Parameters
    ----------
    layer4_blocks : int
        Bottlenecks of the fourth stage, each 256 wide at stride 16; 0 leaves it out.
    """

    def __init__(self, layer4_blocks: int = 2) -> None:
        super().__init__()
        self.bn0 = FixedBatchNorm(3, eps=BATCH_NORM_EPS)
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = FixedBatchNorm(64, eps=BATCH_NORM_EPS)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = _stage(64, STAGE_WIDTHS[0], blocks=STAGE_BLOCKS[0], stride=1)
        self.layer2 = _stage(256, STAGE_WIDTHS[1], blocks=STAGE_BLOCKS[1], stride=2)
        self.layer3 = _stage(512, STAGE_WIDTHS[2], blocks=STAGE_BLOCKS[2], stride=2)
        self.layer4 = nn.Sequential(*(Bottleneck(1024, 256, out_channels=1024) for _ in range(layer4_blocks)))
        for block in self.layer4:
            nn.init.zeros_(cast(Bottleneck, block).conv3.weight)

    def load_pretrained(self, path: Path) -> None:
        """Load stem and stages 1-3 from a safetensors file; the fourth stage keeps its start.

        Parameters
        ----------
        path : Path
            `resnet50v2_imagenet_stem_layer1to3_fp16.safetensors`.

        Raises
        ------
        ValueError
            If the file lacks a tensor of these stages or holds one more.
        """
        tensors = {name: tensor.float() for name, tensor in load_file(path).items()}
        expected = {name for name in self.state_dict() if not name.startswith("layer4.")}
        missing, unexpected = expected - tensors.keys(), sorted(tensors.keys() - expected)
        if missing or unexpected:
            raise ValueError(f"not the stem and stages 1-3 of a ResNet-50 v2: {len(missing)} missing, {unexpected[:3]}")
        self.load_state_dict(tensors, strict=False)

    def early(self, x: Tensor) -> Tensor:
        """Map normalised pixels (B, 3, H, W) to features (B, 512, H/8, W/8): stem and stages 1-2."""
        x = self.pool(torch.relu(self.bn1(self.conv1(self.bn0(x)))))
        return cast(Tensor, self.layer2(self.layer1(x)))

    def late(self, stride8: Tensor) -> Tensor:
        """Map features (B, 512, H/8, W/8) to features (B, 1024, H/16, W/16): stages 3-4."""
        return cast(Tensor, self.layer4(self.layer3(stride8)))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Map normalised pixels (B, 3, H, W) to features (B, 512, H/8, W/8) and (B, 1024, H/16, W/16)."""
        stride8 = self.early(x)
        return stride8, self.late(stride8)
