"""Modules of images in general and of visible light: general image, pixels, photography, dermoscopy."""

from flexura.intake.conformance.common import YES_NO
from flexura.intake.conformance.rules import Attribute, Module

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
IMAGE_PIXEL = Module(
    "Image Pixel",
    "PS3.3 C.7.6.3",
    (
        Attribute("SamplesPerPixel", "1"),
        Attribute("PhotometricInterpretation", "1"),
        Attribute("PlanarConfiguration", "1C", "several samples", terms={1: ("0", "1")}),
        Attribute("Rows", "1"),
        Attribute("Columns", "1"),
        Attribute("PixelAspectRatio", "1C"),
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
)
ACQUISITION_CONTEXT = Module(
    "Acquisition Context",
    "PS3.3 C.7.6.14",
    (Attribute("AcquisitionContextSequence", "2"),),
)
VL_IMAGE = Module(
    "VL Image",
    "PS3.3 C.8.12.1",
    (
        Attribute("ImageType", "1", terms={3: ("STEREO L", "STEREO R")}),
        Attribute("ContentTime", "1C"),
        Attribute("ReferencedImageSequence", "1C", "stereo"),
        Attribute("AnatomicRegionSequence", "1C"),
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
PHOTOGRAPHIC_SERIES = Module(
    "VL Photographic content",
    "PS3.3 A.32.4.3",
    (Attribute("Modality", "1", terms={1: ("XC",)}),),
)
DERMOSCOPY_SERIES = Module(
    "Dermoscopic Photography content",
    "PS3.3 A.32.11.3",
    (Attribute("Modality", "1", terms={1: ("DMS",)}),),
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
ICC_PROFILE = Module(
    "ICC Profile", "PS3.3 C.11.15", (Attribute("ICCProfile", "1"),), signs=("ICCProfile", "ColorSpace")
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
VOI_LUT = Module(
    "VOI LUT",
    "PS3.3 C.11.2",
    (
        Attribute("VOILUTSequence", "1C", "no window"),
        Attribute("WindowCenter", "1C", "no VOI table"),
        Attribute("WindowWidth", "1C", "window centre"),
        Attribute("VOILUTFunction", "3", terms={1: ("LINEAR", "LINEAR_EXACT", "SIGMOID")}),
    ),
    signs=("WindowCenter", "WindowWidth", "VOILUTSequence"),
)
