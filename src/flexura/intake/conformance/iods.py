"""Which modules each photographic object consists of, by SOP class.

The tables of PS3.3 annex A, with the modules whose rules the file itself can be held to. The rest
is in `NOT_CHECKED`, each with its reason. A "content" module holds an object's own constraints.
"""

from collections.abc import Mapping
from types import MappingProxyType

from flexura.intake.conformance import common, images, secondary_capture
from flexura.intake.conformance.rules import Iod, ModuleUse

_PATIENT_AND_STUDY = (
    ModuleUse(common.PATIENT, "M"),
    ModuleUse(common.GENERAL_STUDY, "M"),
    ModuleUse(common.PATIENT_STUDY, "U"),
)
_PATIENT_TO_SERIES = (*_PATIENT_AND_STUDY, ModuleUse(common.GENERAL_SERIES, "M"))
_GENERAL_IMAGE = (ModuleUse(images.GENERAL_IMAGE, "M"), ModuleUse(images.IMAGE_PIXEL, "M"))
_INSTANCE = (
    ModuleUse(images.ICC_PROFILE, "U"),
    ModuleUse(common.SOP_COMMON, "M"),
    ModuleUse(common.COMMON_INSTANCE_REFERENCE, "U"),
)
_VISIBLE_LIGHT = (
    *_GENERAL_IMAGE,
    ModuleUse(images.ACQUISITION_CONTEXT, "M"),
    ModuleUse(images.VL_IMAGE, "M"),
)
_CAPTURE = (
    *_PATIENT_AND_STUDY,
    ModuleUse(common.SERIES_OF_CAPTURES, "M"),
    ModuleUse(common.FRAME_OF_REFERENCE, "U"),  # C in the standard, on a condition that no attribute states
    ModuleUse(common.GENERAL_EQUIPMENT, "U"),
    ModuleUse(secondary_capture.SC_EQUIPMENT, "M"),
    *_GENERAL_IMAGE,
)
_FRAMES = (
    ModuleUse(images.CINE, "C", "cine"),
    ModuleUse(images.MULTI_FRAME, "M"),
    ModuleUse(secondary_capture.SC_IMAGE, "U"),
    ModuleUse(secondary_capture.SC_MULTI_FRAME_IMAGE, "M"),
    ModuleUse(secondary_capture.SC_MULTI_FRAME_VECTOR, "C", "several frames"),
)

IODS: Mapping[str, Iod] = MappingProxyType(
    {
        "1.2.840.10008.5.1.4.1.1.77.1.4": Iod(
            "VL Photographic Image",
            "PS3.3 A.32.4.3",
            (
                *_PATIENT_TO_SERIES,
                ModuleUse(common.GENERAL_EQUIPMENT, "M"),
                *_VISIBLE_LIGHT,
                ModuleUse(images.PHOTOGRAPHIC_CONTENT, "M"),
                *_INSTANCE,
            ),
        ),
        "1.2.840.10008.5.1.4.1.1.77.1.4.1": Iod(
            "Video Photographic Image",
            "PS3.3 A.32.7.3",
            (
                *_PATIENT_TO_SERIES,
                ModuleUse(common.GENERAL_EQUIPMENT, "M"),
                *_VISIBLE_LIGHT,
                ModuleUse(images.CINE, "M"),
                ModuleUse(images.MULTI_FRAME, "M"),
                ModuleUse(images.VIDEO_CONTENT, "M"),
                *_INSTANCE,
            ),
        ),
        "1.2.840.10008.5.1.4.1.1.77.1.7": Iod(
            "Dermoscopic Photography Image",
            "PS3.3 A.32.11.3",
            (
                *_PATIENT_TO_SERIES,
                ModuleUse(common.GENERAL_EQUIPMENT, "M"),
                ModuleUse(common.ENHANCED_GENERAL_EQUIPMENT, "M"),
                *_VISIBLE_LIGHT,
                ModuleUse(images.DERMOSCOPIC_IMAGE, "M"),
                ModuleUse(images.DERMOSCOPY_CONTENT, "M"),
                *_INSTANCE,
            ),
        ),
        "1.2.840.10008.5.1.4.1.1.7": Iod(
            "Secondary Capture Image",
            "PS3.3 A.8.1.3",
            (
                *_CAPTURE,
                ModuleUse(secondary_capture.SC_IMAGE, "M"),
                ModuleUse(secondary_capture.SINGLE_FRAME, "M"),
                ModuleUse(images.MODALITY_LUT, "U"),
                ModuleUse(images.VOI_LUT, "U"),
                *_INSTANCE,
            ),
        ),
        "1.2.840.10008.5.1.4.1.1.7.2": Iod(
            "Multi-frame Grayscale Byte Secondary Capture Image",
            "PS3.3 A.8.3.3",
            (*_CAPTURE, *_FRAMES, ModuleUse(secondary_capture.GREY_BYTE, "M"), *_INSTANCE),
        ),
        "1.2.840.10008.5.1.4.1.1.7.3": Iod(
            "Multi-frame Grayscale Word Secondary Capture Image",
            "PS3.3 A.8.4.3",
            (*_CAPTURE, *_FRAMES, ModuleUse(secondary_capture.GREY_WORD, "M"), *_INSTANCE),
        ),
        "1.2.840.10008.5.1.4.1.1.7.4": Iod(
            "Multi-frame True Color Secondary Capture Image",
            "PS3.3 A.8.5.3",
            (*_CAPTURE, *_FRAMES, ModuleUse(secondary_capture.TRUE_COLOUR, "M"), *_INSTANCE),
        ),
    }
)

_OPTIONAL = "only type 3 attributes: nothing is required"
_NOT_FOR_PHOTOS = "a user option that skin photographs do not use"
NOT_CHECKED: Mapping[str, str] = MappingProxyType(
    {
        "general-acquisition": _OPTIONAL,
        "general-reference": _OPTIONAL,
        "vl-photographic-equipment": _OPTIONAL,
        "vl-photographic-acquisition": _OPTIONAL,
        "vl-photographic-geolocation": _OPTIONAL,
        "frame-pointers": _OPTIONAL,
        "clinical-trial-subject": _NOT_FOR_PHOTOS,
        "clinical-trial-study": _NOT_FOR_PHOTOS,
        "clinical-trial-series": _NOT_FOR_PHOTOS,
        "synchronization": _NOT_FOR_PHOTOS,
        "device": _NOT_FOR_PHOTOS,
        "specimen": "of tissue outside the body",
        "overlay-plane": _NOT_FOR_PHOTOS,
        "image-plane": _NOT_FOR_PHOTOS,
        "enhanced-patient-orientation": _NOT_FOR_PHOTOS,
        "multi-frame-true-color-secondary-capture-image-multi-frame-functional-groups": _NOT_FOR_PHOTOS,
        "multi-frame-dimension": _NOT_FOR_PHOTOS,
        "frame-extraction": "of objects made by a frame-level retrieve only",
    }
)
