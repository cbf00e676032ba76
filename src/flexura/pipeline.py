"""The one road from a photo and its context to the network's input, in training and in the clinic alike.

Beside it the road to what is measured on the skin: `prepare_photo` takes away what hinders the view. The
network was trained on photos as they are and gets them so (docs/preprocessing.md says what each step does to it).
"""

import cv2

from flexura.clinical.context import encode_context
from flexura.clinical.sites import strip_laterality
from flexura.preprocessing.artefacts import ArtefactConfig
from flexura.preprocessing.background import BackgroundConfig
from flexura.preprocessing.prepare import PreparationConfig, Prepared, prepare_pixels
from flexura.preprocessing.scale import ScaleEvidence
from flexura.preprocessing.step import shrunk
from flexura.records import FloatArray, ModelInput, PatientContext, Photo, UInt8Array

# Raise this whenever `prepare` gives other numbers: a bundle refuses inputs it was not trained on.
PREPROCESSING_VERSION = "squeeze-1"

MEASURED_SIDE_PX = 512  # longest side of the picture that features are measured on; their lengths are meant for it
# Before features are measured. Artefacts are left out of what is measured, so nothing need be filled in.
MEASURED = PreparationConfig(
    artefacts=ArtefactConfig(outcome="mark"),
    colour_cast=None,
    illumination=None,
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
    shrinks = min(pixels.shape[:2]) >= side
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(pixels, (side, side), interpolation=interpolation).astype("uint8", copy=False)


def prepare_photo(
    photo: Photo, context: PatientContext, config: PreparationConfig = MEASURED, *, skin_map: FloatArray | None = None
) -> Prepared:
    """Prepare a photo for measuring: at most 512 px, with scale, masks and the record of every step.

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

    Returns
    -------
    Prepared
        `pixels`, `skin` and `touched` of one size; `steps` for the answer. Measure on `skin & ~touched`.

    Raises
    ------
    PreprocessingError
        A side is shorter than 32 px once reduced, or the skin map is missing or not asked for.
    """
    pixels = shrunk(photo.pixels, MEASURED_SIDE_PX)
    return prepare_pixels(pixels, config, evidence=scale_evidence(photo, context, pixels), skin_map=skin_map)


def scale_evidence(photo: Photo, context: PatientContext, pixels: UInt8Array) -> ScaleEvidence:
    """Gather what photo and context tell of the scale.

    Parameters
    ----------
    photo : Photo
        Its file may state a pixel spacing and a body site.
    context : PatientContext
        Its site wins over the file's.
    pixels : UInt8Array
        The whole photo at the size that is measured (H, W, 3).

    Returns
    -------
    ScaleEvidence
        The spacing of the original, and how far it was reduced to `pixels`.
    """
    source = photo.source
    site = context.site or source.capture.body_site
    return ScaleEvidence(
        pixel_spacing_mm=source.capture.pixel_spacing_mm,
        reduction=max(source.width, source.height) / max(pixels.shape[:2]),
        site=None if site is None else strip_laterality(site),
    )
