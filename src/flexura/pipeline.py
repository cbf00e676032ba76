"""The one road from a photo and its context to the network's inputs, in training and in the clinic alike.

The network looks at the squeezed photo first; what is measured on the photo needs the maps it draws, and goes
into the answer together with the context.

Beside it the road of preparation: `prepare_photo` measures scale, light and what lies on the skin, and takes away what
hinders the view where that is asked for. The network was trained on photos as they are and gets them so by default
(docs/preprocessing.md says what each step does to it).
"""

from collections.abc import Collection
from dataclasses import replace

import cv2
import numpy as np

from flexura.clinical.context import CONTEXT_COLUMNS, encode_context
from flexura.clinical.sites import strip_laterality
from flexura.decision.calibration import AreaReading
from flexura.features import extract
from flexura.preprocessing.artefacts import ArtefactConfig
from flexura.preprocessing.background import BackgroundConfig
from flexura.preprocessing.lighting import ColourCastConfig, IlluminationConfig
from flexura.preprocessing.prepare import (
    PreparationConfig,
    Prepared,
    choose_steps,
    correct_steps,
    prepare_pixels,
    unprepared,
)
from flexura.preprocessing.scale import ScaleEvidence
from flexura.preprocessing.step import SHORTEST_SIDE_PX, shrunk
from flexura.records import FeatureVector, FloatArray, ModelInput, PatientContext, Photo, UInt8Array

# Raise this whenever `prepare` or `measure` give other numbers: a bundle refuses inputs it was not trained on.
PREPROCESSING_VERSION = "squeeze-1 measure-1"
# Features are measured on a photo of this longest side: lengths are in its pixels. Larger costs more than it adds.
MEASURED_SIDE_PX = 288

CORRECTED_SIDE_PX = 512  # longest side of a photo that is changed; lengths of the steps are meant for it
# What the answer does by default: every step measures, none changes a pixel.
MEASURED = PreparationConfig(
    artefacts=ArtefactConfig(outcome="mark"),
    colour_cast=ColourCastConfig(outcome="measure"),
    illumination=IlluminationConfig(outcome="measure"),
    background=BackgroundConfig(method="network"),
)


def prepare(photo: Photo, context: PatientContext, *, side: int) -> ModelInput:
    """Make the network's input.

    Parameters
    ----------
    photo : Photo
    context : PatientContext
    side : int
        Side of the network's square input in pixels.

    Returns
    -------
    ModelInput
        The whole photo squeezed to a square, so that area fractions stay what they are.
    """
    return ModelInput(squeeze(photo.pixels, side), encode_context(context).values)


def squeeze(pixels: UInt8Array, side: int) -> UInt8Array:
    """Resize a picture (H, W, 3) or (H, W) to a square without cropping; anti-aliased when it shrinks."""
    return _resize(pixels, (side, side))


def measure(pixels: UInt8Array, lesion_map: FloatArray, skin_map: FloatArray, *, reading: AreaReading) -> FeatureVector:
    """Measure the image features where the network saw lesion and skin.

    Parameters
    ----------
    pixels : UInt8Array
        The photo, sRGB (H, W, 3), of any shape.
    lesion_map : FloatArray
        Probabilities (h, w) over the whole photo, 0 to 1.
    skin_map : FloatArray
        Likewise.
    reading : AreaReading
        From which probability up a place is lesion, and skin.

    Returns
    -------
    FeatureVector
        `features.FEATURE_NAMES`, measured with `MEASURED_SIDE_PX` on the longest side; NaN for what cannot be measured.
    """
    pixels = reduce_to_measure(pixels)
    size = (pixels.shape[1], pixels.shape[0])
    lesion, skin = (cv2.resize(each, size, interpolation=cv2.INTER_LINEAR) for each in (lesion_map, skin_map))
    return extract(pixels, lesion >= reading.lesion_threshold, skin >= reading.skin_threshold)


def withhold_parts(context: FloatArray, findings: FloatArray) -> tuple[tuple[str, ...], FloatArray, FloatArray]:
    """Make the network's inputs beside the picture for every choice among their known parts.

    Parameters
    ----------
    context : FloatArray
        float32 (F,), of `prepare`.
    findings : FloatArray
        float32 (M,), of `measure`; all together one part, since the network learned with all of them or none.

    Returns
    -------
    parts : tuple of str
        The K known ones: fields of `PatientContext`, then `measurements`.
    contexts : float32 (2**K, F)
        Part k is withheld, NaN, where bit k of the row's number is 0.
    findings : float32 (2**K, M)
        Likewise.
    """
    width = len(context)
    columns = {**CONTEXT_COLUMNS, "measurements": tuple(range(width, width + len(findings)))}
    values = np.concatenate([context, findings])
    known = {part: list(places) for part, places in columns.items() if not np.isnan(values[list(places)]).all()}
    rows = np.tile(values, (2 ** len(known), 1))
    numbers = np.arange(len(rows))
    for bit, places in enumerate(known.values()):
        rows[np.ix_(numbers >> bit & 1 == 0, places)] = np.nan
    return tuple(known), rows[:, :width], rows[:, width:]


def reduce_to_measure(pixels: UInt8Array) -> UInt8Array:
    """Bring a photo (H, W, 3) to the size at which it is measured; one of that size comes back as it is."""
    height, width = pixels.shape[:2]
    scale = MEASURED_SIDE_PX / max(height, width)
    return _resize(pixels, (max(1, round(width * scale)), max(1, round(height * scale))))


def _resize(pixels: UInt8Array, size: tuple[int, int]) -> UInt8Array:
    """To (width, height) in px."""
    if pixels.shape[1::-1] == size:
        return pixels
    shrinks = pixels.shape[1] >= size[0] and pixels.shape[0] >= size[1]
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(pixels, size, interpolation=interpolation).astype("uint8", copy=False)


def plan_preparation(
    steps: Collection[str], corrections: Collection[str] = (), *, colour_card_mm: float | None = None
) -> PreparationConfig | None:
    """Choose by name what is measured on a photo before the answer, and what is changed before the network looks.

    Parameters
    ----------
    steps : Collection of str
        Some of `records.PREPARATION_STEPS`.
    corrections : Collection of str
        Some of `records.CORRECTIONS`; they are measured too.
    colour_card_mm : float or None
        How large a colour card in the picture is, see `scale.ScaleConfig`.

    Returns
    -------
    PreparationConfig or None
        `None` where nothing is chosen. With corrections skin is found by its colour, as the network has not looked yet.

    Raises
    ------
    PreprocessingError
        A name is none of a step, or of a step that can change a picture.

    Examples
    --------
    >>> plan_preparation(("scale", "artefacts", "colour_cast", "illumination", "background")) == MEASURED
    True
    """
    config = correct_steps(corrections, choose_steps(steps, MEASURED))
    if not steps and not corrections:
        return None
    if config.scale is not None:
        config = replace(config, scale=replace(config.scale, colour_card_mm=colour_card_mm))
    return replace(config, background=replace(config.background, method="colour")) if corrections else config


def prepare_photo(
    photo: Photo,
    context: PatientContext,
    config: PreparationConfig = MEASURED,
    *,
    skin_map: FloatArray | None = None,
    reduced: UInt8Array | None = None,
) -> Prepared:
    """Measure a photo before the answer, and change it where that is asked for.

    Parameters
    ----------
    photo : Photo
        As it was read; not changed.
    context : PatientContext
        Its site, or else the one that the file states, gives a rough scale.
    config : PreparationConfig
        Which steps, and how.
    skin_map : FloatArray or None
        The network's probability of skin (h, w); needed exactly when `config.background.method` is "network".
    reduced : UInt8Array or None
        The photo from `reduce_to_measure`, where that was made already; only for a config that changes nothing.

    Returns
    -------
    Prepared
        `pixels`, `skin` and `touched` of one size: the longest side `MEASURED_SIDE_PX` or less, or `CORRECTED_SIDE_PX`
        where a step changes pixels. `steps` for the answer; of a photo so narrow that nothing is left to measure they
        say "too_narrow".

    Raises
    ------
    PreprocessingError
        The skin map is missing or not asked for.
    """
    if reduced is None:
        reduced = shrunk(photo.pixels, CORRECTED_SIDE_PX if config.corrects else MEASURED_SIDE_PX)
    pixels = reduced
    if min(pixels.shape[:2]) < SHORTEST_SIDE_PX:
        return unprepared(pixels, config, reason="too_narrow")
    evidence = scale_evidence(photo, context)
    return prepare_pixels(pixels, config, evidence=evidence, skin_map=skin_map, whole=photo.pixels)


def scale_evidence(photo: Photo, context: PatientContext) -> ScaleEvidence:
    """Gather what photo and context tell of the scale.

    Parameters
    ----------
    photo : Photo
        Its file may state a pixel spacing and a body site.
    context : PatientContext
        Its site wins over the file's.

    Returns
    -------
    ScaleEvidence
        The spacing of the original, and how far it was reduced to the photo's pixels.
    """
    source = photo.source
    site = context.site or source.capture.body_site
    return ScaleEvidence(
        pixel_spacing_mm=source.capture.pixel_spacing_mm,
        reduction=max(source.width, source.height) / max(photo.pixels.shape[:2]),
        site=None if site is None else strip_laterality(site),
    )
