"""In whose name the verbs of `admin` act: the console of the clinic's machine."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from flexura.storage.store import Actor

tenant_option = click.option("--tenant", default="clinic", show_default=True, help="Whose data.")


def console_actor(tenant: str) -> "Actor":
    """Give the actor of whoever runs the machine: an administrator, in the audit log as `console`."""
    from flexura.storage.store import Actor

    return Actor(tenant, "console", "administrator")
