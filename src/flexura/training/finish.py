"""The last stage of a run: maps, fusion and heads learn on photos as the clinic will send them.

The main stage sees small, hard crops, so everything behind the backbone knows features of another size and
sharpness than whole photos at the network's side have (Touvron et al. 2019, doi 10.48550/arXiv.1906.06423).
Here the backbone stays as it is, and what it sees is computed once per view. First the maps' decoder learns; then
findings are measured where the maps show lesion and skin; then fusion and heads learn, with them and with contexts.
"""

import dataclasses
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.optim import AdamW
from torch.utils.data import DataLoader

from flexura.model.network import Network
from flexura.training.augment import gentler
from flexura.training.batches import Batch, Batches
from flexura.training.datasets import LabelledPhoto
from flexura.training.losses import answer_losses, area_loss, map_loss
from flexura.training.optimise import learning_rate
from flexura.training.precision import mixed_precision
from flexura.training.predictions import measure_all
from flexura.training.recipe import FinishConfig, Recipe

_WARMUP_FRACTION = 0.05


class Mapped(NamedTuple):
    """A batch whose pixels have become features at stride 8 and 16, kept in bfloat16."""

    stride8: Tensor
    stride16: Tensor
    batch: Batch


class Seen(NamedTuple):
    """A batch whose pixels have become pooled features (B, 3072) and findings (B, M)."""

    pooled: Tensor
    findings: Tensor
    batch: Batch


def finish(network: Network, batches: Batches, recipe: Recipe) -> None:
    """Train maps, fusion and heads of a network in place.

    Parameters
    ----------
    network : Network
        After the main stage.
    batches : Batches
        Of the main stage; its photos and contexts are drawn again, in gentler views.
    recipe : Recipe
        `recipe.finish` decides; 0 epochs of both kinds change nothing.
    """
    network.eval()
    if recipe.finish.map_epochs and batches.outlined:
        outlined = [batches.photos[index] for index in batches.outlined]
        finish_maps(network, [_map(network, batch) for batch in _views(outlined, batches, recipe)], recipe)
    if recipe.finish.epochs:
        finish_answers(network, see_views(network, batches, recipe), recipe)


def see_views(network: Network, batches: Batches, recipe: Recipe) -> list[Seen]:
    """Look at gentler views of the training photos, and measure them.

    Parameters
    ----------
    network : Network
        Whose maps are finished.
    batches : Batches
        Of the main stage.
    recipe : Recipe
        `recipe.finish` says how many views.

    Returns
    -------
    list of Seen
        One per batch.
    """
    return [_see(network, batch) for batch in _views(batches.photos, batches, recipe)]


def finish_maps(network: Network, seen: list[Mapped], recipe: Recipe) -> None:
    """Train the decoder of lesion and skin maps in place; the attention's learnt correction stays."""
    config, weights = recipe.finish, recipe.loss
    decoder = network.attention
    for part in (decoder.from_stride8, decoder.from_stride16, decoder.mix, decoder.maps):
        part.requires_grad_(True)
    optimiser = AdamW(
        [parameter for parameter in decoder.parameters() if parameter.requires_grad],
        lr=config.map_lr,
        weight_decay=config.weight_decay,
    )
    for index, rate in _schedule(len(seen), config.map_epochs, config.map_lr, seed=recipe.seed):
        stride8, stride16, batch = seen[index]
        with mixed_precision():
            maps, _ = decoder(stride8.float(), stride16.float())
        parts = (weights.maps * map_loss(maps, batch.maps, batch.map_trust), weights.area * area_loss(maps, batch.maps))
        _step(optimiser, torch.stack(parts).sum(), rate)
    network.requires_grad_(False).eval()


def finish_answers(network: Network, seen: list[Seen], recipe: Recipe) -> None:
    """Train fusion and heads in place; findings are brought to unit scale by those of the views."""
    config, weights = recipe.finish, dataclasses.asdict(recipe.loss)
    _scale_findings(network, seen)
    parameters = [*network.fusion.parameters(), *network.heads.parameters()]
    optimiser = AdamW(parameters, lr=config.lr, weight_decay=config.weight_decay)
    network.fusion.requires_grad_(True).train()
    network.heads.requires_grad_(True).train()
    # The pooled features of a view never change, so dropping some of them only hides what is true.
    network.fusion.image_dropout.eval()
    torch.manual_seed(recipe.seed)
    for index, rate in _schedule(len(seen), config.epochs, config.lr, seed=recipe.seed):
        pooled, findings, batch = seen[index]
        answer = network.answer(pooled, batch.context, _some(findings, config))
        parts = answer_losses(
            (answer.diagnosis, answer.signs, answer.iga),
            batch,
            smoothing=config.label_smoothing,
            source_weight=recipe.loss.source_weight,
        )
        _step(optimiser, torch.stack([weights[name] * part for name, part in parts.items()]).sum(), rate)
    network.requires_grad_(False).eval()


def _views(photos: list[LabelledPhoto], batches: Batches, recipe: Recipe) -> Iterator[Batch]:
    """Gentler views at the network's side, drawn by a process of their own."""
    config = recipe.finish
    gentle = dataclasses.replace(
        recipe,
        seed=recipe.seed + 1,
        train_side=recipe.network_side,
        augment=gentler(recipe.augment, config.view_strength),
        optimiser=dataclasses.replace(recipe.optimiser, epochs=config.views),
    )
    views = Batches(photos, gentle, contexts=batches.contexts, rendered=batches.rendered)
    generator = torch.Generator().manual_seed(recipe.seed)
    return iter(DataLoader(views, batch_size=None, sampler=range(len(views)), num_workers=1, generator=generator))


def _map(network: Network, batch: Batch) -> Mapped:
    with torch.no_grad(), mixed_precision():
        stride8, stride16 = network.backbone(network.input_layers(batch.pixels))
    return Mapped(stride8.bfloat16(), stride16.bfloat16(), batch)


def _see(network: Network, batch: Batch) -> Seen:
    with torch.no_grad(), mixed_precision():
        look = network.look(batch.pixels)
    maps = torch.sigmoid(look.maps.float()).numpy()
    return Seen(look.pooled.float(), torch.from_numpy(measure_all(list(batch.pixels.numpy()), maps)), batch)


def _scale_findings(network: Network, seen: list[Seen]) -> None:
    measured = np.concatenate([each.findings.numpy() for each in seen])
    known = ~np.isnan(measured)
    count = np.maximum(known.sum(0), 1)
    centre = np.where(known, measured, 0).sum(0) / count
    spread = np.sqrt(np.where(known, (measured - centre) ** 2, 0).sum(0) / count)
    branch = network.fusion.from_findings
    branch.centre.copy_(torch.from_numpy(centre.astype(np.float32)))
    branch.spread.copy_(torch.from_numpy(np.where(spread > 0, spread, 1).astype(np.float32)))


def _some(findings: Tensor, config: FinishConfig) -> Tensor:
    """Findings of a share of the photos, so that an answer without them stays a good one."""
    kept = torch.rand(len(findings), 1) < config.findings_share
    return torch.where(kept, findings, torch.full_like(findings, torch.nan))


def _schedule(batches: int, epochs: int, peak: float, *, seed: int) -> Iterator[tuple[int, float]]:
    """Which batch comes next, and its learning rate."""
    random, steps = np.random.default_rng(seed), epochs * batches
    order = [int(index) for _ in range(epochs) for index in random.permutation(batches)]
    for step, index in enumerate(order):
        yield index, learning_rate(step, steps=steps, peak=peak, warmup_fraction=_WARMUP_FRACTION)


def _step(optimiser: AdamW, loss: Tensor, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it unannotated
    optimiser.step()
