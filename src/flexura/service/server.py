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
    """Where to listen; with `certificate` and `key` (PEM files) encrypted, by TLS 1.2 or newer."""

    host: str = "127.0.0.1"
    port: int = 8443
    certificate: Path | None = None
    key: Path | None = None


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
        When plain HTTP would leave this machine, or one of certificate and key lacks the other.
    FileUnreadable
        When certificate and key cannot be read or do not belong together.
    """
    if (address.certificate is None) is not (address.key is None):
        raise SettingsError("Give a TLS certificate and its key, or neither.")
    if address.certificate is None and not is_loopback(address.host):
        raise SettingsError("Off loopback patients' data travels encrypted only: give --tls-certificate and --tls-key.")
    config = uvicorn.Config(
        app,
        host=address.host,
        port=address.port,
        ssl_certfile=address.certificate,
        ssl_keyfile=address.key,
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
        message = "The TLS certificate or key cannot be read, or they do not belong together."
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
