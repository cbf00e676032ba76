"""The service's own certificate: made once, kept, renewed in time, believed by who compares it."""

import ssl
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from flexura.errors import FileUnreadable, OutputUnwritable
from flexura.security.certificates import fingerprint, keep_certificate, make_certificate

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAMES = ("derma.clinic.example", "192.0.2.7", "::1")


def _said_by_openssl(certificate, *asked):
    command = ["openssl", "x509", "-in", certificate, "-noout", *asked]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_openssl_reads_names_days_and_fingerprint(tmp_path):
    certificate, key = keep_certificate(tmp_path / "tls", NAMES, now=NOW)
    said = _said_by_openssl(certificate, "-text", "-fingerprint", "-sha256")
    for wanted in ("DNS:derma.clinic.example", "IP Address:192.0.2.7", "Not After : Apr  2 11:00:00 2027", "CA:FALSE"):
        assert wanted in said
    assert fingerprint(certificate) in said
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)


def test_the_key_is_its_owners(tmp_path):
    for path in keep_certificate(tmp_path / "tls", NAMES, now=NOW):
        assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "tls").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(("days", "same"), [(0, True), (365, True), (368, False), (500, False)])
def test_it_is_kept_until_its_last_month(tmp_path, days, same):
    certificate, _ = keep_certificate(tmp_path, NAMES, now=NOW)
    before = certificate.read_bytes()
    keep_certificate(tmp_path, NAMES, now=NOW + timedelta(days=days))
    assert (certificate.read_bytes() == before) is same


def test_two_are_never_alike():
    (first, first_key), (second, second_key) = (make_certificate(NAMES, now=NOW) for _ in range(2))
    assert first != second
    assert first_key != second_key


def test_what_is_no_certificate_or_no_folder_is_said(tmp_path):
    certificate, _ = keep_certificate(tmp_path / "tls", NAMES, now=NOW)
    certificate.write_text("junk")
    for ask in (lambda: fingerprint(certificate), lambda: keep_certificate(tmp_path / "tls", NAMES, now=NOW)):
        with pytest.raises(FileUnreadable):
            ask()
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputUnwritable):
        keep_certificate(tmp_path / "file" / "tls", NAMES, now=NOW)
