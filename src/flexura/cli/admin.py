"""The verb `admin`: what whoever runs a clinic's machine does: users, the audit log, backups; keys are in `keys`.

It acts as `console` in the role of an administrator, and stands in the audit log like everybody.
"""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flexura.cli.console import console_actor, tenant_option
from flexura.cli.devices import device
from flexura.cli.keys import key
from flexura.cli.outcome import DONE
from flexura.cli.research import export_research, reidentify
from flexura.errors import FileUnreadable, ObjectDamaged, SettingsError, SomethingMissing
from flexura.settings import Settings, connect_store, models_folder, open_store, read_registration

if TYPE_CHECKING:
    from flexura.security.audit import Checkpoint
    from flexura.storage.store import Store

_EXAMPLE = """\b
Example:
  export FLEXURA_DATA_DIR=/srv/clinic FLEXURA_MASTER_KEY_FILE=/etc/flexura/keys
  flexura admin key create
  flexura admin user add maria --role clinician"""


@click.group(help="Run a clinic's store: keys, users, audit log, backups.", epilog=_EXAMPLE)
def admin() -> None:
    """Group the verbs of whoever runs the machine."""


@admin.group(help="People.", epilog="\b\nExample:\n  flexura admin user add maria --role clinician")
def user() -> None:
    """Group the verbs of users."""


@admin.group(help="Tokens of programs.", epilog="\b\nExample:\n  flexura admin token add maria --for patient.create")
def token() -> None:
    """Group the verbs of tokens."""


@admin.group(help="The audit log.", epilog="\b\nExample:\n  flexura admin audit verify --anchor kept.jsonl")
def audit() -> None:
    """Group the verbs of the audit log."""


@user.command(epilog="\b\nExample:\n  flexura admin user add maria --role clinician")
@click.argument("name")
@click.option("--role", required=True, help="clinician, nurse, researcher, auditor or administrator.")
@click.option("--codes/--no-codes", default=True, show_default=True, help="Ask for one-time codes at sign-in.")
@click.password_option(help="Asked for if not given.")
@tenant_option
@click.pass_obj
def add(settings: Settings, /, name: str, **options: str) -> None:
    """Add a user; the first one founds the clinic."""
    store = open_store(settings)
    from flexura.security.codes import provisioning_uri
    from flexura.storage.tenants import create_tenant, list_tenants
    from flexura.storage.users import add_user, require_codes

    if not list_tenants(store):
        create_tenant(store, options["tenant"])
    with store.visit(console_actor(options["tenant"])) as visit:
        added = add_user(visit, name, options["role"], options["password"])
        secret = require_codes(visit, added) if options["codes"] else None
    click.echo(f"Added user {added}.")
    if secret:
        click.echo(f"For the authenticator app, shown this once: {provisioning_uri(secret, name)}")


@user.command(epilog="\b\nExample:\n  flexura admin user disable maria")
@click.argument("name")
@tenant_option
@click.pass_obj
def disable(settings: Settings, name: str, tenant: str) -> None:
    """Lock a user out at once; the last administrator stays."""
    store = open_store(settings)
    from flexura.storage.people import lock_out
    from flexura.storage.users import find_user

    with store.visit(console_actor(tenant)) as visit:
        lock_out(visit, find_user(visit, name))
    click.echo("Disabled; all sessions and tokens are revoked.")


@user.command(epilog="\b\nExample:\n  flexura admin user enable maria")
@click.argument("name")
@tenant_option
@click.pass_obj
def enable(settings: Settings, name: str, tenant: str) -> None:
    """Let a user who was locked out sign in again; sessions and tokens of before stay revoked."""
    store = open_store(settings)
    from flexura.storage.people import unlock
    from flexura.storage.users import find_user

    with store.visit(console_actor(tenant)) as visit:
        unlock(visit, find_user(visit, name))
    click.echo("Enabled; whoever it is must sign in anew.")


@user.command(epilog="\b\nExample:\n  flexura admin user second-factor maria")
@click.argument("name")
@tenant_option
@click.pass_obj
def second_factor(settings: Settings, name: str, tenant: str) -> None:
    """Give a user who lost the second factor a new one; passkeys and sessions end."""
    store = open_store(settings)
    from flexura.security.codes import provisioning_uri
    from flexura.storage.people import reset_second_factor
    from flexura.storage.users import find_user

    with store.visit(console_actor(tenant)) as visit:
        _, secret = reset_second_factor(visit, find_user(visit, name))
    click.echo(f"For the authenticator app, shown this once: {provisioning_uri(secret, name)}")


@user.command(epilog="\b\nExample:\n  flexura admin user link maria --subject 248289761001")
@click.argument("name")
@click.option("--subject", required=True, help="The account at the provider: its `sub`.")
@tenant_option
@click.pass_obj
def link(settings: Settings, name: str, subject: str, tenant: str) -> None:
    """Let a user in by an account of the identity provider; this console alone can."""
    store = open_store(settings)
    registration = read_registration(settings)
    if registration is None:
        raise SettingsError("FLEXURA_OIDC_ISSUER must name the identity provider.")
    from flexura.storage.identities import link_user
    from flexura.storage.users import find_user

    with store.visit(console_actor(tenant)) as visit:
        link_user(visit, find_user(visit, name), issuer=registration.issuer, subject=subject)
    click.echo(f"Linked to an account of {registration.issuer}.")


@user.command(epilog="\b\nExample:\n  flexura admin user unlink maria")
@click.argument("name")
@tenant_option
@click.pass_obj
def unlink(settings: Settings, name: str, tenant: str) -> None:
    """Let a user in by no account of the identity provider any more."""
    store = open_store(settings)
    from flexura.storage.identities import unlink_user
    from flexura.storage.users import find_user

    with store.visit(console_actor(tenant)) as visit:
        unlink_user(visit, find_user(visit, name))
    click.echo("Unlinked; sessions that run go on until their end.")


@token.command("add", epilog="\b\nExample:\n  flexura admin token add maria --for patient.create --days 30")
@click.argument("name")
@click.option("--for", "scopes", multiple=True, required=True, metavar="VERB", help="What it is good for; repeatable.")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 366), help="How long.")
@tenant_option
@click.pass_obj
def add_for(settings: Settings, name: str, scopes: tuple[str, ...], days: int, tenant: str) -> None:
    """Make a token for a program that acts in a user's name; it is shown once, alone on standard output."""
    store = open_store(settings)
    from flexura.storage.users import add_token, find_user

    with store.visit(console_actor(tenant)) as visit:
        issued = add_token(visit, find_user(visit, name), frozenset(scopes), lasts=timedelta(days=days))
    click.echo(f"Good until {issued.record.ends_at:%Y-%m-%d}; keep it like a password.", err=True)
    click.echo(issued.secret)


@audit.command(epilog="\b\nExample:\n  flexura admin audit verify --anchor kept.jsonl >> kept.jsonl")
@click.option("--anchor", type=click.Path(path_type=Path), help="Checkpoints that were kept elsewhere, one a line.")
@tenant_option
@click.pass_obj
def verify(settings: Settings, anchor: Path | None, tenant: str) -> None:
    """Hold the audit log against itself and kept checkpoints; prints the checkpoint to keep next."""
    store = open_store(settings)
    from flexura.security.audit import write_checkpoint
    from flexura.storage import auditlog

    anchors = _read_anchors(anchor) if anchor else []
    with store.visit(console_actor(tenant)) as visit:
        visit.record("audit.verify")
        findings = auditlog.verify(visit.connection, key=visit.tenant_key(), anchors=anchors)
        checkpoint = auditlog.current_checkpoint(visit.connection, tenant)
    for finding in findings:
        click.echo(f"{finding.code} at entry {finding.number}: {finding.message}", err=True)
    if findings:
        raise SomethingMissing(f"The audit log is not whole: {len(findings)} findings.")
    click.echo(f"The audit log is whole: {checkpoint.size} entries.", err=True)
    click.echo(write_checkpoint(checkpoint))


@admin.command(epilog="\b\nExample:\n  flexura admin backup /mnt/backups/monday")
@click.argument("folder", type=click.Path(path_type=Path))
@click.pass_obj
def backup(settings: Settings, folder: Path) -> None:
    """Copy everything, encrypted as it is, into a new folder."""
    store, models = open_store(settings), models_folder(settings)
    from flexura.inference.adoption import find_in_force, identify
    from flexura.storage.backup import make_backup
    from flexura.storage.tenants import list_tenants

    identify(find_in_force(models))  # a bundle that is not what was adopted is not passed on
    for tenant in list_tenants(store):
        with store.visit(console_actor(tenant)) as visit:
            visit.record("backup.make")
    files = make_backup(store, folder, models=models)
    click.echo(f"Backed up {files} files with their hashes. The master key is not among them.")


@admin.command(epilog="\b\nExample:\n  flexura admin upkeep --scrub 1000")
@click.option("--scrub", "count", default=100, show_default=True, type=click.IntRange(0), help="Files to read again.")
@click.pass_obj
def upkeep(settings: Settings, count: int) -> None:
    """Remove what interrupted uploads left, and read photos' files again; while the clinic works, as from cron."""
    store = open_store(settings)
    from flexura.storage.upkeep import reconcile, scrub

    found = reconcile(store)
    damaged = sorted({*found.missing, *scrub(store, count=count)})
    click.echo(f"Removed {found.removed} files that nobody knows; {len(damaged)} photos' files are gone or damaged.")
    for name in damaged:
        click.echo(name, err=True)
    if damaged:
        raise ObjectDamaged("Bring these files back from a backup.")


@admin.command(epilog="\b\nExample:\n  flexura admin restore /mnt/backups/monday")
@click.argument("folder", type=click.Path(path_type=Path))
@click.pass_obj
def restore(settings: Settings, folder: Path) -> None:
    """Bring a backup into an empty store, after every hash was verified."""
    store = connect_store(settings)
    from flexura.storage.backup import restore_backup

    restored = restore_backup(store, folder, models=models_folder(settings))
    click.echo(f"Restored {restored} files, every hash verified.")


admin.add_command(key)
admin.add_command(device)
admin.add_command(export_research)
admin.add_command(reidentify)


@admin.command(epilog="\b\nExample:\n  flexura admin upgrade")
@click.pass_context
def upgrade(ctx: click.Context) -> None:
    """Bring the database's tables to the form of this version."""
    store: Store = connect_store(ctx.obj)
    from flexura.storage.database import newest_revision
    from flexura.storage.database import upgrade as migrate

    migrate(store.engine)
    click.echo(f"The tables have form {newest_revision()}.")
    ctx.exit(DONE)


def _read_anchors(path: Path) -> "list[Checkpoint]":
    from flexura.security.audit import read_checkpoint

    try:
        return [read_checkpoint(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnreadable("The file of kept checkpoints cannot be read.") from error
