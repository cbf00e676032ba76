"""The verbs `serve` and `worker`: the clinic's web service and what works off its jobs, until they are told to stop."""

import base64
import os
import secrets
import signal
import socket
import sys
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from flexura.errors import DependencyMissing
from flexura.settings import (
    Secret,
    Settings,
    build_predictor,
    intake_limits,
    open_reader,
    open_store,
    plan_assessment,
    plan_batching,
    read_party,
    read_registration,
)

if TYPE_CHECKING:
    from flexura.inference.predictor import Predictor
    from flexura.service.clinic import Assessor, Clinic
    from flexura.service.server import Address
    from flexura.storage.store import Store
    from flexura.workflow import Read

_EXAMPLE = """\b
Example:
  export FLEXURA_MASTER_KEY_FILE=/etc/flexura/keys
  flexura serve --data-dir /srv/clinic --tls-certificate cert.pem --tls-key key.pem
  flexura serve --data-dir /srv/clinic --host 0.0.0.0 --tls-own
  flexura serve --demo        rendered patients to try it on; nothing is kept"""
_WORKER_EXAMPLE = """\b
Example:
  export FLEXURA_MASTER_KEY_FILE=/etc/flexura/keys FLEXURA_DATABASE=postgresql://flexura@db/clinic
  flexura worker --data-dir /srv/clinic --workers 4"""
_UPLOADS = 2  # photos that are looked at for what they are at a time, before they are stored
_NOT_INSTALLED = "The web service is not installed; pip install 'flexura[server]'."

data_dir_option = click.option("--data-dir", type=click.Path(path_type=Path), metavar="DIR", help="The clinic's data.")


@click.command(epilog=_EXAMPLE, short_help="Run the clinic's web service.")
@data_dir_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; off loopback with TLS only.")
@click.option("--port", default=8443, show_default=True, type=click.IntRange(1, 65535))
@click.option("--tls-certificate", type=click.Path(path_type=Path), metavar="PEM", help="With its chain.")
@click.option("--tls-key", type=click.Path(path_type=Path), metavar="PEM", help="The certificate's private key.")
@click.option("--tls-own", is_flag=True, help="Make and keep a certificate of its own in the data folder.")
@click.option("--tls-client-ca", type=click.Path(path_type=Path), metavar="PEM", help="Who must have signed clients'.")
@click.option("--assessors", default=2, show_default=True, type=click.IntRange(1, 64), help="Photos at a time.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(0, 64), help="Jobs at a time.")
@click.option("--demo", is_flag=True, help="Rendered patients in a temporary folder, on this machine only.")
@click.pass_obj
def serve(settings: Settings, /, host: str, port: int, *, demo: bool, **options: Any) -> None:
    """Run the clinic's web service, described at /api/v1/openapi.json, until it is told to stop."""
    try:
        from flexura.service.app import DISCLAIMER, make_app
        from flexura.service.server import Address, is_loopback, make_server
    except ModuleNotFoundError as error:
        raise DependencyMissing(_NOT_INSTALLED) from error
    address = Address(host, port, options["tls_certificate"], options["tls_key"], options["tls_client_ca"])
    if demo and (options["data_dir"] or not is_loopback(host)):
        raise click.UsageError("A demo keeps no data and stays on this machine: no --data-dir, no other --host.")
    settings = replace(settings, data_dir=options["data_dir"] or settings.data_dir)
    if options["tls_own"]:
        address = certify(address, settings)
    with ExitStack() as opened:
        leave_when_told()  # the server passes the signal on once its requests have ended
        if demo:
            settings = _forget_afterwards(settings, opened)
        clinic = _wire(settings, opened, assessors=options["assessors"], workers=options["workers"])
        if demo:
            clinic = _invite(clinic)
        server = make_server(make_app(clinic), address)
        click.echo(DISCLAIMER, err=True)
        scheme = "https" if address.certificate else "http"
        click.echo(f"Listening on {scheme}://{host}:{port}/api/v1", err=True)
        click.echo(f"Working with {clinic.assessor.words}", err=True)
        if clinic.demo:
            click.echo(f"Demo: open {scheme}://{host}:{port}/ and sign in; name and password are filled in.", err=True)
            click.echo(f"Names {', '.join(clinic.demo.names)}; password {clinic.demo.password}", err=True)
        _offer_set_up(clinic, settings.origin or f"{scheme}://{_reachable(host)}:{port}")
        server.run()


@click.command(epilog=_WORKER_EXAMPLE, short_help="Work off the clinic's jobs, beside the web service.")
@data_dir_option
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Jobs at a time.")
@click.pass_obj
def worker(settings: Settings, /, workers: int, data_dir: Path | None) -> None:
    """Assess what is on the list of jobs, beside `flexura serve` or on another machine, until it is told to stop.

    Both need the same database, photos' folder and master keys.
    """
    settings = replace(settings, data_dir=data_dir or settings.data_dir)
    try:
        from flexura.service.workers import run_workers
    except ModuleNotFoundError as error:
        raise DependencyMissing(_NOT_INSTALLED) from error
    with ExitStack() as opened:
        leave_when_told()
        store, predictor = _open(settings, opened)
        assessor = _make_assessor(settings, predictor, workers, opened)
        opened.enter_context(run_workers(store, assessor, workers))
        click.echo(f"Working with {assessor.words}", err=True)
        while True:
            signal.pause()


def _offer_set_up(clinic: "Clinic", home: str) -> None:
    """Show how the first administrator is made; the secret that lets one goes to a terminal, never into a log."""
    from flexura.storage.setup import has_users, make_link

    if has_users(clinic.store):
        return
    if sys.stderr.isatty():
        click.echo(f"Nobody can sign in yet. Within an hour, open {home}/set-up#{make_link(clinic.store)}", err=True)
    else:
        click.echo("Nobody can sign in yet: flexura admin user add NAME --role administrator", err=True)


def _reachable(host: str) -> str:
    """The name under which a browser finds the service: this machine's, where it listens on all its addresses."""
    name = host if host.strip("0.:") else socket.gethostname()  # 0.0.0.0 and :: are all addresses
    return f"[{name}]" if ":" in name else name


def certify(address: "Address", settings: Settings) -> "Address":
    """Give an address the service's own certificate, and say its fingerprint to whoever is to compare it."""
    from flexura.security.certificates import fingerprint, keep_certificate

    if address.certificate or address.key or settings.data_dir is None:
        raise click.UsageError("--tls-own keeps its certificate in the data folder, and takes no other.")
    names = dict.fromkeys((address.host, socket.gethostname(), "localhost", "127.0.0.1", "::1"))
    certificate, key = keep_certificate(settings.data_dir / "tls", list(names), now=datetime.now(UTC))
    click.echo(f"Own certificate {certificate}, SHA-256 {fingerprint(certificate)}", err=True)
    return replace(address, certificate=certificate, key=key)


def leave_when_told() -> None:
    """Leave by way of every open context, so that running jobs end and a demo's folder goes; told twice, at once."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))


def _forget_afterwards(settings: Settings, opened: ExitStack) -> Settings:
    """Put the data into a folder that goes when the demo ends, under a key that nobody keeps."""
    folder = opened.enter_context(TemporaryDirectory(prefix="flexura-demo-"))
    key = Secret(base64.b64encode(os.urandom(32)).decode())
    kept = replace(settings, data_dir=Path(folder), database=None, master_key=key, master_key_file=None)
    kept = replace(kept, master_key_hsm=None, earlier_master_keys=None)
    return replace(kept, origin=None, oidc_issuer=None, oidc_client=None, oidc_secret=None)


def _invite(clinic: "Clinic") -> "Clinic":
    from flexura.service.clinic import Invitation
    from flexura.service.demo import fill_demo
    from flexura.storage.users import PERSONS

    click.echo("Rendering the demo's patients, who never existed…", err=True)
    password = secrets.token_urlsafe(12)
    fill_demo(clinic, password)
    return replace(clinic, demo=Invitation(PERSONS, password))


def _wire(settings: Settings, opened: ExitStack, *, assessors: int, workers: int) -> "Clinic":
    from flexura.service.clinic import Clinic, make_read
    from flexura.service.provider import IdentityProvider
    from flexura.service.workers import run_workers

    registration = read_registration(settings)
    store, predictor = _open(settings, opened)
    read = make_read(_open_reads(settings, _UPLOADS, opened))
    assessor = _make_assessor(settings, predictor, assessors, opened)
    if workers:
        beside = replace(_make_assessor(settings, predictor, workers, opened), recent=assessor.recent)
        opened.enter_context(run_workers(store, beside, workers))
    provider = IdentityProvider(registration) if registration else None
    limit, party = intake_limits(settings).max_bytes, read_party(settings)
    return Clinic(store, read, assessor, limit, provider=provider, party=party)


def _open(settings: Settings, opened: ExitStack) -> "tuple[Store, Predictor]":
    store = open_store(settings)
    opened.callback(store.engine.dispose)
    return store, build_predictor(settings, batching=plan_batching(settings))


def _make_assessor(settings: Settings, predictor: "Predictor", count: int, opened: ExitStack) -> "Assessor":
    from flexura.service.clinic import make_assessor

    reads = _open_reads(settings, count, opened)
    return make_assessor(predictor, reads, preparation=plan_assessment(settings))


def _open_reads(settings: Settings, count: int, opened: ExitStack) -> "list[Read]":
    return [opened.enter_context(open_reader(settings)).read for _ in range(count)]
