"""Valid DICOM files that the conformance check is measured on, written with pydicom and by highdicom."""

import io
import warnings
from collections.abc import Callable, Mapping

import highdicom
import numpy as np
import pydicom
from PIL import ImageCms
from pydicom import config
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEGBaseline8Bit, RLELossless

ROWS, COLUMNS = 240, 320
_ROOT = "1.2.826.0.1.3680043.10.1337"


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


def photograph_with_context() -> Dataset:
    """Write a VL photograph with acquisition context, colour profile, references and the equipment it passed."""
    dataset = vl_photograph()
    distance, lens = Dataset(), Dataset()
    distance.ValueType, distance.ConceptNameCodeSequence = "NUMERIC", [_code("246132006", "SCT", "Distance")]
    distance.NumericValue, distance.MeasurementUnitsCodeSequence = "300", [_code("mm", "UCUM", "mm")]
    lens.ValueType, lens.ConceptNameCodeSequence = "CODE", [_code("112171", "DCM", "Fiducial mark")]
    lens.ConceptCodeSequence = [_code("112171", "DCM", "Fiducial mark")]
    dataset.AcquisitionContextSequence = [distance, lens]
    dataset.ICCProfile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    dataset.PixelSpacing = ["0.1", "0.1"]
    equipment, series, other = Dataset(), Dataset(), Dataset()
    equipment.Manufacturer = "Maker"
    equipment.PurposeOfReferenceCodeSequence = [_code("109103", "DCM", "Modifying Equipment")]
    dataset.ContributingEquipmentSequence = [equipment]
    other.ReferencedSOPClassUID, other.ReferencedSOPInstanceUID = dataset.SOPClassUID, f"{_ROOT}.9"
    series.SeriesInstanceUID, series.ReferencedInstanceSequence = dataset.SeriesInstanceUID, [other]
    before = Dataset()
    before.ReferencedSOPClassUID, before.ReferencedSOPInstanceUID = dataset.SOPClassUID, f"{_ROOT}.9"
    before.PurposeOfReferenceCodeSequence = [_code("121322", "DCM", "Source of Image Processing Operation")]
    dataset.ReferencedSeriesSequence, dataset.ReferencedImageSequence = [series], [before]
    return dataset


def photograph_of_the_back() -> Dataset:
    """Write a VL photograph of a region that has no side, and states none."""
    dataset = vl_photograph()
    dataset.AnatomicRegionSequence = [_code("66643007", "SCT", "Skin of back")]
    del dataset.ImageLaterality
    return dataset


def video_photograph() -> Dataset:
    """Write a valid Video Photographic Image of two frames."""
    dataset = _visible_light(_image("1.2.840.10008.5.1.4.1.1.77.1.4.1", "XC"))
    dataset.NumberOfFrames, dataset.FrameIncrementPointer, dataset.FrameTime = 2, 0x00181063, "40"
    dataset.PixelData *= 2
    return dataset


def grey_capture() -> Dataset:
    """Write a grey Secondary Capture Image with a window."""
    dataset = secondary_capture()
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    del dataset.PlanarConfiguration
    dataset.PixelData = _picture()[..., 0].tobytes()
    dataset.WindowCenter, dataset.WindowWidth = "128", "256"
    return dataset


def tabled_capture() -> Dataset:
    """Write a grey Secondary Capture Image with a modality table and a VOI table of 256 entries each."""
    dataset = grey_capture()
    del dataset.WindowCenter, dataset.WindowWidth
    entries = np.arange(256, dtype="<u2").tobytes()
    for keyword in ("ModalityLUTSequence", "VOILUTSequence"):
        item = Dataset()
        item.add_new("LUTDescriptor", "US", [256, 0, 8])
        item.add_new("LUTData", "OW", entries)
        setattr(dataset, keyword, [item])
    dataset.ModalityLUTSequence[0].ModalityLUTType = "US"
    return dataset


def palette_capture() -> Dataset:
    """Write a Secondary Capture Image of palette colours."""
    dataset = grey_capture()
    del dataset.WindowCenter, dataset.WindowWidth
    dataset.PhotometricInterpretation = "PALETTE COLOR"
    for band in ("Red", "Green", "Blue"):
        dataset.add_new(f"{band}PaletteColorLookupTableDescriptor", "US", [256, 0, 16])
        dataset.add_new(f"{band}PaletteColorLookupTableData", "OW", (np.arange(256, dtype="<u2") * 257).tobytes())
    return dataset


def highdicom_capture(
    picture: np.ndarray | None = None, colours: str = "RGB", syntax: str = ExplicitVRLittleEndian
) -> Dataset:
    """Let highdicom write a Secondary Capture Image."""
    capture = highdicom.sc.SCImage(
        pixel_array=_picture() if picture is None else picture,
        photometric_interpretation=colours,
        transfer_syntax_uid=syntax,
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
    capture["PixelData"].VR = "OB"  # stated, for it could not be told once Bits Allocated is taken away
    return capture


VALID: Mapping[str, Callable[[], Dataset]] = {
    "VL photograph": vl_photograph,
    "dermoscopic photograph": dermoscopic_photograph,
    "secondary capture": secondary_capture,
    "multi-frame capture": multi_frame_capture,
    "photograph with context": photograph_with_context,
    "photograph of the back": photograph_of_the_back,
    "video photograph": video_photograph,
    "grey capture": grey_capture,
    "tabled capture": tabled_capture,
    "palette capture": palette_capture,
    "capture by highdicom": highdicom_capture,
    "grey capture by highdicom": lambda: highdicom_capture(_picture()[..., 0], "MONOCHROME2"),
    "JPEG capture by highdicom": lambda: highdicom_capture(colours="YBR_FULL_422", syntax=JPEGBaseline8Bit),
    "run-length capture by highdicom": lambda: highdicom_capture(syntax=RLELossless),
}


def as_file(dataset: Dataset) -> bytes:
    """Write a data set as a DICOM file, faults and all."""
    file = io.BytesIO()
    with config.disable_value_validation(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pydicom.dcmwrite(file, dataset, enforce_file_format=True)
    return file.getvalue()


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
    dataset.AnatomicRegionSequence, dataset.ImageLaterality = [_code("14975008", "SCT", "Forearm")], "L"
    return dataset


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code


def _picture() -> np.ndarray:
    """Stripes, (rows, columns, 3), so that every colour and place is known."""
    ramp = np.arange(COLUMNS, dtype=np.uint16) * 255 // (COLUMNS - 1)
    picture = np.empty((ROWS, COLUMNS, 3), np.uint8)
    picture[...] = np.stack([ramp, 255 - ramp, np.full_like(ramp, 90)], axis=-1).astype(np.uint8)
    return picture
