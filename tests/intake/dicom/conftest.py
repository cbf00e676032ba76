"""DICOM photographs written here, small and with known pixels, and the files of pydicom's wheel."""

import io
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from flexura.intake.read import IntakeLimits, read_photo
from flexura.records import Photo

VL_PHOTOGRAPHIC, SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.77.1.4", "1.2.840.10008.5.1.4.1.1.7"
WHEEL = Path(pydicom.__file__).parent / "data" / "test_files"


def write_image(picture: np.ndarray, syntax: str = ExplicitVRLittleEndian, **attributes: object) -> Dataset:
    """A Secondary Capture of an array (H, W) or (H, W, 3), with further attributes on top."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    dataset.SOPClassUID, dataset.SOPInstanceUID = UID(SECONDARY_CAPTURE), UID("1.2.3")
    dataset.Rows, dataset.Columns = picture.shape[:2]
    dataset.SamplesPerPixel = 1 if picture.ndim == 2 else 3
    dataset.PhotometricInterpretation = "MONOCHROME2" if picture.ndim == 2 else "RGB"
    if picture.ndim == 3:
        dataset.PlanarConfiguration = 0
    bits = picture.dtype.itemsize * 8
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = bits, bits, bits - 1, 0
    order = ">" if syntax == "1.2.840.10008.1.2.2" else "<"
    dataset.PixelData = picture.astype(picture.dtype.newbyteorder(order)).tobytes()
    dataset["PixelData"].VR = "OW" if bits == 16 else "OB"
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    dataset["PixelData"].is_undefined_length = UID(syntax).is_encapsulated
    return dataset


def as_file(dataset: Dataset) -> bytes:
    file = io.BytesIO()
    if len(dataset.PixelData) % 2:
        dataset.PixelData += b"\0"
    pydicom.dcmwrite(file, dataset, enforce_file_format=True)
    return file.getvalue()


def read_image(content: bytes | Dataset) -> Photo:
    """Read at full size and however small."""
    file = content if isinstance(content, bytes) else as_file(content)
    return read_photo(file, limits=IntakeLimits(min_side_px=1), longest_side=None)


def wheel_dataset(name: str) -> Dataset:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pydicom.dcmread(WHEEL / name)


@pytest.fixture
def write() -> Callable[..., Dataset]:
    return write_image


@pytest.fixture
def to_file() -> Callable[[Dataset], bytes]:
    return as_file


@pytest.fixture
def read() -> Callable[[bytes | Dataset], Photo]:
    return read_image


@pytest.fixture
def wheel() -> Callable[[str], Dataset]:
    return wheel_dataset


@pytest.fixture
def wheel_folder() -> Path:
    return WHEEL


@pytest.fixture
def picture() -> np.ndarray:
    """Noise (12, 20, 3): every mistake of order shows."""
    return np.random.default_rng(3).integers(0, 256, (12, 20, 3), dtype=np.uint8)


@pytest.fixture
def smooth() -> np.ndarray:
    """Ramps (64, 96, 3), which lossy compression keeps within a few levels."""
    y, x = np.mgrid[0:64, 0:96]
    return np.stack([60 + 2 * x, 40 + 3 * y, 250 - 2 * x], axis=-1).astype(np.uint8)


@pytest.fixture
def deflated() -> str:
    return str(DeflatedExplicitVRLittleEndian)
