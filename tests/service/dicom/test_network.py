"""Who may associate, over TLS and without; what is bounded; and what a sender is told when something is away."""

import errno
import gc
import logging
import socket
import ssl
import subprocess
import time
import warnings
from contextlib import contextmanager
from io import BytesIO

import pydicom
import pytest
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE
from pynetdicom.sop_class import CTImageStorage, Verification, VLPhotographicImageStorage
from sqlalchemy import func, select

from flexura.errors import FileUnreadable, SettingsError
from flexura.security.certificates import fingerprint
from flexura.service.dicom.network import Place, listen
from flexura.service.server import Address
from flexura.storage import objects
from flexura.storage.database import begin
from flexura.storage.people import lock_out
from flexura.storage.store import Actor
from flexura.storage.tables import PHOTOS

ADMIN = Actor("clinic", "console", "administrator")


@pytest.fixture(autouse=True)
def _collected():
    """Leave no later test what pynetdicom leaves to the collector: sockets of callers who were turned away."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def _photos(store):
    with begin(store.engine) as connection:
        return connection.scalar(select(func.count()).select_from(PHOTOS))


@contextmanager
def _calling(port, title="CAMERA1", called="FLEXURA", shown=None, trusts=None, offers=VLPhotographicImageStorage):
    """An association as a camera asks for it; with `trusts`, by TLS, showing a certificate or none."""
    entity = AE(ae_title=title)
    entity.add_requested_context(offers, ExplicitVRLittleEndian)
    entity.add_requested_context(Verification)
    tls = None
    if trusts is not None:
        tls = (ssl.create_default_context(cafile=trusts.certificate), "127.0.0.1")
        if shown is not None:
            tls[0].load_cert_chain(shown.certificate, shown.key)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # pynetdicom does not close the socket of who is turned away
        association = entity.associate("127.0.0.1", port, ae_title=called, tls_args=tls)
        yield association
        if association.is_established:
            association.release()


def _send(association, content):
    answer = association.send_c_store(pydicom.dcmread(BytesIO(content)))
    return (answer.Status, answer.get("ErrorComment")) if "Status" in answer else None


@pytest.fixture
def authority(certify):
    return certify("authority")


@pytest.fixture
def secured(certify, authority):
    """The service's address by TLS, which trusts who the authority signed."""
    own = certify("service", authority)
    return Address("127.0.0.1", 0, own.certificate, own.key, client_ca=authority.certificate)


@pytest.fixture
def camera(certify, authority, admit):
    """The certificate of a device that was admitted with it."""
    made = certify("camera", authority)
    admit("CAMERA1", fingerprint(made.certificate).replace(":", "").lower())
    return made


@pytest.mark.usefixtures("patient")
def test_a_device_that_shows_its_certificate_hands_in(listening, secured, camera, authority, store, photograph):
    with listening(secured) as port, _calling(port, shown=camera, trusts=authority) as association:
        assert association.send_c_echo().Status == 0
        assert _send(association, photograph()) == (0, None)
    assert _photos(store) == 1


def test_no_certificate_a_strangers_and_a_colleagues_open_nothing(listening, secured, certify, authority, camera):
    colleague, stranger = certify("other-camera", authority), certify("stranger")
    with listening(secured) as port:
        for shown, title in ((None, "CAMERA1"), (stranger, "CAMERA1"), (colleague, "CAMERA1"), (camera, "CAMERA2")):
            with _calling(port, title, shown=shown, trusts=authority) as association:
                assert not association.is_established
        with _calling(port) as association:  # no TLS at all
            assert not association.is_established
        with _calling(port, shown=camera, trusts=authority) as association:
            assert association.is_established


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1", "-tls1_2", "-tls1_3"])
def test_old_versions_of_tls_are_refused(listening, secured, camera, version):
    with listening(secured) as port:
        # At its lowest security level openssl itself would speak the old versions.
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", version, "-cipher", "ALL:@SECLEVEL=0"]
        command += ["-cert", str(camera.certificate), "-key", str(camera.key)]
        spoken = subprocess.run(command, input=b"", capture_output=True, check=False, timeout=60)
    assert (spoken.returncode == 0) is (version in {"-tls1_2", "-tls1_3"})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "clinic.example", ""])
def test_plain_dicom_never_leaves_this_machine(desk, host):
    with pytest.raises(SettingsError, match="encrypted only"), listen(desk, Place(Address(host, 0))):
        pass


def test_certificate_key_and_authority_are_given_together_and_belong_together(desk, secured, certify, tmp_path):
    for alone in (Address(certificate=secured.certificate, key=secured.key), Address(client_ca=secured.client_ca)):
        with pytest.raises(SettingsError, match="or none"), listen(desk, Place(alone)):
            pass
    (tmp_path / "junk.pem").write_text("no key")
    for junk in ({"key": tmp_path / "junk.pem"}, {"client_ca": tmp_path / "missing.pem"}):
        with pytest.raises(FileUnreadable), listen(desk, Place(Address(**vars(secured) | junk))):
            pass


def test_an_address_that_is_taken_and_a_title_that_is_none_are_said(desk):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = Place(Address("127.0.0.1", taken.getsockname()[1]))
        with pytest.raises(SettingsError, match="listened"), listen(desk, place):
            pass
    with pytest.raises(SettingsError, match="title"), listen(desk, Place(Address("127.0.0.1", 0), "A" * 17)):
        pass


@pytest.mark.usefixtures("camera")
def test_who_was_admitted_with_a_certificate_is_nobody_without(listening):
    with listening() as port, _calling(port) as association:
        assert (association.is_established, association.is_rejected) == (False, True)


@pytest.mark.parametrize("names", [{"title": "CAMERA2"}, {"called": "ORTHANC"}])
def test_a_title_that_nobody_admitted_and_one_that_is_not_ours_are_rejected(listening, admit, names):
    admit("CAMERA1")
    with listening() as port, _calling(port, **names) as association:
        assert (association.is_established, association.is_rejected) == (False, True)


def test_who_is_locked_out_hands_nothing_in_from_that_moment(listening, admit, store, patient, photograph):
    camera = admit("CAMERA1")
    with listening() as port:
        with _calling(port) as association:
            with store.visit(ADMIN) as visit:
                lock_out(visit, camera.user)
            assert _send(association, photograph()) == (0x0124, "not_authenticated")
            assert association.send_c_echo().Status == 0x0124
        with _calling(port) as association:
            assert association.is_rejected
    assert _photos(store) == 0


def test_what_is_no_photograph_is_not_even_negotiated(listening, admit):
    admit("CAMERA1")
    with listening() as port, _calling(port, offers=CTImageStorage) as association:
        assert [context.abstract_syntax for context in association.accepted_contexts] == [Verification]


@pytest.mark.usefixtures("patient")
def test_a_full_disk_is_told_as_such_and_the_next_photo_is_stored(listening, admit, store, photograph, monkeypatch):
    admit("CAMERA1")
    real = objects.os.fsync

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    with listening() as port, _calling(port) as association:
        monkeypatch.setattr(objects.os, "fsync", full)
        assert _send(association, photograph()) == (0xA700, "storage_full")
        assert (_photos(store), list(store.folder.glob("??/*"))) == (0, [])
        monkeypatch.setattr(objects.os, "fsync", real)
        assert _send(association, photograph()) == (0, None)
    assert _photos(store) == 1


@pytest.mark.usefixtures("patient")
def test_without_its_database_nothing_is_taken_and_afterwards_it_is(listening, admit, store, photograph, tmp_path):
    admit("CAMERA1")
    database, away = tmp_path / "clinic.db", tmp_path / "away"
    with listening() as port, _calling(port) as association:
        store.engine.dispose()
        for file in tmp_path.glob("clinic.db*"):
            file.rename(f"{away}{file.name}")
        database.mkdir()
        assert _send(association, photograph()) == (0xA700, "database_unavailable")
        with _calling(port) as second:
            assert (second.is_established, second.is_rejected) == (False, True)
        database.rmdir()
        for file in tmp_path.glob("away*"):
            file.rename(tmp_path / file.name.removeprefix("away"))
        assert _send(association, photograph()) == (0, None)
    assert _photos(store) == 1


def test_a_connection_that_says_nothing_holds_nobody_up(listening, secured, camera, authority):
    with listening(secured) as port, socket.create_connection(("127.0.0.1", port)):
        time.sleep(0.2)  # it has been taken, and its handshake does not come
        with _calling(port, shown=camera, trusts=authority) as association:
            assert association.is_established


def test_more_bytes_than_a_photo_has_end_the_association_and_no_other(listening, admit, store, patient, photograph):
    admit("CAMERA1")
    with listening() as port:
        with _calling(port) as association:
            assert _send(association, photograph(Manufacturer="x", PixelData=bytes(8_000_000))) is None
        with _calling(port) as association:
            for number in range(9):  # 5.3 MB in all: what was answered does not count
                uid = f"1.2.840.99.1.{number + 1}"
                assert _send(association, photograph(SOPInstanceUID=uid))[0] == 0
    assert _photos(store) == 9


def test_an_announced_length_without_bytes_is_waited_for_by_nobody_else(listening, admit):
    admit("CAMERA1")
    with listening() as port, socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall(b"\x01\x00\xff\xff\xff\xff")
        with _calling(port) as association:
            assert association.send_c_echo().Status == 0


def test_logs_hold_nothing_of_the_patient(listening, admit, patient, photograph, caplog, capfd):
    admit("CAMERA1")
    with caplog.at_level(logging.DEBUG, "flexura"), listening() as port, _calling(port) as association:
        assert _send(association, photograph(PatientID="MRN-9", PatientName="Quintessa^Q")) == (0xC100, "not_stored")
    said = caplog.text + "".join(capfd.readouterr())
    assert "not_stored" in said
    assert not [name for name in ("MRN-9", "Quintessa", "1.2.840.99.1.1") if name in said]
