"""Certificates that the service makes for itself, where a clinic has none: signed by their own key, and by nobody else.

Who connects cannot know from them whom they reach, until they compare the fingerprint or take the certificate as known.
"""

import ipaddress
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from flexura.errors import FileUnreadable, OutputUnwritable

_LASTS: Final = timedelta(days=397)  # longer ones are refused by browsers
_RENEWED_BEFORE: Final = timedelta(days=30)
_BACKDATED: Final = timedelta(hours=1)  # for clients whose clock is late


def keep_certificate(folder: Path, names: Sequence[str], *, now: datetime) -> tuple[Path, Path]:
    """Give the certificate and key of a folder; made where there are none, and anew in their last 30 days.

    Parameters
    ----------
    folder : Path
        For `certificate.pem` and `key.pem`, which its owner alone can read.
    names : Sequence[str]
        Host names and addresses that the service is reached by, at least one.
    now : datetime
        With its zone.

    Returns
    -------
    tuple[Path, Path]
        Certificate and private key.

    Raises
    ------
    FileUnreadable
        When what is there is no certificate.
    OutputUnwritable
        When the folder cannot be written.
    """
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    if certificate.exists() and key.exists() and _read(certificate).not_valid_after_utc - now > _RENEWED_BEFORE:
        return certificate, key
    made, secret = make_certificate(names, now=now)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(key, secret)
        _write(certificate, made)
    except OSError as error:
        raise OutputUnwritable("The service's own certificate cannot be written into the data folder.") from error
    return certificate, key


def make_certificate(names: Sequence[str], *, now: datetime) -> tuple[bytes, bytes]:
    """Make a certificate of 397 days and its key, on the curve P-256.

    Parameters
    ----------
    names : Sequence[str]
        Host names and addresses, at least one.
    now : datetime
        With its zone.

    Returns
    -------
    tuple[bytes, bytes]
        Certificate and private key, PEM.

    References
    ----------
    RFC 5280, Internet X.509 Public Key Infrastructure, 4.2.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "flexura")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now - _BACKDATED + _LASTS)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM), secret


def fingerprint(certificate: Path) -> str:
    """Give the SHA-256 of a certificate, as browsers show it.

    Parameters
    ----------
    certificate : Path
        PEM.

    Returns
    -------
    str
        32 pairs of hexadecimal digits with colons.

    Raises
    ------
    FileUnreadable
        When it is no certificate.
    """
    return _read(certificate).fingerprint(hashes.SHA256()).hex(":").upper()


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _read(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        message = "The certificate cannot be read as PEM. The service makes its own anew once it is removed."
        raise FileUnreadable(message) from error


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
