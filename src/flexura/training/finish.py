"""The last stage of a run: fusion and heads learn on photos as the clinic will send them.

The main stage sees small, hard crops, so the heads know features of another size and sharpness
than whole photos at the network's side have (Touvron et al. 2019, doi 10.48550/arXiv.1906.06423).
Here backbone and attention stay as they are; their pooled features are computed once per view.
"""

import dataclasses
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.optim import AdamW

from flexura.model.attention import pool
from flexura.model.network import Network
from flexura.training.augment import gentler
from flexura.training.batches import Batch, Batches
from flexura.training.losses import answer_losses
from flexura.training.optimise import learning_rate
from flexura.training.recipe import Recipe


class Seen(NamedTuple):
    """A batch whose pixels have become pooled features (B, 3072)."""

    pooled: Tensor
    batch: Batch


def finish(network: Network, batches: Batches, recipe: Recipe) -> None:
    """Train fusion and heads of a network in place.

    Parameters
    ----------
    network : Network
        After the main stage.
    batches : Batches
        Of the main stage; its photos and contexts are drawn again, in gentler views.
    recipe : Recipe
        `recipe.finish` decides; 0 epochs change nothing.
    """
    config = recipe.finish
    if config.epochs == 0:
        return
    gentle = dataclasses.replace(
        recipe,
        seed=recipe.seed + 1,
        train_side=recipe.network_side,
        augment=gentler(recipe.augment, config.view_strength),
        optimiser=dataclasses.replace(recipe.optimiser, epochs=config.views),
    )
    views = Batches(batches.photos, gentle, contexts=batches.contexts, rendered=batches.rendered)
    seen = [_look(network, views[step]) for step in range(len(views))]
    _learn(network, seen, recipe=recipe)


def _look(network: Network, batch: Batch) -> Seen:
    network.eval()
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        stride8, stride16 = network.backbone(network.input_layers(batch.pixels))
        _, attention = network.attention(stride8, stride16)
        return Seen(pool(stride16.float(), attention), batch)


def _learn(network: Network, seen: list[Seen], *, recipe: Recipe) -> None:
    config, weights = recipe.finish, dataclasses.asdict(recipe.loss)
    parameters = [*network.fusion.parameters(), *network.heads.parameters()]
    optimiser = AdamW(parameters, lr=config.lr, weight_decay=config.weight_decay)
    network.fusion.requires_grad_(True).train()
    network.heads.requires_grad_(True).train()
    # The pooled features of a view never change, so dropping some of them only hides what is true.
    network.fusion.image_dropout.eval()
    torch.manual_seed(recipe.seed)
    random, steps = np.random.default_rng(recipe.seed), config.epochs * len(seen)
    order = [int(index) for _ in range(config.epochs) for index in random.permutation(len(seen))]
    for step, index in enumerate(order):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, steps=steps, peak=config.lr, warmup_fraction=0.05)
        pooled, batch = seen[index]
        _, fused = network.fusion(pooled, batch.context)
        parts = answer_losses(
            network.heads(fused),
            batch,
            smoothing=config.label_smoothing,
            source_weight=recipe.loss.source_weight,
        )
        loss = torch.stack([weights[name] * part for name, part in parts.items()]).sum()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it unannotated
        optimiser.step()
    network.requires_grad_(False).eval()
