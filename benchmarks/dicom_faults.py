"""The files that two conformance checkers are compared on: valid ones, the same with one fault each, and pydicom's."""

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pydicom
from dicom_files import VALID, as_file
from pydicom import config
from pydicom.dataset import Dataset

from flexura.intake.conformance.iods import IODS


@dataclass(frozen=True)
class Fault:
    """One planted fault: the object it is planted in, the attribute that is then wrong, and the change."""

    subject: str
    keyword: str
    change: str
    plant: Callable[[Dataset], object]


def _drop(keyword: str) -> Callable[[Dataset], object]:
    return lambda dataset: delattr(dataset, keyword)


def _put(keyword: str, value: object) -> Callable[[Dataset], object]:
    return lambda dataset: setattr(dataset, keyword, value)


def _inside(path: str, change: Callable[[Dataset], object]) -> Callable[[Dataset], object]:
    """Change the first item of the sequence at the end of a path of sequences."""

    def changed(dataset: Dataset) -> None:
        for keyword in path.split("/"):
            dataset = dataset[keyword].value[0]
        change(dataset)

    return changed


def _double(keyword: str) -> Callable[[Dataset], object]:
    return lambda dataset: dataset[keyword].value.append(dataset[keyword].value[0])


_MISSING = {
    "VL photograph": (
        "PatientID PatientName PatientBirthDate PatientSex StudyInstanceUID StudyDate StudyTime AccessionNumber "
        "StudyID ReferringPhysicianName Modality SeriesInstanceUID SeriesNumber Manufacturer InstanceNumber "
        "PatientOrientation ImageType SamplesPerPixel PhotometricInterpretation PlanarConfiguration Rows Columns "
        "BitsAllocated BitsStored HighBit PixelRepresentation LossyImageCompression AcquisitionContextSequence "
        "SOPInstanceUID"
    ),
    "dermoscopic photograph": (
        "ManufacturerModelName DeviceSerialNumber SoftwareVersions RecognizableVisualFeatures LightSourcePolarization "
        "EmitterColorTemperature ContactMethod ImmersionMedia OpticalMagnificationFactor"
    ),
    "secondary capture": "ConversionType Laterality",
    "multi-frame capture": "NumberOfFrames FrameIncrementPointer BurnedInAnnotation PageNumberVector",
    "video photograph": "NumberOfFrames FrameIncrementPointer FrameTime LossyImageCompression",
    "photograph of the back": "AcquisitionContextSequence",
    "grey capture": "WindowWidth",
    "palette capture": (
        "RedPaletteColorLookupTableDescriptor GreenPaletteColorLookupTableDescriptor "
        "BluePaletteColorLookupTableDescriptor RedPaletteColorLookupTableData GreenPaletteColorLookupTableData "
        "BluePaletteColorLookupTableData"
    ),
}
_EMPTY = {
    "VL photograph": "StudyInstanceUID SeriesInstanceUID Modality ImageType",
    "dermoscopic photograph": "DeviceSerialNumber RecognizableVisualFeatures",
    "secondary capture": "ConversionType",
    "multi-frame capture": "BurnedInAnnotation",
    "video photograph": "NumberOfFrames FrameTime",
    "photograph with context": "ICCProfile",
    "palette capture": "RedPaletteColorLookupTableData",
}
# Attributes of the items of a sequence, missing.
_MISSING_INSIDE: tuple[tuple[str, str, str], ...] = (
    ("VL photograph", "AnatomicRegionSequence", "CodeMeaning CodeValue CodingSchemeDesignator"),
    (
        "photograph with context",
        "AcquisitionContextSequence",
        "ValueType ConceptNameCodeSequence NumericValue MeasurementUnitsCodeSequence",
    ),
    ("photograph with context", "AcquisitionContextSequence/MeasurementUnitsCodeSequence", "CodeMeaning"),
    ("photograph with context", "ContributingEquipmentSequence", "Manufacturer PurposeOfReferenceCodeSequence"),
    ("photograph with context", "ReferencedSeriesSequence", "SeriesInstanceUID ReferencedInstanceSequence"),
    (
        "photograph with context",
        "ReferencedSeriesSequence/ReferencedInstanceSequence",
        "ReferencedSOPClassUID ReferencedSOPInstanceUID",
    ),
    ("photograph with context", "ReferencedImageSequence", "ReferencedSOPClassUID ReferencedSOPInstanceUID"),
    ("tabled capture", "VOILUTSequence", "LUTDescriptor LUTData"),
    ("tabled capture", "ModalityLUTSequence", "LUTDescriptor LUTData ModalityLUTType"),
)
_WRONG: tuple[tuple[str, str, object], ...] = (
    ("VL photograph", "Modality", "OT"),
    ("VL photograph", "PatientSex", "X"),
    ("VL photograph", "PhotometricInterpretation", "YBR_FULL"),
    ("VL photograph", "BitsStored", 7),
    ("VL photograph", "HighBit", 6),
    ("VL photograph", "PixelRepresentation", 1),
    ("VL photograph", "PlanarConfiguration", 1),
    ("VL photograph", "LossyImageCompression", "02"),
    ("VL photograph", "ImageLaterality", "X"),
    ("VL photograph", "BurnedInAnnotation", "MAYBE"),
    ("VL photograph", "StudyDate", "2026-01-02"),
    ("VL photograph", "StudyDate", "20260231"),
    ("VL photograph", "StudyTime", "10:11:12"),
    ("VL photograph", "StudyTime", "251112"),
    ("VL photograph", "SeriesInstanceUID", "1.2.03.4"),
    ("VL photograph", "SeriesInstanceUID", "1." + "2" * 64),
    ("VL photograph", "InstanceNumber", "1.5"),
    ("VL photograph", "PatientID", "1" * 70),
    ("VL photograph", "StudyID", "1" * 17),
    ("VL photograph", "PixelSpacing", ["0.1", "0.1", "0.1"]),
    ("VL photograph", "AcquisitionDateTime", "20261301"),
    ("VL photograph", "PatientAge", "42"),
    ("VL photograph", "PatientName", b"M\xfcller"),
    ("VL photograph", "NumberOfFrames", 2),
    ("VL photograph", "Laterality", "L"),
    ("VL photograph", "ImageLaterality", "LEFT"),
    ("VL photograph", "Rows", 0),
    ("VL photograph", "PixelSpacing", ["0", "0.1"]),
    ("VL photograph", "SOPInstanceUID", "1.2.a"),
    ("VL photograph", "SpecificCharacterSet", "latin1"),
    ("photograph with context", "PixelAspectRatio", ["1", "1"]),
    ("photograph with context", "ICCProfile", b"no profile here."),
    ("photograph of the back", "Laterality", "B"),
    ("video photograph", "Modality", "US"),
    ("grey capture", "PlanarConfiguration", 0),
    ("grey capture", "WindowWidth", "0"),
    ("grey capture", "BitsAllocated", 12),
    ("palette capture", "RedPaletteColorLookupTableDescriptor", [256, 0, 12]),
    ("dermoscopic photograph", "NumberOfFrames", 2),
    ("dermoscopic photograph", "Modality", "XC"),
    ("dermoscopic photograph", "LightSourcePolarization", "CROSSED"),
    ("dermoscopic photograph", "ContactMethod", "TOUCH"),
    ("dermoscopic photograph", "ImmersionMedia", "HONEY"),
    ("secondary capture", "NumberOfFrames", 2),
    ("secondary capture", "PhotometricInterpretation", "YBR_ICT"),
    ("multi-frame capture", "BurnedInAnnotation", "PERHAPS"),
    ("multi-frame capture", "PlanarConfiguration", 1),
)
_REGION = "AnatomicRegionSequence"
FAULTS: tuple[Fault, ...] = (
    *(Fault(name, word, "missing", _drop(word)) for name, words in _MISSING.items() for word in words.split()),
    *(Fault(name, word, "empty", _put(word, None)) for name, words in _EMPTY.items() for word in words.split()),
    *(Fault(name, word, f"set to {value!r:.24}", _put(word, value)) for name, word, value in _WRONG),
    *(
        Fault(name, word, f"missing in {path}", _inside(path, _drop(word)))
        for name, path, words in _MISSING_INSIDE
        for word in words.split()
    ),
    Fault("VL photograph", "CodeValue", "mistyped in the region", _inside(_REGION, _put("CodeValue", "14975080"))),
    Fault("VL photograph", "CodeMeaning", "empty in the region", _inside(_REGION, _put("CodeMeaning", ""))),
    Fault("VL photograph", _REGION, "empty", _put(_REGION, [])),
    Fault("VL photograph", _REGION, "of two items", _double(_REGION)),
    Fault("VL photograph", "Laterality", "missing, of no image either", _drop("ImageLaterality")),
    Fault(
        "photograph with context",
        "ValueType",
        "set to 'NUMBER'",
        _inside("AcquisitionContextSequence", _put("ValueType", "NUMBER")),
    ),
    Fault("VL photograph", "PixelData", "ten bytes short", lambda d: _put("PixelData", d.PixelData[:-10])(d)),
)


def planted(fault: Fault) -> bytes:
    """Write the file of a planted fault."""
    return _changed(VALID[fault.subject](), fault.plant)


def wheel_files() -> Iterator[tuple[str, bytes]]:
    """List the photographic files of pydicom's wheel."""
    folder = Path(pydicom.__file__).parent / "data" / "test_files"
    for path in sorted(folder.glob("*.dcm")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            uid = pydicom.dcmread(path, force=True, specific_tags=["SOPClassUID"]).get("SOPClassUID")
        if uid in IODS:
            yield path.name, path.read_bytes()


def subjects() -> Iterator[tuple[str, str | None, bytes]]:
    """List what is compared: its name, the attribute at fault if one was planted, and the file."""
    for name, content in wheel_files():
        yield f"pydicom {name}", None, content
    for name, write in VALID.items():
        yield f"valid {name}", None, as_file(write())
    for fault in FAULTS:
        yield f"{fault.subject}: {fault.keyword} {fault.change}", fault.keyword, planted(fault)


# A value that breaks the form of its representation (PS3.5 table 6.2-1).
_MALFORMED: Mapping[str, object] = {
    "CS": "lower case",
    "DA": "2026-01-02",
    "DS": "0.12345678901234567",
    "IS": "1.5",
    "LO": "x" * 65,
    "PN": "x" * 65,
    "SH": "x" * 17,
    "TM": "10:11",
    "UI": "1.2.a",
}


def every_change() -> Iterator[tuple[str, str, str, bytes]]:
    """Take every attribute of every valid file away, empty it, and put a malformed value into it, one at a time."""
    for name, write in VALID.items():
        for element in write():
            keyword = element.keyword
            if keyword == "PixelData" and "highdicom" in name:
                continue  # two are compressed, and pydicom writes no empty compressed pixels
            yield name, keyword, "missing", _changed(write(), _drop(keyword))
            yield name, keyword, "empty", _changed(write(), _put(keyword, [] if element.VR == "SQ" else None))
            if element.VR in _MALFORMED:
                yield name, keyword, "malformed", _changed(write(), _put(keyword, _MALFORMED[element.VR]))


def _changed(dataset: Dataset, change: Callable[[Dataset], object]) -> bytes:
    with config.disable_value_validation(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        change(dataset)
        return as_file(dataset)
