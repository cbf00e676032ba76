"""The verb `receive`: takes photos that cameras and archives hand in by DICOM, until it is told to stop."""

import signal
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from flexura.cli.serve import certify, data_dir_option, leave_when_told
from flexura.errors import DependencyMissing
from flexura.settings import Settings, intake_limits, open_reader, open_store

_EXAMPLE = """\b
Example:
  export FLEXURA_MASTER_KEY_FILE=/etc/flexura/keys
  flexura admin device add CAMERA1 --certificate camera1.pem
  flexura receive --data-dir /srv/clinic --host 0.0.0.0 --tls-own --tls-client-ca devices.pem"""


@click.command(epilog=_EXAMPLE, short_help="Take photos that devices send by DICOM.")
@data_dir_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; off loopback with TLS only.")
@click.option("--port", default=2762, show_default=True, type=click.IntRange(1, 65535), help="2762 is DICOM's for TLS.")
@click.option("--title", default="FLEXURA", show_default=True, help="The title (AE title) that devices call.")
@click.option("--tls-certificate", type=click.Path(path_type=Path), metavar="PEM", help="With its chain.")
@click.option("--tls-key", type=click.Path(path_type=Path), metavar="PEM", help="The certificate's private key.")
@click.option("--tls-own", is_flag=True, help="Make and keep a certificate of its own in the data folder.")
@click.option("--tls-client-ca", type=click.Path(path_type=Path), metavar="PEM", help="Who must have signed devices'.")
@click.option("--readers", default=2, show_default=True, type=click.IntRange(1, 64), help="Photos at a time.")
@click.pass_obj
def receive(settings: Settings, /, host: str, port: int, title: str, **options: Any) -> None:
    """Take photos that admitted devices send by DICOM (C-STORE, C-ECHO), until it is told to stop.

    Beside `flexura serve`, or on another machine with the same database, photos' folder and master keys.
    """
    try:
        from flexura.service.clinic import share_readers
        from flexura.service.dicom.filing import Desk
        from flexura.service.dicom.network import Place, listen
        from flexura.service.server import Address
    except ModuleNotFoundError as error:
        raise DependencyMissing("DICOM over a network is not installed; pip install 'flexura[server]'.") from error
    settings = replace(settings, data_dir=options["data_dir"] or settings.data_dir)
    address = Address(host, port, options["tls_certificate"], options["tls_key"], options["tls_client_ca"])
    if options["tls_own"]:
        address = certify(address, settings)
    with ExitStack() as opened:
        store = open_store(settings)
        opened.callback(store.engine.dispose)
        readers = [opened.enter_context(open_reader(settings)) for _ in range(options["readers"])]
        desk = Desk(store, share_readers(readers), intake_limits(settings).max_bytes)
        opened.enter_context(listen(desk, Place(address, title)))
        leave_when_told()
        how = "TLS with certificates on both sides" if address.certificate else "plain, from this machine only"
        click.echo(f"Listening for DICOM on {host}:{port} as {title} ({how})", err=True)
        while True:
            signal.pause()
