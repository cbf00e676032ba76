"""A desk where photos are handed in, DICOM photographs of rendered skin, and certificates for devices."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit

from flexura.intake.isolated import IsolatedReader
from flexura.intake.read import IntakeLimits
from flexura.security.passwords import HashCost
from flexura.service.clinic import share_readers
from flexura.service.dicom.filing import Desk
from flexura.service.dicom.network import Place, listen
from flexura.service.server import Address
from flexura.storage.devices import admit_device, recognise_device
from flexura.storage.patients import Identity, create_patient
from flexura.storage.store import Actor, Store

CHEAP = HashCost(passes=1, memory_kib=64, lanes=1)
ADMIN = Actor("clinic", "console", "administrator")
DOCTOR = Actor("clinic", "doctor", "clinician")
VL_PHOTOGRAPHIC = "1.2.840.10008.5.1.4.1.1.77.1.4"
NUMBER, STUDY, INSTANCE = "MRN-4711", "1.2.840.99.1", "1.2.840.99.1.1"


@pytest.fixture(scope="session")
def reader() -> Iterator[IsolatedReader]:
    with IsolatedReader(IntakeLimits(max_bytes=4_000_000)) as made:
        yield made


@pytest.fixture
def desk(store: Store, reader: IsolatedReader) -> Desk:
    return Desk(store, share_readers([reader], wait_s=60), photo_bytes=4_000_000)


@pytest.fixture
def admit(store: Store) -> Callable[..., Actor]:
    """Admit a device; gives it as it acts."""

    def run(title: str = "CAMERA1", certificate: str | None = None) -> Actor:
        with store.visit(ADMIN) as visit:
            admit_device(visit, title, certificate, cost=CHEAP)
        return recognise_device(store, title, certificate, address="192.0.2.9")

    return run


@pytest.fixture
def patient(store: Store) -> str:
    """Admitted by a doctor, not by the device."""
    with store.visit(DOCTOR) as visit:
        return create_patient(visit, Identity(NUMBER, "Jane Doe"))


@pytest.fixture
def skin(skin_photo: bytes) -> np.ndarray:
    """The rendered forearm as pixels (384, 512, 3)."""
    return np.asarray(Image.open(BytesIO(skin_photo)).convert("RGB"))


@pytest.fixture
def photograph(skin: np.ndarray, skin_photo: bytes) -> Callable[..., bytes]:
    """A VL Photographic Image of the rendered forearm, uncompressed or (`jpeg`) as it was encoded; its file."""

    def make(pixels: np.ndarray | None = None, *, jpeg: bool = False, **attributes: object) -> bytes:
        shown = skin if pixels is None else pixels
        dataset = Dataset()
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit if jpeg else ExplicitVRLittleEndian
        dataset.SOPClassUID, dataset.SOPInstanceUID, dataset.StudyInstanceUID = VL_PHOTOGRAPHIC, INSTANCE, STUDY
        dataset.PatientID, dataset.PatientName, dataset.Modality = NUMBER, "Doe^Jane", "XC"
        dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = *shown.shape[:2], 3
        dataset.PhotometricInterpretation = "YBR_FULL_422" if jpeg else "RGB"
        dataset.PlanarConfiguration, dataset.PixelRepresentation = 0, 0
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
        dataset.PixelData = encapsulate([skin_photo]) if jpeg else np.ascontiguousarray(shown).tobytes()
        dataset["PixelData"].VR = "OB"
        for keyword, value in attributes.items():
            setattr(dataset, keyword, value)
        file = BytesIO()
        dcmwrite(file, dataset, enforce_file_format=True)
        return file.getvalue()

    return make


@dataclass(frozen=True)
class Pair:
    """A certificate and its key."""

    certificate: Path
    key: Path


@pytest.fixture(scope="session")
def certify(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Pair]:
    """Make a certificate for 127.0.0.1: its own authority, or signed by another."""
    folder = tmp_path_factory.mktemp("certificates")

    def make(name: str, authority: Pair | None = None) -> Pair:
        made = Pair(folder / f"{name}.pem", folder / f"{name}.key")
        if made.certificate.exists():
            return made
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        command += ["-days", "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1"]
        if authority is not None:
            command += ["-CA", str(authority.certificate), "-CAkey", str(authority.key)]
            command += ["-addext", "basicConstraints=critical,CA:FALSE"]
        made_at = ["-keyout", str(made.key), "-out", str(made.certificate)]
        subprocess.run([*command, *made_at], check=True, capture_output=True)
        return made

    return make


@pytest.fixture
def listening(desk: Desk) -> Callable[..., object]:
    """Listen for the length of a block; gives the port."""

    @contextmanager
    def run(address: Address | None = None) -> Iterator[int]:
        with listen(desk, Place(address or Address("127.0.0.1", 0))) as port:
            yield port

    return run
