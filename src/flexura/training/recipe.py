"""A training recipe: one TOML file that decides a run, checked key by key.

`[optimiser]`, `[loss]`, `[sampling]` and `[augment]` hold for every stage; a stage's own tables of the same names
change some of it, key by key.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from flexura.errors import RecipeError
from flexura.training.augment import AugmentConfig

# What a stage may teach, from the picture to the answer (`flexura.model.network`).
PARTS: Final = ("layer2", "layer3", "layer4", "attention", "fusion", "heads")
_BACKBONE: Final = {"layer2", "layer3", "layer4"}


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
    # Files, or patterns such as "source/*", of photos that neither train nor are looked at: near-duplicates, say.
    leave_out: tuple[str, ...] = ()
    # Stop where a training photo is a near-duplicate of one that does not train (`flexura.training.leakage`).
    audit: bool = True
    # A code with fewer training photos than this stops the run; codes without any photo are left alone.
    least_photos: int = 3
    # A path relative to the run folder or absolute; an empty string trains without a teacher.
    teacher: str = ""
    # Paths relative to the data folder or absolute; an empty string leaves the part out.
    scin: str = "scin"
    rendered: str = ""


@dataclass(frozen=True)
class OptimiserConfig:
    """AdamW under a one-cycle schedule with averaged weights."""

    epochs: int = 14
    batch: int = 24
    # A batch is computed in so many parts, one after the other: the same step with less memory.
    accumulate: int = 1
    # auto: bfloat16 where the machine computes in it, else float16 on a GPU and float32 on a processor.
    precision: str = "auto"
    backbone_lr: float = 1e-4
    layer4_lr: float = 3e-4
    head_lr: float = 1e-3
    weight_decay: float = 0.02
    warmup_fraction: float = 0.08
    clip_norm: float = 5.0
    # Of the averaged weights, which are what a stage hands on; 0 hands on the last ones.
    average_decay: float = 0.995


@dataclass(frozen=True)
class LossConfig:
    """Weights of the tasks, and how the diagnosis is compared."""

    diagnosis: float = 1.0
    # Eczema or not; and which eczema, on photos of eczema.
    family: float = 0.0
    subtype: float = 0.0
    signs: float = 0.5
    iga: float = 0.25
    maps: float = 0.5
    area: float = 0.5
    teacher: float = 1.0
    # Answers on the stage's own views as those of the network that `answers_of` names: diagnosis; signs and IGA; maps.
    keep: float = 0.0
    # Both networks' diagnoses are cooled by it first: a network that knows its photos by heart then still tells what
    # else they look like.
    keep_temperature: float = 1.0
    keep_grades: float = 0.0
    keep_maps: float = 0.0
    # Clinical consistency (`flexura.training.consistency`).
    signs_without_lesion: float = 0.0
    iga_off_signs: float = 0.0
    severity_out_of_order: float = 0.0
    healthy_with_lesion: float = 0.0
    label_smoothing: float = 0.1
    source_weight: float = 0.5
    # Exponent of the focal loss; 0 is cross-entropy.
    focal_gamma: float = 0.0
    # A code counts 1 / (its training photos) ** power, 1 on average; 0 counts all alike.
    class_weight_power: float = 0.0
    # fixed, or learned: by the noise of each task.
    weighting: str = "fixed"
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
    # Share of views that come with what was measured on them, in stages whose views are kept.
    findings_share: float = 0.8
    # Share of views laid over another one, and the form of the Beta distribution of its weight.
    mixup_share: float = 0.0
    mixup_alpha: float = 1.0


@dataclass(frozen=True)
class StopConfig:
    """When a stage ends before its last epoch; without a metric it never does."""

    # A watched figure by its place, such as "watch.top1".
    metric: str = ""
    # max or min: which way is better is never guessed.
    direction: str = ""
    # Looks without a better value before the stage ends; the best weights go on.
    patience: int = 3


@dataclass(frozen=True)
class StageConfig:
    """One stage: its photos, what it teaches, how it looks at photos, its losses and its end."""

    name: str
    # all, eczema (the family's), or graded (with a reading or an outline).
    photos: str = "all"
    teach: tuple[str, ...] = ("layer3", "layer4", "attention", "fusion", "heads")
    # Views of every photo whose features are computed once and kept; 0 draws a new view at every step.
    kept_views: int = 0
    # Whose answers `loss.keep` keeps. Empty: those before the stage, so that what was learnt earlier stays; or those
    # of a trained network, named as in `start`, which then teaches this one.
    answers_of: str = ""
    # The input's side, and how far views lie from the photo: 1 as [augment] says, 0 only flips.
    side: int = 224
    view_strength: float = 1.0
    # The watched photos are looked at every so many epochs.
    watch_every: int = 2
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    sampling: SamplingConfig = field(default_factory=SamplingConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    stop: StopConfig = field(default_factory=StopConfig)


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a run, beside the data and the weights it starts from."""

    name: str
    stages: tuple[StageConfig, ...]
    seed: int = 0
    # So many networks are trained, one after the other and each from the next seed, to answer as one.
    members: int = 1
    network_side: int = 288
    layer4_blocks: int = 2
    # "shipped" for the bundle of the package, or ImageNet weights, a checkpoint or a bundle, relative to the data
    # folder or absolute; empty starts from nothing. Of a bundle's networks each member starts from its own.
    start: str = ""
    data: DataConfig = field(default_factory=DataConfig)


_STAGE_TABLES: Final[dict[str, type]] = {
    "optimiser": OptimiserConfig,
    "loss": LossConfig,
    "sampling": SamplingConfig,
    "augment": AugmentConfig,
    "stop": StopConfig,
}


def keeps_answers(loss: LossConfig) -> bool:
    """Whether a stage keeps any answer of another network."""
    return max(loss.keep, loss.keep_grades, loss.keep_maps) > 0


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
    shared = {name: table.pop(name, {}) for name in _STAGE_TABLES}
    for name, part in _STAGE_TABLES.items():
        _build(part, shared[name], where=f"[{name}]")
    stages = tuple(_build_stage(given, shared) for given in table.pop("stages", []))
    data = _build(DataConfig, table.pop("data", {}), where="[data]")
    recipe = _build(Recipe, table | {"data": data, "stages": stages}, where="the recipe")
    _check(recipe)
    return recipe, hashlib.sha256(content).hexdigest()


def _build_stage(given: Mapping[str, Any], shared: Mapping[str, Any]) -> StageConfig:
    where = f"stage {given.get('name', '')!r}"
    parts = {
        name: _build(part, shared[name] | given.get(name, {}), where=f"[{name}] of {where}")
        for name, part in _STAGE_TABLES.items()
    }
    stage: StageConfig = _build(StageConfig, {**given, **parts}, where=where)
    _check_stage(stage, where)
    return stage


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
        if isinstance(default, bool) and not isinstance(value, bool):
            raise RecipeError(f"{name} in {where} must be true or false")
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if isinstance(default, int | float) and not isinstance(default, bool) and not is_number:
            raise RecipeError(f"{name} in {where} must be a number")
        if isinstance(default, str) and not isinstance(value, str):
            raise RecipeError(f"{name} in {where} must be a text")
    return built


def _check(recipe: Recipe) -> None:
    both = set(recipe.data.train_folds) & set(recipe.data.watch_folds)
    if both:
        raise RecipeError(f"folds {sorted(both)} are both trained on and watched")
    if not recipe.stages:
        raise RecipeError("the recipe has no stage; add one as [[stages]]")
    names = [stage.name for stage in recipe.stages]
    if len(set(names)) < len(names):
        raise RecipeError("two stages have the same name")
    if recipe.members < 1:
        raise RecipeError("members must be 1 or more")
    if _is_no_side(recipe.network_side):
        raise RecipeError("network_side must be a multiple of 32, 64 or more")


def _is_no_side(side: int) -> bool:
    return side < 64 or side % 32 != 0


def _check_stage(stage: StageConfig, where: str) -> None:
    optimiser, stop = stage.optimiser, stage.stop
    unknown = [part for part in stage.teach if part not in PARTS]
    choices = (
        ("photos", stage.photos, ("all", "eczema", "graded")),
        ("weighting", stage.loss.weighting, ("fixed", "learned")),
        ("precision", optimiser.precision, ("auto", "float32", "bfloat16", "float16")),
        ("direction", stop.direction, ("max", "min") if stop.metric else ("", "max", "min")),
    )
    for name, value, allowed in choices:
        if value not in allowed:
            raise RecipeError(f"{name} of {where} is {value!r}; give one of {', '.join(filter(None, allowed))}")
    if unknown or not stage.teach:
        raise RecipeError(f"teach of {where} must name parts of {', '.join(PARTS)}; unknown: {', '.join(unknown)}")
    if stage.kept_views and _BACKBONE & set(stage.teach):
        raise RecipeError(f"{where} keeps views, whose features change when a backbone's layer learns")
    if stage.loss.keep_temperature <= 0:
        raise RecipeError(f"keep_temperature of {where} must be more than 0")
    if stage.answers_of and (stage.kept_views or not keeps_answers(stage.loss)):
        raise RecipeError(f"{where} names answers_of; that needs a keep loss, and fresh views for the other network")
    if _is_no_side(stage.side):
        raise RecipeError(f"side of {where} must be a multiple of 32, 64 or more")
    if min(optimiser.epochs, optimiser.batch, optimiser.accumulate, stage.watch_every) < 1:
        raise RecipeError(f"epochs, batch, accumulate and watch_every of {where} must be 1 or more")
    if optimiser.accumulate > optimiser.batch:
        raise RecipeError(f"{where} cuts a batch of {optimiser.batch} into {optimiser.accumulate} parts")
