"""A photo with a canary in every attribute that DICOM has, at the top, nested and private: none comes out."""

import importlib
import io
from datetime import date
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.datadict import DicomDictionary
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

from flexura.errors import CorruptImage
from flexura.intake.conformance.check import check_conformance
from flexura.research.dicom import deidentify_dicom
from flexura.research.profile import KEPT, TABLE
from flexura.research.pseudonyms import Pseudonyms

VL_PHOTOGRAPHIC = "1.2.840.10008.5.1.4.1.1.77.1.4"
PSEUDONYMS = Pseudonyms(b"k" * 32)
PATIENT = "4f1c0a7be2d84f6b9a3d5c7e8f901234"
PIXELS = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
DAY = date(1984, 3, 2)
# By value representation: what a name, a number or a place would look like there.
CANARIES = {
    "AE": "CANARYAE", "AS": "042Y", "CS": "CANARYCS", "DA": "19840302", "DT": "19840302123456.000000+0100",
    "TM": "123456", "LO": "CANARY^LO", "LT": "CANARY LT", "PN": "CANARY^JANE", "SH": "CANARYSH", "ST": "CANARY ST",
    "UC": "CANARY UC", "UT": "CANARY UT", "UR": "https://canary.example/CANARY", "UI": "1.2.826.0.4711.4711",
    "DS": "4711.47", "IS": "471147", "FD": 4711.4711, "FL": 4711.5, "SL": 47114711, "UL": 47114711, "SS": 4711,
    "US": 4711, "SV": 4711471147, "UV": 4711471147, "OB": b"CANARY", "OW": b"CANARY", "OD": b"CANARY01",
    "OL": b"CANARY01", "OF": b"CANARY01", "OV": b"CANARY01", "UN": b"CANARY", "AT": 0x47114711,
}  # fmt: skip
SIGNS = (b"CANARY", b"canary", b"4711", b"1984", b"123456", b"042Y", b"\x11\x47\x11\x47")
IMAGE = {"Rows", "Columns", "PixelData", "BitsAllocated", "BitsStored", "HighBit", "SamplesPerPixel", "SOPClassUID"}


def _plant(dataset: Dataset, *, depth: int) -> int:
    """A canary in every attribute of the dictionary; how many."""
    planted = 0
    for tag, (vr, *_, keyword) in DicomDictionary.items():
        if tag < 0x00080000 or tag >> 16 in (0xFFFE, 0xFFFA, 0xFFFC) or keyword in IMAGE:
            continue
        kind = vr.split(" or ")[0]
        if kind == "SQ":
            if depth == 0:
                continue
            inner = Dataset()
            planted += _plant_few(inner, depth=depth - 1)
            dataset.add(DataElement(tag, "SQ", Sequence([inner])))
        else:
            dataset.add(DataElement(tag, kind, CANARIES[kind], validation_mode=0))
            planted += 1
    return planted


def _plant_few(dataset: Dataset, *, depth: int) -> int:
    dataset.PatientName, dataset.PatientID, dataset.CodeValue, dataset.CodeMeaning = (
        "CANARY",
        "CANARY",
        "CANARY",
        "CANARY",
    )
    dataset.ReferencedSOPInstanceUID, dataset.StudyDate = "1.2.826.0.4711", "19840302"
    block = dataset.private_block(0x0009, "CANARY MAKER", create=True)
    block.add_new(0x01, "LO", "CANARY")
    if depth:
        inner = Dataset()
        _plant_few(inner, depth=depth - 1)
        dataset.RequestAttributesSequence = Sequence([inner])
        dataset.SourceImageSequence = Sequence([inner])
    return 7


def _photo() -> Dataset:
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = VL_PHOTOGRAPHIC, "1.2.826.0.4711.1"
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 4, 6, 3, "RGB"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation, dataset.PlanarConfiguration = 7, 0, 0
    dataset.add_new("PixelData", "OB", PIXELS.tobytes())
    return dataset


def _file(dataset: Dataset) -> bytes:
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.SourceApplicationEntityTitle = "CANARYAE"
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.preamble = b"CANARY".ljust(128, b"\0")
    file = io.BytesIO()
    pydicom.dcmwrite(file, dataset, enforce_file_format=True)
    return file.getvalue()


def _clean(dataset: Dataset) -> tuple[bytes, Dataset]:
    content = deidentify_dicom(_file(dataset), PIXELS, patient=PATIENT, pseudonyms=PSEUDONYMS)
    return content, pydicom.dcmread(io.BytesIO(content))


@pytest.mark.filterwarnings("ignore")  # pydicom warns of values that break their type, as canaries do
def test_no_canary_of_any_attribute_survives():
    dataset = _photo()
    planted = _plant(dataset, depth=3) + _plant_few(dataset, depth=3)
    assert planted > 5000
    raw = _file(dataset)
    assert all(sign in raw for sign in SIGNS)
    content, cleaned = _clean(dataset)
    left = [sign for sign in SIGNS if sign in content.replace(PIXELS.tobytes(), b"")]
    assert left == []
    assert not [element for element in cleaned.iterall() if element.tag.is_private]


def test_the_picture_stays_and_says_that_it_was_cleaned():
    _, cleaned = _clean(_photo())
    assert (cleaned.pixel_array == PIXELS).all()
    assert (cleaned.PatientIdentityRemoved, cleaned.BurnedInAnnotation) == ("YES", "NO")
    codes = [code.CodeValue for code in cleaned.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113101", "113107"]
    assert cleaned.PatientID == PSEUDONYMS.name("patient", PATIENT)


def test_dates_move_and_uids_change_alike_wherever_they_stand():
    dataset = _photo()
    dataset.StudyDate, dataset.AcquisitionDateTime, dataset.StudyInstanceUID = "19840302", "19840305101112", "1.2.3.4"
    source = Dataset()
    source.ReferencedSOPClassUID, source.ReferencedSOPInstanceUID = VL_PHOTOGRAPHIC, dataset.SOPInstanceUID
    dataset.SourceImageSequence = Sequence([source])
    _, cleaned = _clean(dataset)
    moved = PSEUDONYMS.shift(PATIENT, DAY)
    assert cleaned.StudyDate == f"{moved:%Y%m%d}"
    assert date.fromisoformat(cleaned.AcquisitionDateTime) - moved == date(1984, 3, 5) - DAY
    assert cleaned.StudyInstanceUID == PSEUDONYMS.uid("1.2.3.4")
    assert cleaned.SourceImageSequence[0].ReferencedSOPInstanceUID == cleaned.SOPInstanceUID
    assert cleaned.file_meta.MediaStorageSOPInstanceUID == cleaned.SOPInstanceUID


def test_what_the_picture_needs_stays():
    dataset = _photo()
    dataset.Modality, dataset.ImageLaterality, dataset.PixelSpacing = "XC", "L", [0.1, 0.1]
    region = Dataset()
    region.CodeValue, region.CodingSchemeDesignator, region.CodeMeaning = "14975008", "SCT", "Jane's forearm"
    dataset.AnatomicRegionSequence = Sequence([region])
    _, cleaned = _clean(dataset)
    assert (cleaned.Modality, cleaned.ImageLaterality, list(cleaned.PixelSpacing)) == ("XC", "L", [0.1, 0.1])
    assert cleaned.AnatomicRegionSequence[0].CodeMeaning == "forearm"


def test_the_kept_attributes_take_no_stranger():
    assert not {"StudyDescription", "Manufacturer", "ImageComments"} & KEPT
    assert len(KEPT) + len(TABLE) < 700


def test_a_file_that_is_built_to_harm_is_refused():
    content = _file(_photo())
    with pytest.raises(CorruptImage):
        deidentify_dicom(content[:-20], PIXELS, patient=PATIENT, pseudonyms=PSEUDONYMS)


def test_what_leaves_keeps_to_the_standard(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
    files = importlib.import_module("dicom_files")
    for name, write in files.VALID.items():
        content = deidentify_dicom(files.as_file(write()), PIXELS, patient=PATIENT, pseudonyms=PSEUDONYMS)
        report = check_conformance(content)
        assert report.faults == (), name
        assert report.conforms, name
        written = pydicom.dcmread(io.BytesIO(content))
        assert "NumberOfFrames" not in written
        assert written.get("Manufacturer") in (None, "", "REMOVED"), name
        if "dermoscopic" in name:
            assert (written.ContactMethod, written.DeviceSerialNumber) == ("CONTACT", "REMOVED")
