"""When a conditional attribute or module is required, as far as the file itself can tell.

One row per condition: a name that the tables use, and a predicate on the data set. What depends
on the world outside the file ("if the animal…", "if calibrated") has no row here.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException
from pydicom.multival import MultiValue

from flexura.intake.conformance.regions import PAIRED_REGIONS

Condition = Callable[[Dataset], bool]


def has_value(dataset: Dataset, keyword: str) -> bool:
    """Whether an attribute is there and not empty.

    Parameters
    ----------
    dataset : Dataset
        A data set or an item of a sequence.
    keyword : str
        DICOM keyword.

    Returns
    -------
    bool
        False for a missing or empty attribute, an empty sequence, and a value that cannot be converted.
    """
    return text(dataset, keyword) != ""


def text(dataset: Dataset, keyword: str) -> str:
    """Read the first value of an attribute as text.

    Parameters
    ----------
    dataset : Dataset
        A data set or an item of a sequence.
    keyword : str
        DICOM keyword.

    Returns
    -------
    str
        Empty if there is none, or none that can be converted; something for the items of a sequence.
    """
    value = _value(dataset, keyword)
    if isinstance(value, str) or not hasattr(value, "__getitem__"):
        return "" if value is None else str(value)
    return str(value[0]) if len(value) else ""


def number(dataset: Dataset, keyword: str) -> int:
    """Read the first value of an attribute as a whole number.

    Parameters
    ----------
    dataset : Dataset
        A data set or an item of a sequence.
    keyword : str
        DICOM keyword.

    Returns
    -------
    int
        0 if there is none, or none that is a number.
    """
    value = text(dataset, keyword)
    return int(value) if value.lstrip("+-").isdecimal() else 0


def numbers(dataset: Dataset, keyword: str) -> list[float]:
    """Read the values of an attribute as numbers.

    Parameters
    ----------
    dataset : Dataset
        A data set or an item of a sequence.
    keyword : str
        DICOM keyword.

    Returns
    -------
    list of float
        Empty if one of them is no number, which is reported where it is judged.
    """
    value = _value(dataset, keyword)
    values = value if isinstance(value, MultiValue | list) else [value]
    try:
        return [float(part) for part in values]
    except (TypeError, ValueError):
        return []


def _value(dataset: Dataset, keyword: str) -> Any:
    """The converted value; `None` also if it cannot be converted, which is reported where it is judged."""
    try:
        return dataset.get(keyword)
    except (ValueError, TypeError, OverflowError, NotImplementedError, BytesLengthException):
        return None


def _has(*keywords: str) -> Condition:
    return lambda dataset: any(has_value(dataset, keyword) for keyword in keywords)


def _present(keyword: str) -> Condition:
    return lambda dataset: keyword in dataset


def _lacks(*keywords: str) -> Condition:
    return lambda dataset: not any(keyword in dataset for keyword in keywords)


def _is(keyword: str, *values: str) -> Condition:
    return lambda dataset: text(dataset, keyword) in values


def _points_to(keyword: str) -> Condition:
    """Whether Frame Increment Pointer names the attribute."""

    def points(dataset: Dataset) -> bool:
        pointer = _value(dataset, "FrameIncrementPointer")
        tags = pointer if isinstance(pointer, list) or hasattr(pointer, "append") else [pointer]
        return tag_for_keyword(keyword) in tags

    return points


def _side_is_due(dataset: Dataset) -> bool:
    """Whether nothing states the side of a body part that is paired, or that is not stated either."""
    if not _lacks("ImageLaterality", "SharedFunctionalGroupsSequence")(dataset):
        return False
    regions: Any = _value(dataset, "AnatomicRegionSequence")
    if regions:
        return any(text(region, "CodeValue") in PAIRED_REGIONS for region in regions)
    return _lacks("BodyPartExamined", "AnatomicRegionSequence")(dataset)


def _is_stereo(dataset: Dataset) -> bool:
    value: Any = _value(dataset, "ImageType")
    if value is None or isinstance(value, str):
        return False
    return len(value) > 2 and value[2] in ("STEREO L", "STEREO R")


CONDITIONS: Mapping[str, Condition] = MappingProxyType(
    {
        "alternative calendar": _has("PatientBirthDateInAlternativeCalendar", "PatientDeathDateInAlternativeCalendar"),
        "responsible person": _has("ResponsiblePerson"),
        "de-identified, method not coded": lambda d: (
            _is("PatientIdentityRemoved", "YES")(d) and _lacks("DeidentificationMethodCodeSequence")(d)
        ),
        "de-identified, method not in words": lambda d: (
            _is("PatientIdentityRemoved", "YES")(d) and _lacks("DeidentificationMethod")(d)
        ),
        # An unknown body part may be a paired one: the attribute is then present and empty.
        "side of a paired or unknown body part": _side_is_due,
        "image laterality is stated": _present("ImageLaterality"),
        "pixel spacing is stated": _present("PixelSpacing"),
        "one sample a pixel": lambda d: number(d, "SamplesPerPixel") == 1,
        "no position in the patient": _lacks("ImageOrientationPatient", "SharedFunctionalGroupsSequence"),
        "several samples": lambda d: number(d, "SamplesPerPixel") > 1,
        "palette": _is("PhotometricInterpretation", "PALETTE COLOR"),
        "palette, not segmented": lambda d: (
            _is("PhotometricInterpretation", "PALETTE COLOR")(d)
            and _lacks("SegmentedRedPaletteColorLookupTableData")(d)
        ),
        "no address of the pixels": _lacks("PixelDataProviderURL", "FloatPixelData", "DoubleFloatPixelData"),
        "offset table": _has("ExtendedOffsetTable"),
        "stereo": _is_stereo,
        "window centre": _has("WindowCenter"),
        "contact": _is("ContactMethod", "CONTACT"),
        "tracking UID": _has("TrackingUID"),
        "tracking ID": _has("TrackingID"),
        "calibration type": _has("PixelSpacingCalibrationType"),
        "digitised film": _is("ConversionType", "DF"),
        "several frames": lambda d: number(d, "NumberOfFrames") > 1,
        "deep grey": lambda d: _is("PhotometricInterpretation", "MONOCHROME2")(d) and number(d, "BitsStored") > 1,
        "increment by frame time": _points_to("FrameTime"),
        "increment by frame time vector": _points_to("FrameTimeVector"),
        "increment by page": _points_to("PageNumberVector"),
        "increment by label": _points_to("FrameLabelVector"),
        "increment by primary angle": _points_to("FramePrimaryAngleVector"),
        "increment by secondary angle": _points_to("FrameSecondaryAngleVector"),
        "increment by slice": _points_to("SliceLocationVector"),
        "increment by window": _points_to("DisplayWindowLabelVector"),
        "cine": lambda d: _points_to("FrameTime")(d) or _points_to("FrameTimeVector")(d),
        "no modality table": _lacks("ModalityLUTSequence"),
        "rescale intercept": _has("RescaleIntercept"),
        "no window": _lacks("WindowCenter"),
        "no VOI table": _lacks("VOILUTSequence"),
        "no ordinary code": _lacks("LongCodeValue", "URNCodeValue"),
        "code of a scheme": _has("CodeValue", "LongCodeValue"),
        "context group": _has("ContextIdentifier"),
        **{
            f"value type {kind}": _is("ValueType", kind)
            for kind in ("DATETIME", "DATE", "TIME", "PNAME", "UIDREF", "TEXT", "CODE", "NUMERIC")
        },
        "value type COMPOSITE or IMAGE": _is("ValueType", "COMPOSITE", "IMAGE"),
        "rational number": _has("RationalNumeratorValue"),
        "no institution code": _lacks("InstitutionCodeSequence"),
        "no institution name": _lacks("InstitutionName"),
        "no universal entity": _lacks("UniversalEntityID"),
        "no local entity": _lacks("LocalNamespaceEntityID"),
        "universal entity": _has("UniversalEntityID"),
        "certified timestamp": _has("CertifiedTimestamp"),
    }
)
