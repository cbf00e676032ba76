"""A DICOM photograph without what identifies its patient: PS3.15 Annex E, Basic Profile.

The options Clean Pixel Data (the pixels come ready from `release`) and Retain Longitudinal Temporal Information
with Modified Dates apply. The file is written anew: no preamble, no byte of the old one and no decoder's leftovers.
"""

import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from pydicom import dcmwrite
from pydicom.datadict import dictionary_VR, keyword_for_tag
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

from flexura.errors import CorruptImage, FlexuraError
from flexura.intake.conformance.check import check_conformance
from flexura.intake.dicom.capture import SITES_BY_SNOMED
from flexura.intake.dicom.dataset import quietly, read_dataset
from flexura.intake.dicom.layout import OF_ONE_FRAME, PHOTO_CLASSES
from flexura.intake.dicom.structure import require_sound
from flexura.records import UInt8Array
from flexura.research.profile import KEPT, RANGES, WORDS, action_of
from flexura.research.pseudonyms import Pseudonyms

# PS3.16, CID 7050.
_METHODS: Final = (
    ("113100", "Basic Application Confidentiality Profile"),
    ("113101", "Clean Pixel Data Option"),
    ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
)
_DEEPEST: Final = 32
_DUMMY_TEXT: Final = "REMOVED"
_NUMBERS: Final = frozenset({"DS", "IS", "FD", "FL", "SS", "US", "SL", "UL", "SV", "UV"})
_TEXTS: Final = frozenset({"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UT"})
_NO_AGE: Final = "000D"


def deidentify_dicom(content: bytes, pixels: UInt8Array, *, patient: str, pseudonyms: Pseudonyms) -> bytes:
    """Write a DICOM photograph again without what identifies its patient.

    Parameters
    ----------
    content : bytes
        The file as it came.
    pixels : UInt8Array
        Its picture, sRGB (H, W, 3), already masked where that was wanted.
    patient : str
        The patient's true id.
    pseudonyms : Pseudonyms
        Of the study.

    Returns
    -------
    bytes
        An uncompressed file of the same class, of one frame: a multi-frame object becomes its single-frame sibling.

    Raises
    ------
    InputRefused
        When the file cannot be read, see `require_sound` and `read_dataset`.

    References
    ----------
    DICOM PS3.15 2026c, Annex E; the attributes' actions are in `profile`.
    """
    require_sound(content)
    try:
        with quietly():
            old, _ = read_dataset(content)
            cleaned = _Cleaner(patient, pseudonyms).clean(old)
            return _write(_completed(_describe(cleaned, pixels, patient, pseudonyms)))
    except FlexuraError:
        raise
    except Exception as error:  # pydicom raises nearly every built-in exception on damaged values
        raise CorruptImage("the DICOM file holds values that contradict their type; export it again") from error


class _Cleaner:
    """The profile applied to one patient's data set."""

    def __init__(self, patient: str, pseudonyms: Pseudonyms) -> None:
        self.patient, self.pseudonyms = patient, pseudonyms

    def clean(self, old: Dataset, depth: int = 0) -> Dataset:
        new = Dataset()
        for tag in [tag for tag in old if depth <= _DEEPEST]:
            for element in self._cleaned(old, int(tag.tag), depth):
                new.add(element)
        return new

    def _cleaned(self, old: Dataset, tag: int, depth: int) -> Iterator[DataElement]:
        action = action_of(tag, keyword_for_tag(tag))
        if action == "X":
            return  # its value is not even converted
        element = old[tag]
        if action == "K":
            kept = self._kept(element, depth)
            if kept not in (None, ""):
                yield DataElement(tag, element.VR, kept)
        elif action == "U":
            yield DataElement(tag, element.VR, self._renamed(element, depth))
        elif action == "Z":
            yield DataElement(tag, element.VR, [] if element.VR == "SQ" else self._shifted(element) or "")
        else:
            yield DataElement(tag, element.VR, self._dummy(element, depth))

    def _kept(self, element: DataElement, depth: int) -> object:
        """The value if it is one that is known; a list keeps its known ones."""
        if element.VR == "SQ":
            items = [self.clean(item, depth + 1) for item in element.value]
            known = [item for item in items if str(item.get("CodeValue", "")) in SITES_BY_SNOMED]
            return Sequence(known) or None
        values = list(element.value) if isinstance(element.value, MultiValue) else [element.value]
        kept = [value for value in values if _is_known(element.keyword, value)]
        if element.keyword == "CodeMeaning" or not kept or (element.keyword in RANGES and len(kept) < len(values)):
            return None
        return kept if len(kept) > 1 else kept[0]

    def _renamed(self, element: DataElement, depth: int) -> object:
        if element.VR == "SQ":
            return [self.clean(item, depth + 1) for item in element.value]
        values = list(element.value) if isinstance(element.value, MultiValue) else [element.value]
        return [self.pseudonyms.uid(str(value)) for value in values if value]

    def _dummy(self, element: DataElement, depth: int) -> object:
        if element.VR == "SQ":
            return [self.clean(item, depth + 1) for item in element.value]
        if element.VR == "UI":
            return self._renamed(element, depth)
        if element.VR in _NUMBERS:
            return 0
        if element.VR in _TEXTS:
            return _DUMMY_TEXT
        return self._shifted(element) or {"AS": _NO_AGE}.get(element.VR, b"" if element.VR[0] in "OU" else "")

    def _shifted(self, element: DataElement) -> str | None:
        """A date moved by the patient's days; the time of day does not leave."""
        if element.VR == "TM":
            return "000000"
        if element.VR not in ("DA", "DT"):
            return None
        day = _day_of(str(element.value))
        return None if day is None else f"{self.pseudonyms.shift(self.patient, day):%Y%m%d}"


def _is_known(keyword: str, value: object) -> bool:
    if keyword in WORDS:
        return str(value) in WORDS[keyword]
    if keyword in RANGES:
        low, high = RANGES[keyword]
        return low <= float(str(value)) <= high
    if keyword in ("SOPClassUID", "ReferencedSOPClassUID"):
        return UID(str(value)) in PHOTO_CLASSES
    return keyword in KEPT and str(value) in SITES_BY_SNOMED


def _day_of(text: str) -> date | None:
    try:
        return datetime.strptime(text[:8], "%Y%m%d").date()
    except ValueError:
        return None


def _describe(cleaned: Dataset, pixels: UInt8Array, patient: str, pseudonyms: Pseudonyms) -> Dataset:
    """The picture as it is now, who the patient is not, and how that was done."""
    for region in cleaned.get("AnatomicRegionSequence", []):
        region.CodeMeaning = SITES_BY_SNOMED[region.CodeValue].replace("_", " ")
        region.CodingSchemeDesignator = "SCT"
    cleaned.SOPClassUID = UID(OF_ONE_FRAME.get(cleaned.SOPClassUID, cleaned.SOPClassUID))
    name = pseudonyms.name("patient", patient)
    cleaned.PatientID = cleaned.PatientName = name
    cleaned.PatientIdentityRemoved, cleaned.BurnedInAnnotation = "YES", "NO"
    cleaned.LongitudinalTemporalInformationModified = "MODIFIED"
    cleaned.DeidentificationMethodCodeSequence = [_code(value, meaning) for value, meaning in _METHODS]
    cleaned.Rows, cleaned.Columns = pixels.shape[:2]
    cleaned.SamplesPerPixel, cleaned.PhotometricInterpretation, cleaned.PlanarConfiguration = 3, "RGB", 0
    cleaned.BitsAllocated, cleaned.BitsStored, cleaned.HighBit, cleaned.PixelRepresentation = 8, 8, 7, 0
    picture = pixels.tobytes()
    cleaned.add_new("PixelData", "OB", picture + b"\0" * (len(picture) % 2))
    return cleaned


def _completed(dataset: Dataset) -> Dataset:
    """Put back, empty or as a dummy, what the object must have and the profile took away (PS3.15 E.1.1, note 4)."""
    for row in check_conformance(_write(dataset)).faults:
        if row.status == "missing" and row.type.startswith("2"):
            setattr(dataset, row.attribute, None)
        elif row.status == "missing" and dictionary_VR(row.attribute) == "LO":
            setattr(dataset, row.attribute, _DUMMY_TEXT)
    return dataset


def _code(value: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, "DCM", meaning
    return code


def _write(dataset: Dataset) -> bytes:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.ImplementationClassUID = generate_uid(entropy_srcs=["flexura"])
    dataset.file_meta = meta
    file = io.BytesIO()
    dcmwrite(file, dataset, enforce_file_format=True)
    return file.getvalue()
