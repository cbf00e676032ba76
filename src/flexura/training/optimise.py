"""The optimiser's groups and the schedule of its rates."""

import numpy as np
from torch import nn
from torch.optim import AdamW

from flexura.model.backbone import Backbone
from flexura.model.network import Network
from flexura.training.recipe import OptimiserConfig


def learning_rate(step: int, *, steps: int, peak: float, warmup_fraction: float) -> float:
    """Linear warm-up from a twentieth of the peak, then half a cosine down to a hundredth of it.

    Step 0 already learns, and the peak is reached at the last warm-up step.
    """
    warmup = max(1, round(steps * warmup_fraction))
    if step < warmup:
        return peak * (0.05 + 0.95 * (step + 1) / warmup) if warmup > 1 else peak
    done = (step - warmup + 1) / max(1, steps - warmup)
    return float(peak * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * done))))


def build_optimiser(network: Network, projection: nn.Linear, rates: OptimiserConfig) -> AdamW:
    """AdamW with a rate for stage 3, one for stage 4 and one for everything behind them."""
    backbone: Backbone = network.backbone
    heads = [network.attention, network.fusion, network.heads, projection]
    groups = (
        (list(backbone.layer3.parameters()), rates.backbone_lr),
        (list(backbone.layer4.parameters()), rates.layer4_lr),
        ([parameter for head in heads for parameter in head.parameters()], rates.head_lr),
    )
    return AdamW(
        [{"params": parameters, "lr": rate, "peak": rate} for parameters, rate in groups if parameters],
        weight_decay=rates.weight_decay,
    )
