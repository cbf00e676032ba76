"""How far flexura's DICOM conformance check agrees with dciodvfy, an independent checker.

    python benchmarks/dicom_conformance.py

Compared are the photographic files of pydicom's wheel, valid files written here and by highdicom,
and the same with one planted fault each. Of every file the attributes at fault by one and by
the other are compared; dciodvfy comes from Debian's dicom3tools.
"""

import re
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import highdicom
import numpy as np
import pydicom
from pydicom import config, datadict
from pydicom._dicom_dict import DicomDictionary
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from flexura.intake.conformance.check import check_conformance
from flexura.intake.conformance.iods import IODS
from flexura.intake.conformance.report import keywords_at_fault

ROWS, COLUMNS = 240, 320
_ROOT = "1.2.826.0.1.3680043.10.1337"
# dciodvfy names attributes by keyword, by name, or by tag.
_NAMED = re.compile(r"(?:Element|attribute)[= ]*<([^>]+)>|\((0x[0-9a-f]{4}),(0x[0-9a-f]{4})\)")
_KEYWORDS: Mapping[str, str] = {entry[2]: entry[4] for entry in DicomDictionary.values()}


@dataclass(frozen=True)
class Fault:
    """One planted fault: the object it is planted in, the attribute that is then wrong, and the change."""

    subject: str
    keyword: str
    change: str
    plant: Callable[[Dataset], object]


def vl_photograph() -> Dataset:
    """Write a valid VL Photographic Image of a left forearm."""
    dataset = _image("1.2.840.10008.5.1.4.1.1.77.1.4", "XC")
    return _visible_light(dataset)


def dermoscopic_photograph() -> Dataset:
    """Write a valid Dermoscopic Photography Image, with the Frame of Reference that dciodvfy insists on."""
    dataset = _visible_light(_image("1.2.840.10008.5.1.4.1.1.77.1.7", "DMS"))
    dataset.ManufacturerModelName, dataset.DeviceSerialNumber, dataset.SoftwareVersions = "Model", "1", "1"
    dataset.FrameOfReferenceUID, dataset.PositionReferenceIndicator = f"{_ROOT}.4", ""
    dataset.RecognizableVisualFeatures = "NO"
    dataset.LightSourcePolarization, dataset.EmitterColorTemperature = "NON_POLARIZED", None
    dataset.ContactMethod, dataset.ImmersionMedia, dataset.OpticalMagnificationFactor = "CONTACT", "ALCOHOL", "10"
    return dataset


def secondary_capture() -> Dataset:
    """Write a valid Secondary Capture Image."""
    dataset = _image("1.2.840.10008.5.1.4.1.1.7", "XC")
    dataset.ConversionType, dataset.Laterality = "WSD", ""
    return dataset


def multi_frame_capture() -> Dataset:
    """Write a valid Multi-frame True Color Secondary Capture Image of two pages."""
    dataset = _image("1.2.840.10008.5.1.4.1.1.7.4", "XC")
    dataset.ConversionType, dataset.Laterality = "WSD", ""
    dataset.NumberOfFrames, dataset.FrameIncrementPointer = 2, 0x00182001
    dataset.PageNumberVector = [1, 2]
    dataset.PixelData *= 2
    return dataset


def highdicom_capture() -> Dataset:
    """Let highdicom write a Secondary Capture Image."""
    capture = highdicom.sc.SCImage(
        pixel_array=_picture(),
        photometric_interpretation="RGB",
        bits_allocated=8,
        coordinate_system="PATIENT",
        study_instance_uid=f"{_ROOT}.1",
        series_instance_uid=f"{_ROOT}.2",
        sop_instance_uid=f"{_ROOT}.3",
        series_number=1,
        instance_number=1,
        manufacturer="Maker",
        patient_orientation=("L", "P"),
        laterality="L",
        patient_name="Doe^Jane",
        patient_id="1",
    )
    return Dataset(capture) if not hasattr(capture, "file_meta") else capture


VALID: Mapping[str, Callable[[], Dataset]] = {
    "VL photograph": vl_photograph,
    "dermoscopic photograph": dermoscopic_photograph,
    "secondary capture": secondary_capture,
    "multi-frame capture": multi_frame_capture,
    "capture by highdicom": highdicom_capture,
}


def _drop(keyword: str) -> Callable[[Dataset], object]:
    return lambda dataset: delattr(dataset, keyword)


def _put(keyword: str, value: object) -> Callable[[Dataset], object]:
    return lambda dataset: setattr(dataset, keyword, value)


def _in_region(change: Callable[[Dataset], object]) -> Callable[[Dataset], object]:
    return lambda dataset: change(dataset.AnatomicRegionSequence[0])


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
}
_EMPTY = {
    "VL photograph": "StudyInstanceUID SeriesInstanceUID Modality ImageType",
    "dermoscopic photograph": "DeviceSerialNumber RecognizableVisualFeatures",
    "secondary capture": "ConversionType",
    "multi-frame capture": "BurnedInAnnotation",
}
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
    ("dermoscopic photograph", "Modality", "XC"),
    ("dermoscopic photograph", "LightSourcePolarization", "CROSSED"),
    ("dermoscopic photograph", "ContactMethod", "TOUCH"),
    ("dermoscopic photograph", "ImmersionMedia", "HONEY"),
    ("secondary capture", "NumberOfFrames", 2),
    ("secondary capture", "PhotometricInterpretation", "YBR_ICT"),
    ("multi-frame capture", "BurnedInAnnotation", "PERHAPS"),
    ("multi-frame capture", "PlanarConfiguration", 1),
)
FAULTS: tuple[Fault, ...] = (
    *(Fault(name, word, "missing", _drop(word)) for name, words in _MISSING.items() for word in words.split()),
    *(Fault(name, word, "empty", _put(word, None)) for name, words in _EMPTY.items() for word in words.split()),
    *(Fault(name, word, f"set to {value!r:.24}", _put(word, value)) for name, word, value in _WRONG),
    Fault("VL photograph", "CodeMeaning", "missing in the region", _in_region(_drop("CodeMeaning"))),
    Fault("VL photograph", "CodeValue", "missing in the region", _in_region(_drop("CodeValue"))),
    Fault(
        "VL photograph", "CodingSchemeDesignator", "missing in the region", _in_region(_drop("CodingSchemeDesignator"))
    ),
    Fault("VL photograph", "PixelData", "ten bytes short", lambda d: _put("PixelData", d.PixelData[:-10])(d)),
)


def planted(fault: Fault) -> bytes:
    """Write the file of a planted fault."""
    dataset = VALID[fault.subject]()
    with config.disable_value_validation(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fault.plant(dataset)
        return as_file(dataset)


def as_file(dataset: Dataset) -> bytes:
    """Write a data set as a DICOM file, faults and all."""
    file = BytesIO()
    with config.disable_value_validation(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pydicom.dcmwrite(file, dataset, enforce_file_format=True)
    return file.getvalue()


def dciodvfy_faults(path: Path) -> frozenset[str]:
    """Collect the attributes that dciodvfy calls an error."""
    run = subprocess.run(["dciodvfy", str(path)], capture_output=True, check=False)
    text = (run.stdout + run.stderr).decode("latin-1")
    lines = [line for line in text.splitlines() if "Error" in line]
    return frozenset(word for line in lines for word in _keywords(line))


def _keywords(line: str) -> Iterator[str]:
    for name, group, element in _NAMED.findall(line):
        keyword = _KEYWORDS.get(name, name) if name else datadict.keyword_for_tag((int(group, 16), int(element, 16)))
        if keyword:  # what is no attribute of the standard cannot be compared
            yield keyword
    if line.startswith("Error - PixelData"):
        yield "PixelData"


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


def main() -> None:
    """Compare and print."""
    if shutil.which("dciodvfy") is None:
        raise SystemExit("dciodvfy is missing: apt-get install dicom3tools")
    same = files = 0
    found = {"flexura": 0, "dciodvfy": 0}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "subject.dcm"
        for name, keyword, content in subjects():
            path.write_bytes(content)
            theirs = dciodvfy_faults(path)
            ours = keywords_at_fault(check_conformance(content).rows)
            files, same = files + 1, same + (ours == theirs)
            if keyword:
                found["flexura"] += keyword in ours
                found["dciodvfy"] += keyword in theirs
            if ours != theirs:
                print(
                    f"{name}\n    only flexura: {_listed(ours - theirs)}\n    only dciodvfy: {_listed(theirs - ours)}"
                )
    print(f"{same} of {files} files: the same attributes at fault")
    print(f"{len(FAULTS)} planted faults: flexura found {found['flexura']}, dciodvfy {found['dciodvfy']}")


def _listed(keywords: frozenset[str]) -> str:
    return ", ".join(sorted(keywords)) or "-"


def _image(sop_class: str, modality: str) -> Dataset:
    """Everything that the objects have in common; rendered stripes for a picture."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = UID(sop_class), UID(f"{_ROOT}.3")
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = f"{_ROOT}.1", f"{_ROOT}.2"
    dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate, dataset.PatientSex = (
        "Doe^Jane",
        "1",
        "19800101",
        "F",
    )
    dataset.StudyDate, dataset.StudyTime, dataset.StudyID = "20260102", "101112", "1"
    dataset.AccessionNumber, dataset.ReferringPhysicianName = "", ""
    dataset.Modality, dataset.SeriesNumber, dataset.InstanceNumber = modality, 1, 1
    dataset.Manufacturer, dataset.PatientOrientation = "Maker", ""
    dataset.ImageType, dataset.BurnedInAnnotation = ["ORIGINAL", "PRIMARY"], "NO"
    dataset.ContentDate, dataset.ContentTime = "20260102", "101112"
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PlanarConfiguration = 3, "RGB", 0
    dataset.Rows, dataset.Columns = ROWS, COLUMNS
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    dataset.add_new("PixelData", "OB", _picture().tobytes())
    return dataset


def _visible_light(dataset: Dataset) -> Dataset:
    dataset.LossyImageCompression, dataset.AcquisitionContextSequence = "00", []
    region = Dataset()
    region.CodeValue, region.CodingSchemeDesignator, region.CodeMeaning = "14975008", "SCT", "Forearm"
    dataset.AnatomicRegionSequence, dataset.ImageLaterality = [region], "L"
    return dataset


def _picture() -> np.ndarray:
    """Stripes, (rows, columns, 3), so that every colour and place is known."""
    ramp = np.arange(COLUMNS, dtype=np.uint16) * 255 // (COLUMNS - 1)
    picture = np.empty((ROWS, COLUMNS, 3), np.uint8)
    picture[...] = np.stack([ramp, 255 - ramp, np.full_like(ramp, 90)], axis=-1).astype(np.uint8)
    return picture


if __name__ == "__main__":
    main()
