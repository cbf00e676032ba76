"""Modules of images in general and of visible light: general image, pixels, photography, dermoscopy."""

from functools import partial

from pydicom.dataset import Dataset

from flexura.intake.conformance.common import YES_NO
from flexura.intake.conformance.conditions import number, numbers, text
from flexura.intake.conformance.rules import Attribute, Module, Rule

_ONE_SAMPLE = ("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR")
_PALETTE = tuple(
    Attribute(f"{band}PaletteColorLookupTable{part}", "1C", condition)
    for band in ("Red", "Green", "Blue")
    for part, condition in (("Descriptor", "palette"), ("Data", "palette, not segmented"))
)

GENERAL_IMAGE = Module(
    "General Image",
    "PS3.3 C.7.6.1",
    (
        Attribute("InstanceNumber", "2"),
        Attribute("PatientOrientation", "2C", "no position in the patient"),
        Attribute("ContentDate", "2C"),
        Attribute("ContentTime", "2C"),
        Attribute("ImageType", "3", terms={1: ("ORIGINAL", "DERIVED"), 2: ("PRIMARY", "SECONDARY")}),
        Attribute("ImageLaterality", "3", terms={1: ("R", "L", "U", "B")}, clause="PS3.3 10.5"),
        Attribute("QualityControlImage", "3", terms={1: ("YES", "NO", "BOTH")}),
        Attribute("BurnedInAnnotation", "3", terms=YES_NO),
        Attribute("RecognizableVisualFeatures", "3", terms=YES_NO),
        Attribute("LossyImageCompression", "3", terms={1: ("00", "01")}),
        Attribute("PresentationLUTShape", "3", terms={1: ("IDENTITY", "INVERSE")}),
    ),
)


def _is_positive(dataset: Dataset, keyword: str) -> bool:
    return all(value > 0 for value in numbers(dataset, keyword))


def _has_entries_of_bytes(dataset: Dataset, keyword: str) -> bool:
    return numbers(dataset, keyword)[2:] in ([8], [16])


IMAGE_PIXEL = Module(
    "Image Pixel",
    "PS3.3 C.7.6.3",
    (
        Attribute("SamplesPerPixel", "1"),
        Attribute("PhotometricInterpretation", "1"),
        Attribute(
            "PlanarConfiguration", "1C", "several samples", terms={1: ("0", "1")}, absent_if="one sample a pixel"
        ),
        Attribute("Rows", "1"),
        Attribute("Columns", "1"),
        Attribute("PixelAspectRatio", "1C", absent_if="pixel spacing is stated"),
        Attribute("BitsAllocated", "1"),
        Attribute("BitsStored", "1"),
        Attribute("HighBit", "1"),
        Attribute("PixelRepresentation", "1", terms={1: ("0", "1")}),
        Attribute("PixelPaddingRangeLimit", "1C"),
        *_PALETTE,
        Attribute("PixelDataProviderURL", "1C"),
        Attribute("ExtendedOffsetTableLengths", "1C", "offset table"),
        Attribute("PixelData", "1C", "no address of the pixels"),
    ),
    rules=(
        *(
            Rule((keyword,), "must be at least 1", "PS3.3 C.7.6.3", partial(_is_positive, keyword=keyword))
            for keyword in ("Rows", "Columns")
        ),
        Rule(
            ("BitsAllocated",),
            "must be 1 or a multiple of 8",
            "PS3.5 8.1.1",
            lambda d: number(d, "BitsAllocated") == 1 or number(d, "BitsAllocated") % 8 == 0,
        ),
        Rule(
            ("HighBit", "BitsStored"),
            "must be one less than Bits Stored",
            "PS3.5 8.1.1",
            lambda d: number(d, "HighBit") == number(d, "BitsStored") - 1,
        ),
        Rule(
            ("BitsStored", "BitsAllocated"),
            "must not exceed Bits Allocated",
            "PS3.5 8.1.1",
            lambda d: number(d, "BitsStored") <= number(d, "BitsAllocated"),
        ),
        Rule(
            ("SamplesPerPixel", "PhotometricInterpretation"),
            "does not fit the photometric interpretation",
            "PS3.3 C.7.6.3.1.1",
            lambda d: number(d, "SamplesPerPixel") == (1 if text(d, "PhotometricInterpretation") in _ONE_SAMPLE else 3),
        ),
        Rule(
            ("PixelSpacing",),
            "must be above 0",
            "PS3.3 10.7.1.3",
            partial(_is_positive, keyword="PixelSpacing"),
        ),
        *(
            Rule(
                (f"{band}PaletteColorLookupTableDescriptor",),
                "must say 8 or 16 bits an entry",
                "PS3.3 C.7.6.3.1.5",
                partial(_has_entries_of_bytes, keyword=f"{band}PaletteColorLookupTableDescriptor"),
            )
            for band in ("Red", "Green", "Blue")
        ),
    ),
)
ACQUISITION_CONTEXT = Module(
    "Acquisition Context",
    "PS3.3 C.7.6.14",
    (Attribute("AcquisitionContextSequence", "2"),),  # its items are in `items`
)
VL_IMAGE = Module(
    "VL Image",
    "PS3.3 C.8.12.1",
    (
        Attribute("ImageType", "1", terms={3: ("STEREO L", "STEREO R")}),
        Attribute("ContentTime", "1C"),
        Attribute("ReferencedImageSequence", "1C", "stereo"),
        Attribute("AnatomicRegionSequence", "1C", most_items=1),
        Attribute("SamplesPerPixel", "1", terms={1: ("1", "3")}),
        Attribute(
            "PhotometricInterpretation",
            "1",
            terms={1: ("MONOCHROME2", "RGB", "YBR_FULL_422", "YBR_PARTIAL_420", "YBR_RCT", "YBR_ICT")},
        ),
        Attribute("PlanarConfiguration", "1C", "several samples", terms={1: ("0",)}),
        Attribute("BitsAllocated", "1", terms={1: ("8",)}),
        Attribute("BitsStored", "1", terms={1: ("8",)}),
        Attribute("HighBit", "1", terms={1: ("7",)}),
        Attribute("PixelRepresentation", "1", terms={1: ("0",)}),
        Attribute("WindowWidth", "1C", "window centre"),
        Attribute("LossyImageCompression", "2", terms={1: ("00", "01")}),
    ),
)
_ONE_FRAME = Attribute("NumberOfFrames", "3", terms={1: ("1",)})
PHOTOGRAPHIC_CONTENT = Module(
    "VL Photographic content",
    "PS3.3 A.32.4.3",
    (Attribute("Modality", "1", terms={1: ("XC",)}), _ONE_FRAME),
)
VIDEO_CONTENT = Module(
    "Video Photographic content",
    "PS3.3 A.32.7.3",
    (Attribute("Modality", "1", terms={1: ("XC",)}),),
)
DERMOSCOPY_CONTENT = Module(
    "Dermoscopic Photography content",
    "PS3.3 A.32.11.3",
    (Attribute("Modality", "1", terms={1: ("DMS",)}), _ONE_FRAME),
)
# The clause of the Dermoscopic Image Module itself could not be verified here; its object's could.
DERMOSCOPIC_IMAGE = Module(
    "Dermoscopic Image",
    "PS3.3 A.32.11.3",
    (
        Attribute("LightSourcePolarization", "2", terms={1: ("POLARIZED", "NON_POLARIZED")}),
        Attribute("EmitterColorTemperature", "2"),
        Attribute("ContactMethod", "2", terms={1: ("CONTACT", "NON_CONTACT")}),
        Attribute(
            "ImmersionMedia",
            "2C",
            "contact",
            terms={0: ("ULTRASOUND_GEL", "ALCOHOL", "WATER", "MINERAL_OIL", "PLASTIC_CAP")},
        ),
        Attribute("OpticalMagnificationFactor", "2"),
        Attribute("RecognizableVisualFeatures", "1", terms=YES_NO),
        Attribute("PartialView", "3", terms=YES_NO),
        Attribute("TrackingID", "1C", "tracking UID"),
        Attribute("TrackingUID", "1C", "tracking ID"),
    ),
)


def _is_profile(dataset: Dataset) -> bool:
    """Whether the first bytes are a profile's header that states the length there is, padding aside (ICC.1 7.2)."""
    profile = dataset.ICCProfile
    is_whole = len(profile) - int.from_bytes(profile[:4], "big") in (0, 1)
    return len(profile) >= _PROFILE_HEADER_BYTES and profile[36:40] == b"acsp" and is_whole


_PROFILE_HEADER_BYTES = 128
ICC_PROFILE = Module(
    "ICC Profile",
    "PS3.3 C.11.15",
    (Attribute("ICCProfile", "1"),),
    signs=("ICCProfile", "ColorSpace"),
    rules=(Rule(("ICCProfile",), "is no whole ICC profile", "PS3.3 C.11.15.1.1", _is_profile),),
)
MULTI_FRAME = Module(
    "Multi-frame",
    "PS3.3 C.7.6.6",
    (
        Attribute("NumberOfFrames", "1"),
        Attribute("FrameIncrementPointer", "1"),
        Attribute("StereoPairsPresent", "3", terms=YES_NO),
    ),
)
CINE = Module(
    "Cine",
    "PS3.3 C.7.6.5",
    (
        Attribute("FrameTime", "1C", "increment by frame time"),
        Attribute("FrameTimeVector", "1C", "increment by frame time vector"),
        Attribute("MultiplexedAudioChannelsDescriptionCodeSequence", "2C"),
        Attribute("PreferredPlaybackSequencing", "3", terms={1: ("0", "1")}),
    ),
)
MODALITY_LUT = Module(
    "Modality LUT",
    "PS3.3 C.11.1",
    (
        Attribute("RescaleIntercept", "1C", "no modality table"),
        Attribute("RescaleSlope", "1C", "rescale intercept"),
        Attribute("RescaleType", "1C", "rescale intercept"),
        Attribute("ModalityLUTSequence", "1C"),
    ),
    signs=("RescaleIntercept", "RescaleSlope", "ModalityLUTSequence"),
)


def _is_wide(dataset: Dataset) -> bool:
    is_linear = text(dataset, "VOILUTFunction") in ("", "LINEAR")
    return all(width >= 1 if is_linear else width > 0 for width in numbers(dataset, "WindowWidth"))


VOI_LUT = Module(
    "VOI LUT",
    "PS3.3 C.11.2",
    (
        Attribute("VOILUTSequence", "1C", "no window"),
        Attribute("WindowCenter", "1C", "no VOI table"),
        Attribute("WindowWidth", "1C", "window centre"),
    ),
    signs=("WindowCenter", "WindowWidth", "VOILUTSequence"),
    rules=(
        Rule(
            ("WindowWidth",),
            "must be at least 1, or above 0 for a function other than LINEAR",
            "PS3.3 C.11.2.1.2.1",
            _is_wide,
        ),
    ),
)
