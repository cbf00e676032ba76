"""All preparation of one picture, in order: scale, skin, artefacts, colour cast, illumination, background.

Every step measures; whether it changes the picture too is its `outcome`. The scale and the artefacts are read from
the picture as it came; light is put right on skin without hairs and glints; what is no skin goes last. Knows nothing
of models: what a network takes is the pipeline's business.
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
from flexura.preprocessing.colour_card import card_mask, find_colour_card
from flexura.preprocessing.lighting import (
    ColourCastConfig,
    IlluminationConfig,
    correct_colour_cast,
    even_illumination,
)
from flexura.preprocessing.ruler import ruler_mask
from flexura.preprocessing.scale import ScaleConfig, ScaleEvidence, find_scale, scale_step
from flexura.preprocessing.step import StepResult, enlarged
from flexura.records import CORRECTIONS, PREPARATION_STEPS, BoolArray, FloatArray, PreprocessingStep, Scale, UInt8Array


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

    @property
    def chosen(self) -> tuple[str, ...]:
        """Names of the steps that are switched on, in their order."""
        parts = (self.scale, self.artefacts, self.colour_cast, self.illumination, self.background)
        return tuple(name for name, part in zip(PREPARATION_STEPS, parts, strict=True) if part is not None)

    @property
    def corrects(self) -> bool:
        """Whether any step changes the picture."""
        return (
            (self.artefacts is not None and self.artefacts.outcome == "fill")
            or (self.colour_cast is not None and self.colour_cast.outcome == "correct")
            or (self.illumination is not None and self.illumination.outcome == "correct")
            or self.background.outside == "grey"
        )


@dataclass(frozen=True)
class Prepared:
    """The prepared picture (H, W, 3) and what was found in it and done to it.

    `touched` marks pixels that are artefacts, filled in or not, or were greyed; `skin` the skin; both (H, W). `scale`
    is that of the original, `None` where it was left out.
    """

    pixels: UInt8Array = field(repr=False)
    steps: tuple[PreprocessingStep, ...]
    touched: BoolArray = field(repr=False)
    skin: BoolArray = field(repr=False)
    scale: Scale | None


def choose_steps(names: Collection[str], config: PreparationConfig) -> PreparationConfig:
    """Switch the named steps on and all others off, but for the background: the others look for skin.

    Parameters
    ----------
    names : Collection of str
        Some of `records.PREPARATION_STEPS`; may be empty.
    config : PreparationConfig
        How the steps work. A step that it leaves out is switched on with its defaults.

    Returns
    -------
    PreparationConfig
        The way skin is found, and what becomes of the rest, stay as they are.

    Raises
    ------
    PreprocessingError
        A name is none of a step.

    Examples
    --------
    >>> choose_steps(["scale"], PreparationConfig()).chosen
    ('scale', 'background')
    """
    _check_names(names, PREPARATION_STEPS)
    return replace(
        config,
        scale=(config.scale or ScaleConfig()) if "scale" in names else None,
        artefacts=(config.artefacts or ArtefactConfig()) if "artefacts" in names else None,
        colour_cast=(config.colour_cast or ColourCastConfig()) if "colour_cast" in names else None,
        illumination=(config.illumination or IlluminationConfig()) if "illumination" in names else None,
    )


def correct_steps(names: Collection[str], config: PreparationConfig) -> PreparationConfig:
    """Let the named steps change the picture, and switch them on where they are off; the others stay as they are.

    Parameters
    ----------
    names : Collection of str
        Some of `records.CORRECTIONS`; may be empty.
    config : PreparationConfig
        How the steps work.

    Returns
    -------
    PreparationConfig

    Raises
    ------
    PreprocessingError
        A name is none of a step that can change a picture.

    Examples
    --------
    >>> measured = PreparationConfig(artefacts=None, colour_cast=None, illumination=None)
    >>> correct_steps(["background"], measured).background.outside
    'grey'
    """
    _check_names(names, CORRECTIONS)
    artefacts, colour_cast = config.artefacts or ArtefactConfig(), config.colour_cast or ColourCastConfig()
    illumination = config.illumination or IlluminationConfig()
    return replace(
        config,
        artefacts=replace(artefacts, outcome="fill") if "artefacts" in names else config.artefacts,
        colour_cast=replace(colour_cast, outcome="correct") if "colour_cast" in names else config.colour_cast,
        illumination=replace(illumination, outcome="correct") if "illumination" in names else config.illumination,
        background=replace(config.background, outside="grey") if "background" in names else config.background,
    )


def _check_names(names: Collection[str], known: Collection[str]) -> None:
    unknown = set(names) - set(known)
    if unknown:
        raise PreprocessingError(f"{len(unknown)} names are no such steps; give some of {', '.join(known)}")


def prepare_pixels(
    pixels: UInt8Array,
    config: PreparationConfig,
    *,
    evidence: ScaleEvidence,
    skin_map: FloatArray | None = None,
    whole: UInt8Array | None = None,
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
    whole : UInt8Array or None
        The same picture at its best resolution: ruler and card are sought there, and `evidence` is of it; `pixels` if
        None.

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
    scale, ruler = None, None
    whole = pixels if whole is None else whole
    card = find_colour_card(whole) if config.scale or config.artefacts or config.colour_cast else None
    over_card = None if card is None else _brought_to(pixels, card_mask(card, (whole.shape[0], whole.shape[1])))
    if over_card is not None:
        skin = skin & ~over_card  # two of its patches have the colour of skin
    if config.scale is not None:
        scale, ruler = find_scale(whole, evidence, config.scale, card=card)
        steps.append(scale_step(scale, ruler, card))
    results: list[StepResult] = []
    if config.artefacts is not None:
        over_ruler = None if ruler is None else _brought_to(pixels, ruler_mask(whole, ruler))
        results.append(remove_artefacts(pixels, config.artefacts, skin=skin, ruler=over_ruler, card=over_card))
    if config.colour_cast is not None:
        light = None if card is None else card.light
        results.append(correct_colour_cast(_latest(results, pixels), skin, config.colour_cast, card_light=light))
    if config.illumination is not None:
        results.append(even_illumination(_latest(results, pixels), skin, config.illumination))
    results.append(separate_background(_latest(results, pixels), skin, config.background))
    touched = np.zeros(pixels.shape[:2], np.bool_)
    for result in results:
        if result.touched is not None:
            touched |= result.touched
    steps += [result.step for result in results]
    return Prepared(_latest(results, pixels), tuple(steps), touched, skin, scale)


def unprepared(pixels: UInt8Array, config: PreparationConfig, *, reason: str) -> Prepared:
    """Say of a picture that the steps cannot be taken, and why.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3), of any size.
    config : PreparationConfig
        Which steps were wanted.
    reason : str
        Stable code.

    Returns
    -------
    Prepared
        The same pixels, no skin, nothing touched, an unknown scale; a record with the reason for every step wanted.
    """
    nowhere = np.zeros(pixels.shape[:2], np.bool_)
    steps = tuple(PreprocessingStep(name, {"reason": reason}) for name in config.chosen)
    scale = None if config.scale is None else Scale(None, None, None, reason=reason)
    return Prepared(pixels, steps, nowhere, nowhere, scale)


def _brought_to(pixels: UInt8Array, mask: BoolArray) -> BoolArray:
    """A mask that was made on another size of the picture, at the size of `pixels`."""
    shape = (pixels.shape[0], pixels.shape[1])
    return mask if mask.shape == shape else enlarged(mask, shape)


def _latest(results: list[StepResult], pixels: UInt8Array) -> UInt8Array:
    return results[-1].pixels if results else pixels


def _skin(pixels: UInt8Array, config: BackgroundConfig, skin_map: FloatArray | None) -> BoolArray:
    if (config.method == "network") != (skin_map is not None):
        given = "none was given" if skin_map is None else "one was given"
        raise PreprocessingError(f"skin is to be found by {config.method}, and of a network's skin map {given}")
    if skin_map is None:
        return skin_by_colour(pixels)
    return skin_by_network(skin_map, (pixels.shape[0], pixels.shape[1]), threshold=config.threshold)
