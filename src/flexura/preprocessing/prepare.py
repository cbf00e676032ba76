"""All preparation of one picture, in order: scale, skin, artefacts, colour cast, illumination, background.

The scale and the artefacts are read from the picture as it came; light is put right on skin
without hairs and glints; what is no skin goes last. Knows nothing of models: what a network takes is the
pipeline's business.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np

from flexura.errors import PreprocessingError
from flexura.preprocessing.artefacts import ArtefactConfig, remove_artefacts
from flexura.preprocessing.background import (
    BackgroundConfig,
    separate_background,
    skin_by_colour,
    skin_by_network,
)
from flexura.preprocessing.lighting import (
    ColourCastConfig,
    IlluminationConfig,
    correct_colour_cast,
    even_illumination,
)
from flexura.preprocessing.ruler import ruler_mask
from flexura.preprocessing.scale import Scale, ScaleConfig, ScaleEvidence, find_scale, scale_step
from flexura.preprocessing.step import StepResult
from flexura.records import PREPARATION_STEPS, BoolArray, FloatArray, PreprocessingStep, UInt8Array


@dataclass(frozen=True)
class PreparationConfig:
    """The settings of every step; `None` leaves a step out.

    Skin is always looked for, as light and artefacts need it; `background.outside = "keep"` leaves the rest as it is.
    """

    scale: ScaleConfig | None = field(default_factory=ScaleConfig)
    artefacts: ArtefactConfig | None = field(default_factory=ArtefactConfig)
    colour_cast: ColourCastConfig | None = field(default_factory=ColourCastConfig)
    illumination: IlluminationConfig | None = field(default_factory=IlluminationConfig)
    background: BackgroundConfig = field(default_factory=BackgroundConfig)


@dataclass(frozen=True)
class Prepared:
    """The prepared picture (H, W, 3) and what was done to it.

    `touched` marks pixels that are artefacts, filled in or not, or were greyed; `skin` the skin; both (H, W). `scale`
    is `None` where it was left out.
    """

    pixels: UInt8Array = field(repr=False)
    steps: tuple[PreprocessingStep, ...]
    touched: BoolArray = field(repr=False)
    skin: BoolArray = field(repr=False)
    scale: Scale | None


def choose_steps(names: Collection[str], config: PreparationConfig) -> PreparationConfig:
    """Switch the named steps on and all others off.

    Parameters
    ----------
    names : Collection of str
        Some of `records.PREPARATION_STEPS`; may be empty.
    config : PreparationConfig
        How the steps work. A step that it leaves out is switched on with its defaults.

    Returns
    -------
    PreparationConfig
        The way skin is found stays as it is.

    Raises
    ------
    PreprocessingError
        A name is none of a step.

    Examples
    --------
    >>> choose_steps(["scale"], PreparationConfig()).artefacts is None
    True
    """
    unknown = set(names) - set(PREPARATION_STEPS)
    if unknown:
        raise PreprocessingError(f"{len(unknown)} names are no steps; give some of {', '.join(PREPARATION_STEPS)}")
    return PreparationConfig(
        scale=(config.scale or ScaleConfig()) if "scale" in names else None,
        artefacts=(config.artefacts or ArtefactConfig()) if "artefacts" in names else None,
        colour_cast=(config.colour_cast or ColourCastConfig()) if "colour_cast" in names else None,
        illumination=(config.illumination or IlluminationConfig()) if "illumination" in names else None,
        background=replace(config.background, outside="grey" if "background" in names else "keep"),
    )


def prepare_pixels(
    pixels: UInt8Array,
    config: PreparationConfig,
    *,
    evidence: ScaleEvidence,
    skin_map: FloatArray | None = None,
) -> Prepared:
    """Run the chosen steps.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3), 32 px or more a side; not changed.
    config : PreparationConfig
        Which steps, and how.
    evidence : ScaleEvidence
        What is known of the scale from outside the picture.
    skin_map : FloatArray or None
        A network's probability of skin (h, w); needed exactly when `config.background.method` is "network".

    Returns
    -------
    Prepared
        Pixels, steps in the order they were taken, masks and scale.

    Raises
    ------
    PreprocessingError
        Picture, settings or evidence do not fit, or the skin map is missing or not asked for.
    """
    skin = _skin(pixels, config.background, skin_map)
    steps: list[PreprocessingStep] = []
    scale = None
    if config.scale is not None:
        scale = find_scale(pixels, evidence, config.scale)
        steps.append(scale_step(scale))
    results: list[StepResult] = []
    if config.artefacts is not None:
        ruler = ruler_mask(pixels, scale.ruler) if scale is not None and scale.ruler is not None else None
        results.append(remove_artefacts(pixels, config.artefacts, skin=skin, ruler=ruler))
    if config.colour_cast is not None:
        results.append(correct_colour_cast(_latest(results, pixels), skin, config.colour_cast))
    if config.illumination is not None:
        results.append(even_illumination(_latest(results, pixels), skin, config.illumination))
    results.append(separate_background(_latest(results, pixels), skin, config.background))
    touched = np.zeros(pixels.shape[:2], np.bool_)
    for result in results:
        if result.touched is not None:
            touched |= result.touched
    steps += [result.step for result in results]
    return Prepared(_latest(results, pixels), tuple(steps), touched, skin, scale)


def _latest(results: list[StepResult], pixels: UInt8Array) -> UInt8Array:
    return results[-1].pixels if results else pixels


def _skin(pixels: UInt8Array, config: BackgroundConfig, skin_map: FloatArray | None) -> BoolArray:
    if (config.method == "network") != (skin_map is not None):
        given = "none was given" if skin_map is None else "one was given"
        raise PreprocessingError(f"skin is to be found by {config.method}, and of a network's skin map {given}")
    if skin_map is None:
        return skin_by_colour(pixels)
    return skin_by_network(skin_map, (pixels.shape[0], pixels.shape[1]), threshold=config.threshold)
