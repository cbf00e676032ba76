"""A research export from end to end: planted identifiers in photos, attributes and notes, and none of them outside."""

import io
import json
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from flexura.security.passwords import HashCost
from flexura.settings import open_store, read_settings
from flexura.storage import cases
from flexura.storage.patients import Identity, create_patient
from flexura.storage.store import Actor
from flexura.storage.users import add_user

PASSWORD = "seven green ladders"
DOCTOR = Actor("clinic", "doctor", "clinician")
ASSESSED = {"assessment": {"photo": {"sha256": "CANARY"}, "area": {"lesion_fraction_of_skin": 0.2}, "why": ["CANARY"]}}
# Every writable text tag of these would be 500; those that phones write are enough beside test_canaries.
TAGS = [
    "EXIF:Artist",
    "EXIF:Copyright",
    "EXIF:ImageDescription",
    "EXIF:UserComment",
    "EXIF:OwnerName",
    "EXIF:SerialNumber",
    "EXIF:LensSerialNumber",
    "IPTC:By-line",
    "IPTC:City",
    "XMP-dc:Creator",
    "XMP-iptcExt:PersonInImage",
    "XMP-exif:UserComment",
    "Comment",
    "EXIF:Make",
    "EXIF:Model",
]


@pytest.fixture
def store(tmp_path, monkeypatch, run):
    monkeypatch.setenv("FLEXURA_DATA_DIR", str(tmp_path / "clinic"))
    monkeypatch.setenv("FLEXURA_MASTER_KEY_FILE", str(tmp_path / "keys"))
    assert run("admin", "key", "create").exit_code == 0
    made = run("admin", "user", "add", "rita", "--role", "researcher", "--no-codes", "--password", PASSWORD)
    assert made.exit_code == 0, made.output
    opened = open_store(read_settings())
    yield opened
    opened.engine.dispose()


def _marked(photo: bytes, folder: Path) -> bytes:
    path = folder / "marked.jpg"
    path.write_bytes(photo)
    lines = [f"-{tag}=CANARY {tag}" for tag in TAGS]
    lines += ["-GPSLatitude=12.345678", "-GPSLatitudeRef=N", "-GPSLongitude=98.765432", "-GPSLongitudeRef=E"]
    lines += ["-DateTimeOriginal=1984:03:02 12:34:56"]
    subprocess.run(["exiftool", "-q", "-q", "-m", "-overwrite_original", *lines, str(path)], check=True)
    return path.read_bytes()


def _as_dicom(photo: bytes) -> bytes:
    pixels = cv2.cvtColor(cv2.imdecode(np.frombuffer(photo, np.uint8), 1), cv2.COLOR_BGR2RGB)
    dataset = pydicom.Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.77.1.4", "1.2.3.4711"
    dataset.PatientName, dataset.PatientID, dataset.ImageComments = "CANARY^JANE", "CANARY", "CANARY"
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PlanarConfiguration = 3, "RGB", 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    dataset.add_new("PixelData", "OB", pixels.tobytes())
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file = io.BytesIO()
    pydicom.dcmwrite(file, dataset, enforce_file_format=True)
    return file.getvalue()


@pytest.fixture(scope="module")
def arm_photo(skin_photo: bytes) -> bytes:
    """Out of focus, so that tesseract takes no scale for a letter."""
    sharp = cv2.imdecode(np.frombuffer(skin_photo, np.uint8), 1)
    return cv2.imencode(".jpg", cv2.GaussianBlur(sharp, (0, 0), 8))[1].tobytes()


@pytest.fixture
def filled(store, arm_photo, tmp_path):
    """A patient with three cases: an arm with a JPEG and a DICOM photo, a face, and an arm with text in the picture."""
    written = cv2.imdecode(np.frombuffer(arm_photo, np.uint8), 1)
    cv2.rectangle(written, (20, 20), (400, 70), (90, 90, 90), -1)
    cv2.putText(written, "DOE JANE 4711", (30, 58), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (255, 255, 255), 2)
    texted = cv2.imencode(".png", written)[1].tobytes()
    made = {}
    with store.visit(DOCTOR) as visit:
        patient = create_patient(visit, Identity("CANARY-1", "CANARY Jane", "1984-03-02"))
        for name, site in (("arm", "left_forearm"), ("face", "face"), ("text", "right_forearm")):
            told = {"site": site, "birth_date": "1984-03-02", "captured_at": "2026-03-01"}
            made[name] = cases.create_case(visit, patient, told)
        outcome = {"observed_on": "2026-04-01", "diagnosis": "atopic_dermatitis", "note": "CANARY"}
        cases.write_record(visit, "outcome", made["arm"], outcome)
    photos = {
        "jpeg": ("arm", _marked(arm_photo, tmp_path)),
        "dicom": ("arm", _as_dicom(arm_photo)),
        "face photo": ("face", arm_photo),
        "text photo": ("text", texted),
    }
    for name, (case, content) in photos.items():
        with cases.write_photo(store, DOCTOR, made[case], content) as written, store.visit(DOCTOR) as visit:
            made[name] = cases.add_photo(visit, written)
    with store.visit(Actor("clinic", "worker", "worker")) as visit:
        made["assessment"] = cases.write_record(visit, "assessment", made["arm"], ASSESSED, about=made["jpeg"])
    return made | {"patient": patient}


def _export(run, folder, **options):
    wanted = {"study": "atopy-1", "for": "rita", "review": folder.with_suffix(".jsonl")} | options
    return run(
        "admin", "export-research", folder, *(word for name, value in wanted.items() for word in (f"--{name}", value))
    )


def test_nothing_that_was_planted_leaves(filled, run, tmp_path):
    out = tmp_path / "out"
    done = _export(run, out)
    assert done.exit_code == 0, done.output
    files = [path for path in out.rglob("*") if path.is_file()]
    assert sorted(path.suffix for path in files) == [".dcm", ".json", ".jsonl", ".png"]
    identifiers = [b"CANARY", b"1984", b"4711", b"12.3456", *(value.encode() for value in filled.values())]
    for path in files:
        if path.suffix in (".png", ".dcm"):
            told = subprocess.run(
                ["exiftool", "-a", "-u", "-G1", "-ee", str(path)], capture_output=True, check=True
            ).stdout
            told = b"\n".join(
                line for line in told.splitlines() if b"[System]" not in line and b"Directory" not in line
            )
            assert b"CANARY" not in told
            assert b"GPS" not in told
        raw = path.read_bytes()
        assert [sign for sign in identifiers if len(sign) > 5 and sign in raw] == []
    (png,) = (path for path in files if path.suffix == ".png")
    chunks = png.read_bytes()
    assert b"eXIf" not in chunks
    assert b"tEXt" not in chunks


def test_cases_are_told_under_pseudonyms_with_moved_days(filled, run, tmp_path):
    _export(run, tmp_path / "out")
    told = [json.loads(line) for line in (tmp_path / "out" / "cases.jsonl").read_text().splitlines()]
    assert len({case["patient"] for case in told}) == 1
    arm = next(case for case in told if case["photos"])
    assert len(arm["photos"]) == 2
    assert arm["assessments"][0]["document"] == {"area": {"lesion_fraction_of_skin": 0.2}}
    assert arm["assessments"][0]["photo"] in {photo["photo"] for photo in arm["photos"]}
    assert arm["outcomes"][0]["diagnosis"] == "atopic_dermatitis"
    assert not arm["outcomes"][0]["observed_on"].startswith("2026-04-01")
    found = run("admin", "reidentify", "--study", "atopy-1", arm["patient"])
    assert found.stdout.strip() == filled["patient"]
    assert run("admin", "reidentify", "--study", "other", arm["patient"]).exit_code == 2


def test_what_is_doubtful_waits_for_a_person_and_leaves_as_decided(filled, run, tmp_path):
    _export(run, tmp_path / "out")
    asked = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    reasons = {line["photo"]: line["reasons"] for line in asked}
    assert reasons == {filled["face photo"]: ["face_possible"], filled["text photo"]: ["text_found"]}
    for line in asked:
        line |= {"release": True, "by": "Dr. Mira", "mask": line["mask"] or [[0, 0, 100, 50]]}
    decided = tmp_path / "decided.jsonl"
    decided.write_text("".join(json.dumps(line) + "\n" for line in asked))
    assert _export(run, tmp_path / "again", decided=decided).exit_code == 0
    cases_told = [json.loads(line) for line in (tmp_path / "again" / "cases.jsonl").read_text().splitlines()]
    masked = [photo for case in cases_told for photo in case["photos"] if photo["masked"]]
    assert len(masked) == 2
    for photo in masked:
        pixels = cv2.imread(str(tmp_path / "again" / photo["file"]))
        assert (pixels == 0).all(axis=2).sum() > 1000


def test_only_a_researcher_gets_one_and_it_stands_in_the_log(filled, store, run, tmp_path):
    with store.visit(Actor("clinic", "console", "administrator")) as visit:
        add_user(visit, "maria", "clinician", PASSWORD, cost=HashCost(1, 64, 1))
    refused = _export(run, tmp_path / "out", **{"for": "maria"})
    assert (refused.exit_code, "[forbidden]" in refused.stderr) == (2, True)
    assert not (tmp_path / "out").exists()
    assert _export(run, tmp_path / "out").exit_code == 0
    from sqlalchemy import select

    from flexura.storage.database import begin
    from flexura.storage.tables import AUDIT_ENTRIES

    with begin(store.engine) as connection:
        rows = connection.scalars(select(AUDIT_ENTRIES.c.text)).all()
    events = [json.loads(text) for text in rows]
    told = [(event["role"], event["outcome"]) for event in events if event["verb"] == "research.export"]
    assert told == [("clinician", "refused"), ("researcher", "success")]


def test_a_folder_that_is_there_is_left_alone(filled, run, tmp_path):
    (tmp_path / "out").mkdir()
    refused = _export(run, tmp_path / "out")
    assert (refused.exit_code, "[output_unwritable]" in refused.stderr) == (2, True)
    assert list((tmp_path / "out").iterdir()) == []
