"""A training recipe: one TOML file that decides a run, checked key by key."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from flexura.errors import RecipeError
from flexura.training.augment import AugmentConfig


@dataclass(frozen=True)
class DataConfig:
    """Which photos train, which are looked at while training, and what accompanies them."""

    train_folds: tuple[int, ...] = (0, 1, 2, 3)
    # One in so many groups of the training folds is kept out of training, for calibration; 0 keeps none.
    calibration_one_in: int = 0
    # Looked at after every few epochs; must not share a fold with training. Empty: nothing is looked at.
    watch_folds: tuple[int, ...] = ()
    # Sources kept out of training altogether and watched as an unseen camera.
    unseen_sources: tuple[str, ...] = ()
    # Paths relative to the data folder or absolute; an empty string leaves the part out.
    teacher: str = ""
    scin: str = "scin"
    rendered: str = ""


@dataclass(frozen=True)
class OptimiserConfig:
    """AdamW under a one-cycle schedule with averaged weights."""

    epochs: int = 14
    batch: int = 24
    backbone_lr: float = 1e-4
    layer4_lr: float = 3e-4
    head_lr: float = 1e-3
    weight_decay: float = 0.02
    warmup_fraction: float = 0.08
    clip_norm: float = 5.0
    average_decay: float = 0.995


@dataclass(frozen=True)
class LossConfig:
    """Weights of the tasks, and how the diagnosis is compared."""

    diagnosis: float = 1.0
    signs: float = 0.5
    iga: float = 0.25
    maps: float = 0.5
    area: float = 0.5
    teacher: float = 1.0
    label_smoothing: float = 0.1
    source_weight: float = 0.5
    # Trust in the teacher's saliency as a skin map, beside 1 for an outline.
    saliency_trust: float = 0.3


@dataclass(frozen=True)
class SamplingConfig:
    """How often which photo is drawn, and what replaces or accompanies it."""

    # A photo is drawn with weight 1 / count(code, source) ** power.
    balance_power: float = 0.5
    # Share of draws replaced by lesion-free skin of a photo that has an outline, labelled healthy:
    # healthy skin then comes from every camera, not only from the source that photographed hands.
    healthy_share: float = 0.04
    rendered_share: float = 0.0
    # Share of draws with a context, and of its fields kept.
    context_share: float = 0.4
    context_field_share: float = 0.7


@dataclass(frozen=True)
class FinishConfig:
    """The last stage: maps, fusion and heads learn on photos as the clinic sends them; 0 epochs leave a part out."""

    # The maps' decoder, on the outlined photos alone.
    map_epochs: int = 6
    map_lr: float = 5e-4
    # Fusion and heads.
    epochs: int = 8
    # Share of views that come with what was measured on them.
    findings_share: float = 0.8
    # Views of every photo whose features are computed once, and how far they lie from it (see `gentler`).
    views: int = 4
    view_strength: float = 0.4
    lr: float = 1e-3
    weight_decay: float = 0.02
    label_smoothing: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a run, beside the data and the pretrained weights."""

    name: str
    seed: int = 0
    train_side: int = 224
    network_side: int = 288
    layer4_blocks: int = 2
    backbone_weights: str = ""
    data: DataConfig = field(default_factory=DataConfig)
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    sampling: SamplingConfig = field(default_factory=SamplingConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    finish: FinishConfig = field(default_factory=FinishConfig)


_PARTS: dict[str, type] = {
    "data": DataConfig,
    "optimiser": OptimiserConfig,
    "loss": LossConfig,
    "sampling": SamplingConfig,
    "augment": AugmentConfig,
    "finish": FinishConfig,
}


def read_recipe(path: Path) -> tuple[Recipe, str]:
    """Read a recipe and the SHA-256 of its file.

    Parameters
    ----------
    path : Path
        A TOML file.

    Returns
    -------
    tuple[Recipe, str]
        Recipe and hash.

    Raises
    ------
    RecipeError
        If the file is no TOML, or holds an unknown or impossible setting; the message names it.
    """
    try:
        content = path.read_bytes()
        table = tomllib.loads(content.decode())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RecipeError(f"the recipe cannot be read: {error}") from error
    parts = {name: _build(part, table.pop(name, {}), where=f"[{name}]") for name, part in _PARTS.items()}
    recipe = _build(Recipe, table | parts, where="the recipe")
    _check(recipe)
    return recipe, hashlib.sha256(content).hexdigest()


def _build(cls: type, given: Mapping[str, Any], *, where: str) -> Any:
    known = {item.name: item for item in fields(cls)}
    for name in given:
        if name not in known:
            raise RecipeError(f"unknown setting {name!r} in {where}; known: {', '.join(known)}")
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    try:
        built = cls(**values)
    except TypeError as error:
        raise RecipeError(f"{where} lacks a setting: {error}") from error
    for name, item in known.items():
        value, default = getattr(built, name), item.default
        if isinstance(default, int | float) and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise RecipeError(f"{name} in {where} must be a number")
    return built


def _check(recipe: Recipe) -> None:
    both = set(recipe.data.train_folds) & set(recipe.data.watch_folds)
    if both:
        raise RecipeError(f"folds {sorted(both)} are both trained on and watched")
    for side in (recipe.train_side, recipe.network_side):
        if side < 64 or side % 32:
            raise RecipeError("train_side and network_side must be multiples of 32, 64 or more")
    if recipe.optimiser.epochs < 1 or recipe.optimiser.batch < 1:
        raise RecipeError("epochs and batch must be 1 or more")
