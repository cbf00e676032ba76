"""The verb `serve`: the clinic's web service, wired from the settings and run until it is told to stop."""

import base64
import os
import secrets
import signal
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from flexura.errors import DependencyMissing
from flexura.settings import Secret, Settings, build_predictor, intake_limits, open_reader, open_store, plan_assessment

if TYPE_CHECKING:
    from flexura.service.clinic import Clinic

_EXAMPLE = """\b
Example:
  export FLEXURA_MASTER_KEY_FILE=/etc/flexura/keys
  flexura serve --data-dir /srv/clinic --tls-certificate cert.pem --tls-key key.pem
  flexura serve --demo        rendered patients to try it on; nothing is kept"""


@click.command(epilog=_EXAMPLE, short_help="Run the clinic's web service.")
@click.option("--data-dir", type=click.Path(path_type=Path), metavar="DIR", help="The clinic's data.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; off loopback with TLS only.")
@click.option("--port", default=8443, show_default=True, type=click.IntRange(1, 65535))
@click.option("--tls-certificate", type=click.Path(path_type=Path), metavar="PEM", help="With its chain.")
@click.option("--tls-key", type=click.Path(path_type=Path), metavar="PEM", help="The certificate's private key.")
@click.option("--assessors", default=2, show_default=True, type=click.IntRange(1, 64), help="Photos at a time.")
@click.option("--demo", is_flag=True, help="Rendered patients in a temporary folder, on this machine only.")
@click.pass_obj
def serve(settings: Settings, /, host: str, port: int, assessors: int, *, demo: bool, **options: Path | None) -> None:
    """Run the clinic's web service, described at /api/v1/openapi.json, until it is told to stop."""
    settings = replace(settings, data_dir=options["data_dir"] or settings.data_dir)
    try:
        from flexura.service.app import DISCLAIMER, make_app
        from flexura.service.server import Address, is_loopback, make_server
    except ModuleNotFoundError as error:
        raise DependencyMissing("The web service is not installed; pip install 'flexura[server]'.") from error
    address = Address(host, port, options["tls_certificate"], options["tls_key"])
    if demo and (options["data_dir"] or not is_loopback(host)):
        raise click.UsageError("A demo keeps no data and stays on this machine: no --data-dir, no other --host.")
    with ExitStack() as opened:
        if demo:
            settings = _forget_afterwards(settings, opened)
        clinic = _wire(settings, assessors, opened)
        if demo:
            clinic = _invite(clinic)
        server = make_server(make_app(clinic), address)
        click.echo(DISCLAIMER, err=True)
        scheme = "https" if address.certificate else "http"
        click.echo(f"Listening on {scheme}://{host}:{port}/api/v1", err=True)
        if clinic.demo:
            click.echo(f"Demo: open {scheme}://{host}:{port}/ and sign in; name and password are filled in.", err=True)
            click.echo(f"Names {', '.join(clinic.demo.names)}; password {clinic.demo.password}", err=True)
        server.run()


def _forget_afterwards(settings: Settings, opened: ExitStack) -> Settings:
    """Put the data into a folder that goes when the demo ends, under a key that nobody keeps."""

    def end(*_: object) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, end)  # so that the folder is removed then, too
    folder = opened.enter_context(TemporaryDirectory(prefix="flexura-demo-"))
    key = Secret(base64.b64encode(os.urandom(32)).decode())
    return replace(settings, data_dir=Path(folder), database=None, master_key=key, master_key_file=None)


def _invite(clinic: "Clinic") -> "Clinic":
    from flexura.service.clinic import Invitation
    from flexura.service.demo import PERSONS, fill_demo

    click.echo("Rendering the demo's patients, who never existed…", err=True)
    password = secrets.token_urlsafe(12)
    fill_demo(clinic, password)
    return replace(clinic, demo=Invitation(PERSONS, password))


def _wire(settings: Settings, assessors: int, opened: ExitStack) -> "Clinic":
    from flexura.service.clinic import Clinic, make_assessor

    store = open_store(settings)
    opened.callback(store.engine.dispose)
    predictor = build_predictor(settings)
    reads = [opened.enter_context(open_reader(settings)).read for _ in range(assessors)]
    assess = make_assessor(predictor, reads, preparation=plan_assessment(settings))
    info = predictor.bundle.info
    return Clinic(store, assess, f"{info.name} {info.version}", intake_limits(settings).max_bytes)
