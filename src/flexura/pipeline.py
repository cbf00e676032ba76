"""The one road from a photo and its context to the network's input, in training and in the clinic alike."""

import cv2

from flexura.clinical.context import encode_context
from flexura.records import ModelInput, PatientContext, Photo, UInt8Array

# Raise this whenever `prepare` gives other numbers: a bundle refuses inputs it was not trained on.
PREPROCESSING_VERSION = "squeeze-1"


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
