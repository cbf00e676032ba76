"""Modules of secondary captures: how a picture came into DICOM, and what frames mean."""

from flexura.intake.conformance.common import YES_NO
from flexura.intake.conformance.rules import Attribute, Module

_GREY = "deep grey"

SC_EQUIPMENT = Module(
    "SC Equipment",
    "PS3.3 C.8.6.1",
    (Attribute("ConversionType", "1"),),  # its values are defined terms: others are allowed
)
SC_IMAGE = Module(
    "SC Image",
    "PS3.3 C.8.6.2",
    (
        Attribute("PixelSpacing", "1C"),
        Attribute("PixelSpacingCalibrationDescription", "1C", "calibration type"),
        Attribute("PixelSpacingCalibrationType", "3", terms={1: ("GEOMETRY", "FIDUCIAL")}, clause="PS3.3 10.7"),
    ),
    signs=("DateOfSecondaryCapture", "TimeOfSecondaryCapture", "PixelSpacingCalibrationType"),
)
SINGLE_FRAME = Module(
    "Secondary Capture content",
    "PS3.3 A.8.1",
    (Attribute("NumberOfFrames", "3", terms={1: ("1",)}),),
)
SC_MULTI_FRAME_IMAGE = Module(
    "SC Multi-frame Image",
    "PS3.3 C.8.6.3",
    (
        Attribute("BurnedInAnnotation", "1", terms=YES_NO),
        Attribute("PresentationLUTShape", "1C", _GREY, terms={1: ("IDENTITY",)}),
        Attribute("RescaleIntercept", "1C", _GREY),
        Attribute("RescaleSlope", "1C", _GREY),
        Attribute("RescaleType", "1C", _GREY),
        Attribute("FrameIncrementPointer", "1C", "several frames"),
        Attribute("NominalScannedPixelSpacing", "1C", "digitised film"),
        Attribute("PixelSpacing", "1C"),
        Attribute("PixelSpacingCalibrationDescription", "1C", "calibration type"),
        Attribute("DigitizingDeviceTransportDirection", "3", terms={1: ("ROW", "COLUMN")}),
    ),
)
SC_MULTI_FRAME_VECTOR = Module(
    "SC Multi-frame Vector",
    "PS3.3 C.8.6.4",
    (
        Attribute("FrameTimeVector", "1C", "increment by frame time vector"),
        Attribute("PageNumberVector", "1C", "increment by page"),
        Attribute("FrameLabelVector", "1C", "increment by label"),
        Attribute("FramePrimaryAngleVector", "1C", "increment by primary angle"),
        Attribute("FrameSecondaryAngleVector", "1C", "increment by secondary angle"),
        Attribute("SliceLocationVector", "1C", "increment by slice"),
        Attribute("DisplayWindowLabelVector", "1C", "increment by window"),
    ),
)
TRUE_COLOUR = Module(
    "Multi-frame True Color content",
    "PS3.3 A.8.5",
    (
        Attribute("SamplesPerPixel", "1", terms={1: ("3",)}),
        Attribute(
            "PhotometricInterpretation",
            "1",
            terms={1: ("RGB", "YBR_FULL_422", "YBR_PARTIAL_420", "YBR_RCT", "YBR_ICT")},
        ),
        Attribute("BitsAllocated", "1", terms={1: ("8",)}),
        Attribute("BitsStored", "1", terms={1: ("8",)}),
        Attribute("HighBit", "1", terms={1: ("7",)}),
        Attribute("PixelRepresentation", "1", terms={1: ("0",)}),
        Attribute("PlanarConfiguration", "1C", "several samples", terms={1: ("0",)}),
    ),
)
GREY_WORD = Module(
    "Multi-frame Grayscale Word content",
    "PS3.3 A.8.4",
    (
        Attribute("SamplesPerPixel", "1", terms={1: ("1",)}),
        Attribute("PhotometricInterpretation", "1", terms={1: ("MONOCHROME2",)}),
        Attribute("BitsAllocated", "1", terms={1: ("16",)}),
        Attribute("PixelRepresentation", "1", terms={1: ("0",)}),
    ),
)
GREY_BYTE = Module(
    "Multi-frame Grayscale Byte content",
    "PS3.3 A.8.3",
    (
        Attribute("SamplesPerPixel", "1", terms={1: ("1",)}),
        Attribute("PhotometricInterpretation", "1", terms={1: ("MONOCHROME2",)}),
        Attribute("BitsAllocated", "1", terms={1: ("8",)}),
        Attribute("BitsStored", "1", terms={1: ("8",)}),
        Attribute("HighBit", "1", terms={1: ("7",)}),
        Attribute("PixelRepresentation", "1", terms={1: ("0",)}),
    ),
)
