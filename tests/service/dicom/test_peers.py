"""dcmtk as the sender, another implementation of the standard: echoed, stored, sent again, refused; and by TLS."""

import hashlib
import re
import shutil
import subprocess
from io import BytesIO

import pydicom
import pytest

from flexura.security.certificates import fingerprint
from flexura.service.server import Address
from flexura.storage.cases import list_cases, read_case, read_photo
from flexura.storage.store import Actor

DOCTOR = Actor("clinic", "doctor", "clinician")


def _call(program, port, *words, title="CAMERA1", called="FLEXURA"):
    """Run one of dcmtk's programs; gives its exit status and the last status that the service sent."""
    path = shutil.which(program)
    assert path, f"{program} is not installed: apt-get install dcmtk (scripts/setup test does it)"
    command = [path, "-d", "-aet", title, "-aec", called, "127.0.0.1", str(port), *map(str, words)]
    run = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=120, check=False)
    said = run.stdout + run.stderr
    told = re.findall(r"DIMSE Status\s+: 0x(\w{4})", said)
    return run.returncode == 0, int(told[-1], 16) if told else None, said


def _data_set_sha256(content):
    """Of the data set alone: the file header is the receiver's own."""
    return hashlib.sha256(content[_begin(content) :]).hexdigest()


def _begin(content):
    """Preamble, DICM, and the group length's own twelve bytes; then as many as it says."""
    return 144 + int.from_bytes(content[140:144], "little")


def _pixels_sha256(content):
    return hashlib.sha256(pydicom.dcmread(BytesIO(content)).PixelData).hexdigest()


@pytest.fixture
def stored(store, patient):
    """Read the photos of the patient's one case, or of none."""

    def read():
        with store.visit(DOCTOR) as visit:
            cases = list_cases(visit, patient)
            return [read_photo(visit, photo) for case in cases for photo in read_case(visit, case).photos]

    return read


@pytest.fixture
def file(tmp_path, photograph):
    """Write a photograph, with what a test changes, into a file."""

    def write(*pixels, **changes):
        path = tmp_path / f"{len(list(tmp_path.glob('*.dcm')))}.dcm"
        path.write_bytes(photograph(*pixels, **changes))
        return path

    return write


def test_an_echo_is_answered(listening, admit):
    admit()
    with listening() as port:
        done, _, said = _call("echoscu", port)
    assert done
    assert "Received Echo Response (Success)" in said


@pytest.mark.parametrize(
    ("names", "reason"),
    [({"title": "CAMERA2"}, "Calling AE Title Not Recognized"), ({"called": "X"}, "Called AE Title Not Recognized")],
)
def test_a_strange_title_is_rejected(listening, admit, names, reason):
    admit()
    with listening() as port:
        done, _, said = _call("echoscu", port, **names)
    assert (done, reason in said) == (False, True)


@pytest.mark.parametrize(("jpeg", "option"), [(False, "-xe"), (False, "-xi"), (True, "-xy")])
def test_a_photo_comes_back_with_every_pixel(listening, admit, stored, file, *, jpeg, option):
    admit()
    sent = file(jpeg=jpeg)
    with listening() as port:
        assert _call("storescu", port, option, sent)[:2] == (True, 0)
    (kept,) = stored()
    assert _pixels_sha256(kept) == _pixels_sha256(sent.read_bytes())
    if option != "-xi":  # dcmtk writes the data set anew
        assert _data_set_sha256(kept) == _data_set_sha256(sent.read_bytes())


def test_the_same_again_is_one_and_another_under_its_uid_is_refused(listening, admit, stored, file, skin):
    admit()
    first, other = file(), file(skin[::-1])
    with listening() as port:
        told = [_call("storescu", port, path)[:2] for path in (first, first, other)]
    assert told == [(True, 0x0000), (True, 0x0000), (False, 0x0111)]
    assert [_pixels_sha256(kept) for kept in stored()] == [_pixels_sha256(first.read_bytes())]


def test_what_cannot_be_filed_is_told_by_its_code(listening, admit, stored, file, skin):
    admit()
    cases = {
        (0xC100, "not_stored"): file(PatientID="MRN-9"),
        (0xC000, "dicom_unidentified"): file(PatientID=""),
        (0xC000, "photo_too_small"): file(skin[:99, :99]),
        (0xC000, "truncated_image"): file(PixelData=skin.tobytes()[:-600]),
    }
    with listening() as port:
        for (status, code), path in cases.items():
            done, told, said = _call("storescu", port, path)
            assert (done, told, f"[{code}]" in said) == (False, status, True)
    assert stored() == []


def test_by_tls_with_its_certificate_only(listening, admit, certify, stored, file):
    authority, stranger, sent = certify("authority"), certify("stranger"), file()
    own, camera = certify("service", authority), certify("camera", authority)
    admit("CAMERA1", fingerprint(camera.certificate).replace(":", "").lower())
    with listening(Address("127.0.0.1", 0, own.certificate, own.key, client_ca=authority.certificate)) as port:
        trust = ("+cf", authority.certificate)
        for shown in (("+tla", *trust), ("+tls", stranger.key, stranger.certificate, *trust), ()):
            assert not _call("storescu", port, *shown, sent)[0]
        assert stored() == []
        assert _call("storescu", port, "+tls", camera.key, camera.certificate, *trust, sent)[:2] == (True, 0)
    assert [_pixels_sha256(kept) for kept in stored()] == [_pixels_sha256(sent.read_bytes())]
