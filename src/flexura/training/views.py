"""What a stage's network is shown at each step: a fresh batch of pixels, or kept views of which most is computed.

Where the backbone stays as it is, what it sees in a view never changes and is computed once. Kept features are
bfloat16 or float32 on the processor; findings are measured where the maps show lesion and skin.
"""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from flexura.features import FEATURE_NAMES
from flexura.model.attention import pool
from flexura.model.network import Answer, Network
from flexura.training.batches import Batch, Batches
from flexura.training.precision import device_of, mixed_precision
from flexura.training.predictions import measure_all
from flexura.training.recipe import StageConfig


class View(NamedTuple):
    """A batch, and what is known of it without the pixels: features at stride 8 and 16, or pooled ones and findings."""

    batch: Batch
    stride8: Tensor | None = None
    stride16: Tensor | None = None
    pooled: Tensor | None = None  # (B, 3072)
    findings: Tensor | None = None  # (B, M)

    def cut(self, parts: int) -> list["View"]:
        """The view in parts of nearly equal size."""
        pieces = [each.tensor_split(parts) if each is not None else (None,) * parts for each in self[1:]]
        return [View(batch, *of_part) for batch, *of_part in zip(self.batch.cut(parts), *pieces, strict=True)]

    def to(self, device: torch.device) -> "View":
        """The view on a device, its features in float32."""
        return View(self.batch.to(device), *(None if each is None else each.to(device).float() for each in self[1:]))


class Shown(NamedTuple):
    """What a network says of a view; maps are None where the view no longer holds what they come from."""

    maps: Tensor | None
    pooled: Tensor
    answer: Answer


def show(network: Network, view: View) -> Shown:
    """Let a network see a view and answer."""
    findings = view.findings
    if findings is None:
        count, device = len(view.batch.target), view.batch.context.device
        findings = torch.full((count, len(FEATURE_NAMES)), torch.nan, device=device)
    maps, pooled = None, view.pooled
    if view.stride8 is not None and view.stride16 is not None:
        maps, attention = network.attention(view.stride8, view.stride16)
        pooled = pool(view.stride16, attention)
    elif pooled is None:
        maps, _, pooled = network.look(view.batch.pixels)
    return Shown(maps, pooled, network.answer(pooled, view.batch.context, findings))


class Views(Protocol):
    """The views of a stage's steps."""

    def steps(self, first: int) -> Iterator[View]:
        """Views from step `first` on."""


class FreshViews:
    """A new batch for every step, drawn by one worker process ahead of the loop."""

    def __init__(self, batches: Batches) -> None:
        self.batches = batches

    def steps(self, first: int) -> Iterator[View]:
        """Views from step `first` on."""
        return (View(batch) for batch in _load(self.batches, range(first, len(self.batches))))


class KeptViews:
    """A few views of every photo, computed once and shown again and again, in another order each time.

    Of what was measured on them a share is shown, drawn anew at every step: an answer without it must be a good one.
    """

    def __init__(self, kept: list[View], *, steps: int, seed: int, findings_share: float) -> None:
        self.kept, self.seed, self.findings_share = kept, seed, findings_share
        random, rounds = np.random.default_rng(seed), -(-steps // len(kept))
        self.order = [int(index) for _ in range(rounds) for index in random.permutation(len(kept))][:steps]

    def steps(self, first: int) -> Iterator[View]:
        """Views from step `first` on."""
        return (self._show_some(self.kept[index], step) for step, index in enumerate(self.order[first:], first))

    def _show_some(self, view: View, step: int) -> View:
        if view.findings is None:
            return view
        shown = np.random.default_rng((self.seed, step)).random((len(view.findings), 1)) < self.findings_share
        return view._replace(findings=view.findings.where(torch.from_numpy(shown), torch.nan))


def keep_views(network: Network, batches: Batches, stage: StageConfig) -> list[View]:
    """Look once at the views that a stage keeps.

    Parameters
    ----------
    network : Network
        As it is before the stage.
    batches : Batches
        Of the stage.
    stage : StageConfig
        `kept_views` of every photo; where attention learns, features before it are kept, else what comes after it.

    Returns
    -------
    list of View
        One per batch.
    """
    drawn = _load(batches, range(stage.kept_views * batches.steps_per_epoch))
    keep = _keep_before_attention if "attention" in stage.teach else _keep_after_attention
    return [keep(network, batch) for batch in drawn]


def _load(batches: Batches, steps: range) -> Iterator[Batch]:
    # A generator of its own: starting a loader draws from it, and dropout must not notice a resumed run.
    generator = torch.Generator()
    return iter(
        DataLoader(batches, batch_size=None, sampler=steps, num_workers=1, prefetch_factor=6, generator=generator)
    )


def _keep_before_attention(network: Network, batch: Batch) -> View:
    pixels = batch.pixels.to(device_of(network))
    with torch.no_grad(), mixed_precision(pixels.device):
        stride8, stride16 = network.backbone(network.input_layers(pixels))
    return View(_without_pixels(batch), stride8.bfloat16().cpu(), stride16.bfloat16().cpu())


def _keep_after_attention(network: Network, batch: Batch) -> View:
    pixels = batch.pixels.to(device_of(network))
    with torch.no_grad(), mixed_precision(pixels.device):
        look = network.look(pixels)
    maps = torch.sigmoid(look.maps.float()).cpu().numpy()
    findings = torch.from_numpy(measure_all(list(batch.pixels.numpy()), maps))
    return View(_without_pixels(batch), pooled=look.pooled.float().cpu(), findings=findings)


def _without_pixels(batch: Batch) -> Batch:
    return Batch(**vars(batch) | {"pixels": batch.pixels[:, :1, :1].clone()})
