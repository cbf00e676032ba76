"""`flexura receive` and `admin device` as whoever runs the machine uses them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from flexura.settings import open_store, read_settings
from flexura.storage.cases import list_cases
from flexura.storage.patients import Identity, create_patient
from flexura.storage.store import Actor

DOCTOR = Actor("clinic", "doctor", "clinician")


@pytest.fixture
def clinic(run, tmp_path, monkeypatch):
    """A clinic with a patient, MRN-1; gives the patient's id."""
    monkeypatch.setenv("FLEXURA_MASTER_KEY_FILE", str(tmp_path / "keys"))
    monkeypatch.setenv("FLEXURA_DATA_DIR", str(tmp_path / "clinic"))
    monkeypatch.delenv("FLEXURA_DATABASE", raising=False)
    assert run("admin", "key", "create").exit_code == 0
    who = ("root", "--role", "administrator", "--password", "seven green ladders", "--no-codes")
    added = run("admin", "user", "add", *who)
    assert added.exit_code == 0, added.output
    store = open_store(read_settings())
    with store.visit(DOCTOR) as visit:
        patient = create_patient(visit, Identity("MRN-1", "Jane Doe"))
    store.engine.dispose()
    return patient


def _refused(result, status, code):
    return (result.exit_code, f"[{code}]" in result.stderr, "Listening" in result.stderr) == (status, True, False)


@pytest.mark.usefixtures("clinic")
def test_it_does_not_start_unencrypted_off_loopback_or_with_half_of_its_certificates(run, tmp_path):
    assert _refused(run("receive", "--host", "0.0.0.0"), 2, "settings_invalid")
    assert _refused(run("receive", "--tls-own"), 2, "settings_invalid")
    assert _refused(run("receive", "--title", "A TITLE THAT IS TOO LONG"), 2, "settings_invalid")


@pytest.mark.usefixtures("clinic")
def test_a_certificate_that_is_none_and_a_title_that_is_none_are_refused(run, tmp_path):
    (tmp_path / "junk.pem").write_text("no certificate")
    for path in (tmp_path / "junk.pem", tmp_path / "missing.pem"):
        assert _refused(run("admin", "device", "add", "CAMERA1", "--certificate", path), 2, "file_unreadable")
    assert _refused(run("admin", "device", "add", " "), 2, "store_conflict")


def _photograph(path, skin_photo):
    skin = np.asarray(Image.open(BytesIO(skin_photo)).convert("RGB"))
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.77.1.4", "1.2.840.99.1.1"
    dataset.StudyInstanceUID, dataset.PatientID = "1.2.840.99.1", "MRN-1"
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = *skin.shape[:2], 3
    dataset.PhotometricInterpretation, dataset.PlanarConfiguration, dataset.PixelRepresentation = "RGB", 0, 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelData = 8, 8, 7, skin.tobytes()
    dataset["PixelData"].VR = "OB"
    dcmwrite(path, dataset, enforce_file_format=True)
    return path


@pytest.mark.slow
def test_a_camera_with_its_certificate_sends_a_photo_to_the_running_service(run, clinic, tmp_path, skin_photo):
    certificate, key = tmp_path / "camera.pem", tmp_path / "camera.key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=camera"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    added = run("admin", "device", "add", "CAMERA1", "--certificate", certificate)
    assert "CAMERA1 may send photos with the certificate SHA-256 " in added.output
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = str(listener.getsockname()[1])
    start = [
        sys.executable,
        "-c",
        "from flexura.cli import main; main()",
        "receive",
        "--host",
        "0.0.0.0",
        "--port",
        port,
    ]
    start += ["--host", "0.0.0.0", "--tls-own", "--tls-client-ca", certificate, "--readers", "1"]
    with subprocess.Popen(start, env=os.environ, stderr=subprocess.PIPE, text=True) as process:
        said = [process.stderr.readline() for _ in range(2)]
        shown = ["+tls", key, certificate, "+cf", tmp_path / "clinic/tls/certificate.pem"]
        send = [shutil.which("storescu"), "-aet", "CAMERA1", "-aec", "FLEXURA", *shown, "127.0.0.1", port]
        sent = subprocess.run([*send, _photograph(tmp_path / "photo.dcm", skin_photo)], check=False, timeout=120)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert said[0].startswith("Own certificate ")
    assert said[1] == f"Listening for DICOM on 0.0.0.0:{port} as FLEXURA (TLS with certificates on both sides)\n"
    assert sent.returncode == 0
    store = open_store(read_settings())
    with store.visit(DOCTOR) as visit:
        assert len(list_cases(visit, clinic)) == 1
    store.engine.dispose()
