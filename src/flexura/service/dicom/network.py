"""The network side: who may associate, what is taken, and how a photo that was handed in is answered.

pynetdicom speaks DICOM's upper layer. What it leaves open is closed here: handshakes that never end, messages without
limit, connections without number. Its own log, and pydicom's, may quote what peers send, and stay silent.
"""

import hashlib
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from socketserver import BaseServer
from typing import Any, Final

from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.events import Event
from pynetdicom.transport import ThreadedAssociationServer

from flexura.errors import FileUnreadable, FlexuraError, NotAuthenticated, SettingsError
from flexura.intake.dicom.layout import PHOTO_CLASSES
from flexura.intake.dicom.syntaxes import TRANSFER_SYNTAXES
from flexura.service.dicom.filing import Desk, HandedIn, file_photo
from flexura.service.dicom.statuses import SUCCESS, answer_error
from flexura.service.server import Address, is_loopback
from flexura.storage.devices import recognise_device
from flexura.storage.store import Actor

_MOST_ASSOCIATIONS: Final = 20
_MOST_CONNECTIONS: Final = 2 * _MOST_ASSOCIATIONS  # with those that have not said yet who they are
_SILENCE_S: Final = 60.0  # between two messages, and between two bytes of one
_ARRIVAL_S: Final = 30.0  # from the connection to the request for an association
_BESIDE_BYTES: Final = 1024 * 1024  # of a message, beside the photo's file
_PDU_BYTES: Final = 128 * 1024
_PERMANENT, _TRANSIENT, _BY_USER, _BY_PROVIDER = 1, 2, 1, 3
_TITLE_UNKNOWN, _CONGESTED = 3, 1  # PS3.8, table 9-21

_VERIFICATION: Final = "1.2.840.10008.1.1"

_log = logging.getLogger("flexura.service")


@dataclass(frozen=True)
class Place:
    """Where photos are handed in: address and the application entity title that devices call."""

    address: Address
    title: str = "FLEXURA"


class _Bounded:
    """A connection that ends when a peer sends more than one photo can have without waiting for its answer."""

    most: int
    taken: int = 0

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Receive, and count."""
        content: bytes = super().recv(buflen, flags)  # type: ignore[misc]  # of the socket that this is
        self.taken += len(content)
        if self.taken > self.most:
            raise OSError("more bytes than one photo has")
        return content

    def shutdown(self, how: int) -> None:
        """Say that nothing follows; where the peer has gone already, pynetdicom would never close the socket."""
        with suppress(OSError):
            super().shutdown(how)  # type: ignore[misc]


class _PlainSocket(_Bounded, socket.socket):
    """On this machine."""


class _TlsSocket(_Bounded, ssl.SSLSocket):
    """With who has shown a certificate."""


class _Server(ThreadedAssociationServer):
    """Takes connections; handshakes are waited for in the connection's own thread."""

    most_bytes: int

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        """Take a connection."""
        assert self.socket is not None
        taken, address = self.socket.accept()
        taken.settimeout(_SILENCE_S)
        bounded: _PlainSocket | _TlsSocket
        if self.ssl_context is None:
            bounded = _PlainSocket(fileno=taken.detach())
            bounded.settimeout(_SILENCE_S)
        else:
            # The handshake is part of the first reading (SSL_read does it).
            wrapped = self.ssl_context.wrap_socket(taken, server_side=True, do_handshake_on_connect=False)
            assert isinstance(wrapped, _TlsSocket)
            bounded = wrapped
        bounded.most = self.most_bytes
        return bounded, address

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Whether there is room for one more."""
        del request, client_address
        return len(self.active_associations) < _MOST_CONNECTIONS

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say that a connection failed, and not what it sent."""
        del request, client_address
        _log.warning("A DICOM connection failed.")


@contextmanager
def listen(desk: Desk, place: Place) -> Iterator[int]:
    """Take photos in threads of this process, until the block ends.

    Parameters
    ----------
    desk : Desk
        Where they are handed in.
    place : Place
        Where to listen; port 0 takes any that is free.

    Yields
    ------
    int
        The port.

    Raises
    ------
    SettingsError
        When unencrypted DICOM would leave this machine, or certificate, key and devices' authority are not all given,
        or the address is not to be had, or the title is unfit.
    FileUnreadable
        When certificate and key cannot be read or do not belong together.
    """
    tls, entity = _secure(place.address), _make_entity(place.title)
    logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)
    handlers = ((evt.EVT_REQUESTED, _admit), (evt.EVT_C_ECHO, _echo), (evt.EVT_C_STORE, _take))
    bound: list[Any] = [(event, handler, [desk]) for event, handler in handlers]
    where = (place.address.host, place.address.port)
    try:
        server = _Server(entity, where, place.title, entity.supported_contexts, ssl_context=tls, evt_handlers=bound)
    except OSError as error:
        raise SettingsError("This address and port cannot be listened on; another program may have it.") from error
    server.most_bytes = desk.photo_bytes + _BESIDE_BYTES
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        BaseServer.shutdown(server)
        server.server_close()
        for association in server.active_associations:
            association.abort()  # what was not answered yet is sent again


def _make_entity(title: str) -> AE:
    try:
        entity = AE(ae_title=title)
    except ValueError as error:
        raise SettingsError("A title has 1 to 16 characters of ASCII without backslash.") from error
    entity.require_called_aet = True
    entity.maximum_associations = _MOST_ASSOCIATIONS
    entity.maximum_pdu_size = _PDU_BYTES
    entity.network_timeout = entity.dimse_timeout = _SILENCE_S
    entity.acse_timeout = _ARRIVAL_S
    for uid in PHOTO_CLASSES:
        entity.add_supported_context(uid, list(TRANSFER_SYNTAXES))
    entity.add_supported_context(_VERIFICATION)
    return entity


def _secure(address: Address) -> ssl.SSLContext | None:
    given = (address.certificate, address.key, address.client_ca)
    if not any(given):
        if not is_loopback(address.host):
            raise SettingsError(
                "Off loopback DICOM travels encrypted only, and devices show certificates: give --tls-client-ca, and "
                "--tls-certificate with --tls-key, or --tls-own."
            )
        return None
    if not all(given):
        raise SettingsError("Give a TLS certificate, its key and the authority of devices' certificates, or none.")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.sslsocket_class = _TlsSocket
    try:
        context.load_cert_chain(str(address.certificate), address.key)
        context.load_verify_locations(address.client_ca)
    except OSError as error:  # ssl.SSLError is one
        message = "The TLS certificates or the key cannot be read, or they do not belong together."
        raise FileUnreadable(message) from error
    return context


def _recognise(event: Event, desk: Desk) -> Actor:
    """Recognise a device anew with every message: who was locked out since hands nothing in."""
    requestor = event.assoc.requestor
    assert requestor.primitive is not None
    assert event.assoc.dul.socket is not None
    peer = event.assoc.dul.socket.socket
    shown = peer.getpeercert(binary_form=True) if isinstance(peer, ssl.SSLSocket) else None
    certificate = None if shown is None else hashlib.sha256(shown).hexdigest()
    return recognise_device(desk.store, requestor.primitive.calling_ae_title, certificate, address=requestor.address)


def _admit(event: Event, desk: Desk) -> None:
    try:
        _recognise(event, desk)
    except Exception as error:  # noqa: BLE001  # pynetdicom would go on after one: nobody is let in by a fault
        told = error if isinstance(error, FlexuraError) else FlexuraError()
        _log.warning("A DICOM device at %s was refused: %s", event.assoc.requestor.address, told.code)
        is_unknown = isinstance(error, NotAuthenticated)
        reasons = (_PERMANENT, _BY_USER, _TITLE_UNKNOWN) if is_unknown else (_TRANSIENT, _BY_PROVIDER, _CONGESTED)
        event.assoc.acse.send_reject(*reasons)
        event.assoc.kill()


def _echo(event: Event, desk: Desk) -> int | Dataset:
    return _answer(event, lambda: _recognise(event, desk))


def _take(event: Event, desk: Desk) -> int | Dataset:
    def take() -> object:
        asked = event.request
        assert isinstance(asked, C_STORE)
        handed = HandedIn(event.encoded_dataset(), str(asked.AffectedSOPInstanceUID), str(asked.AffectedSOPClassUID))
        return file_photo(desk, _recognise(event, desk), handed)

    return _answer(event, take)


def _answer(event: Event, work: Callable[[], object]) -> int | Dataset:
    try:
        work()
    except FlexuraError as error:
        _log.warning("A DICOM message was refused: %s", error.code)
        return answer_error(error)
    except Exception as error:  # noqa: BLE001  # a receiver outlives what it cannot do
        _log.error("A fault of flexura itself: %s", type(error).__name__)
        return answer_error(FlexuraError())
    finally:
        peer = event.assoc.dul.socket and event.assoc.dul.socket.socket
        if isinstance(peer, _PlainSocket | _TlsSocket):
            peer.taken = 0
    return SUCCESS
