"""The verb `admin device`: machines that may send photos by DICOM."""

from pathlib import Path

import click

from flexura.cli.console import console_actor, tenant_option
from flexura.settings import Settings, open_store

_EXAMPLE = "\b\nExample:\n  flexura admin device add CAMERA1 --certificate camera1.pem"


@click.group(help="Machines that send photos by DICOM.", epilog=_EXAMPLE)
def device() -> None:
    """Group the verbs of devices."""


@device.command(epilog=_EXAMPLE)
@click.argument("title")
@click.option("--certificate", type=click.Path(path_type=Path), metavar="PEM", help="The one that it shows.")
@tenant_option
@click.pass_obj
def add(settings: Settings, title: str, certificate: Path | None, tenant: str) -> None:
    """Admit a device by the title (AE title) that it calls itself, or give it another certificate.

    Without a certificate it may send from this machine only. It stands among the users under its title, and is
    locked out like one: flexura admin user disable TITLE.
    """
    store = open_store(settings)
    from flexura.security.certificates import fingerprint
    from flexura.storage.devices import admit_device

    shown = None if certificate is None else fingerprint(certificate).replace(":", "").lower()
    with store.visit(console_actor(tenant)) as visit:
        admit_device(visit, title, shown)
    where = "from this machine, unencrypted" if shown is None else f"with the certificate SHA-256 {shown}"
    click.echo(f"{title} may send photos {where}.")
