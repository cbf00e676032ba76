"""What learns at which rate, the schedule of the rates, and how the tasks share the work."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import AdamW

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


def part_of(network: Network, name: str) -> nn.Module:
    """A part of the network by the name that recipes give it."""
    owner: nn.Module = network.backbone if name.startswith("layer") else network
    return owner.get_submodule(name)


def build_optimiser(network: Network, teach: tuple[str, ...], helpers: nn.Module, rates: OptimiserConfig) -> AdamW:
    """AdamW with a rate for stages 2 and 3, one for stage 4 and one for everything behind them.

    Parameters
    ----------
    network : Network
        Whose parts learn only where `teach` names them.
    teach : tuple of str
        Parts by their names in a recipe.
    helpers : nn.Module
        What learns beside the network and is dropped afterwards.
    rates : OptimiserConfig

    Returns
    -------
    AdamW
        Every group holds its `peak` rate.
    """
    network.requires_grad_(False)
    groups: dict[float, list[nn.Parameter]] = {rates.head_lr: list(helpers.parameters())}
    for name in teach:
        part = part_of(network, name).requires_grad_(True)
        rate = {"layer2": rates.backbone_lr, "layer3": rates.backbone_lr, "layer4": rates.layer4_lr}.get(
            name, rates.head_lr
        )
        groups.setdefault(rate, []).extend(part.parameters())
    return AdamW(
        [{"params": parameters, "lr": rate, "peak": rate} for rate, parameters in groups.items() if parameters],
        weight_decay=rates.weight_decay,
    )


class TaskWeights(nn.Module):
    """Learned weights of the tasks: each loss is divided by its own noise, which costs its logarithm.

    References
    ----------
    Kendall, Gal & Cipolla 2018, doi 10.1109/CVPR.2018.00781.
    """

    def __init__(self, tasks: list[str]) -> None:
        super().__init__()
        self.log_variance = nn.ParameterDict({name: nn.Parameter(torch.zeros(())) for name in tasks})

    def forward(self, name: str, mean: Tensor, *, share: float) -> Tensor:
        """A task's mean loss over a part of the batch, at its weight, with that share of the price of its noise."""
        log_variance: Tensor = self.log_variance[name]
        return torch.exp(-log_variance) * mean + 0.5 * share * log_variance
