"""Where the service listens: encrypted, or on this machine only."""

import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvicorn
from fastapi import FastAPI

from flexura.errors import FileUnreadable, SettingsError

_PATIENCE_S: Final = 30  # for requests that run when the service is told to stop


@dataclass(frozen=True)
class Address:
    """Where to listen; with `certificate` and `key` (PEM files) encrypted, by TLS 1.2 or newer.

    With `client_ca` (PEM) only who shows a certificate that it signed gets through (mutual TLS), before any request.
    """

    host: str = "127.0.0.1"
    port: int = 8443
    certificate: Path | None = None
    key: Path | None = None
    client_ca: Path | None = None


def make_server(app: FastAPI, address: Address) -> uvicorn.Server:
    """Make the server of an application.

    Parameters
    ----------
    app : FastAPI
        From `make_app`.
    address : Address
        Where to listen.

    Returns
    -------
    uvicorn.Server
        `run()` serves until a signal ends it; it finishes the requests that run.

    Raises
    ------
    SettingsError
        When plain HTTP would leave this machine, or one of certificate and key lacks the other, or both are
        missing where clients are to show theirs.
    FileUnreadable
        When certificate and key cannot be read or do not belong together.
    """
    if (address.certificate is None) is not (address.key is None):
        raise SettingsError("Give a TLS certificate and its key, or neither.")
    if address.certificate is None and not is_loopback(address.host):
        message = (
            "Off loopback patients' data travels encrypted only: give --tls-certificate and --tls-key, or --tls-own."
        )
        raise SettingsError(message)
    if address.client_ca is not None and address.certificate is None:
        raise SettingsError("Clients can show a certificate by TLS only: give the service one too.")
    config = uvicorn.Config(
        app,
        host=address.host,
        port=address.port,
        ssl_certfile=address.certificate,
        ssl_keyfile=address.key,
        ssl_ca_certs=None if address.client_ca is None else str(address.client_ca),
        ssl_cert_reqs=ssl.CERT_NONE if address.client_ca is None else ssl.CERT_REQUIRED,
        access_log=False,  # who did what is in the audit log
        proxy_headers=False,  # what a client says of its own address does not count
        server_header=False,
        log_level="warning",
        lifespan="off",
        timeout_graceful_shutdown=_PATIENCE_S,
    )
    try:
        config.load()
    except OSError as error:  # ssl.SSLError is one
        message = "The TLS certificates or the key cannot be read, or they do not belong together."
        raise FileUnreadable(message) from error
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
    return uvicorn.Server(config)


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine alone; a name other than localhost never is.

    Parameters
    ----------
    host : str
        An address or a name.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_loopback("::1"), is_loopback("0.0.0.0")
    (True, False)
    """
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
