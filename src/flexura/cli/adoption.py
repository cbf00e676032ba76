"""The verbs of `model` that decide which bundle answers at a clinic: adopt, rollback, history; a person signs each."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flexura.cli.console import tenant_option
from flexura.errors import FileUnreadable, SettingsError
from flexura.settings import Settings, models_folder, open_store

if TYPE_CHECKING:
    from flexura.inference.adoption import Adoption
    from flexura.storage.store import Store

_ADOPT_HELP = """Put a bundle in force that passed against the one in force now.

An administrator of the clinic signs with the password; it stands in the audit log and in `flexura model history`. The
bundle is copied into the clinic's data, the one before is kept. Services answer with it once they are started anew."""

_ADOPT_EXAMPLE = """\b
Example:
  flexura model compare adopted runs/own/bundle --data DATA --fold 4 --out comparison.json
  flexura model adopt runs/own/bundle --comparison comparison.json --by mona"""

_BY = click.option("--by", required=True, metavar="USER", help="The administrator who signs.")
_PASSWORD = click.password_option(confirmation_prompt=False, help="Asked for if not given.")
_CODE = click.option("--code", help="The one-time code, where the user needs one.")


@click.command(help=_ADOPT_HELP, short_help="Put a bundle in force that passed.", epilog=_ADOPT_EXAMPLE)
@click.argument("bundle", type=click.Path(path_type=Path, file_okay=False))
@click.option("--comparison", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Of model compare.")
@_BY
@_PASSWORD
@_CODE
@tenant_option
@click.pass_obj
def adopt(settings: Settings, /, bundle: Path, comparison: Path, by: str, **signed: str | None) -> None:
    """Put a bundle in force."""
    folder, store = _open(settings)
    from flexura.inference import adoption
    from flexura.inference.bundle import sha256_of

    adoption.check_comparison(
        _read_comparison(comparison), adoption.identify(adoption.find_in_force(folder)), adoption.identify(bundle)
    )
    kept, compared = adoption.keep(folder, bundle), sha256_of(comparison)
    _sign(
        store,
        folder,
        (by, signed),
        lambda user: adoption.plan_adoption(folder, kept, by=user, now=store.clock(), comparison=compared),
    )


@click.command(epilog="\b\nExample:\n  flexura model rollback --by mona", short_help="Go back to the bundle before.")
@_BY
@_PASSWORD
@_CODE
@tenant_option
@click.pass_obj
def rollback(settings: Settings, /, by: str, **signed: str | None) -> None:
    """Put the bundle in force that the present one replaced; an administrator signs."""
    folder, store = _open(settings)
    from flexura.inference.adoption import plan_rollback

    _sign(store, folder, (by, signed), lambda user: plan_rollback(folder, by=user, now=store.clock()))


@click.command(epilog="\b\nExample:\n  flexura model history", short_help="Tell what was adopted, when and by whom.")
@click.pass_obj
def history(settings: Settings) -> None:
    """Tell what was adopted, when and by whom, oldest first."""
    from flexura.inference.adoption import read_log

    log = read_log(models_folder(settings))
    for line in log:
        told = f"{line.at[:19]}  {line.action:<9}{line.version:<16}{line.bundle[:12]} for {line.replaces[:12]}"
        click.echo(f"{told}  by {line.by}")
    if not log:
        click.echo("Nothing was adopted; the shipped bundle is in force.")


def _open(settings: Settings) -> "tuple[Path, Store]":
    if settings.bundle is not None:
        raise SettingsError("FLEXURA_BUNDLE is set, and decides alone which bundle answers; unset it to adopt one.")
    return models_folder(settings), open_store(settings)


def _read_comparison(path: Path) -> dict[str, Any]:
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileUnreadable("The comparison cannot be read; give the file of flexura model compare --out.") from error
    return report if isinstance(report, dict) else {}


def _sign(
    store: "Store", folder: Path, who: tuple[str, dict[str, str | None]], plan: "Callable[[str], Adoption]"
) -> None:
    """On record first: an entry without effect harms nobody, an effect without entry does."""
    from flexura.inference.adoption import put_in_force
    from flexura.storage.credentials import Credentials, sign_in
    from flexura.storage.users import recognise_session, sign_out

    name, signed = who
    shown = Credentials(str(signed["tenant"]), name, str(signed["password"]), signed["code"])
    actor, session = recognise_session(store, sign_in(store, shown).secret)
    with store.visit(actor) as visit:
        sign_out(visit, session.id)
    with store.visit(actor) as visit:
        planned = plan(actor.user)
        visit.record("model.adopt", f"models/{planned.bundle}")
    put_in_force(folder, planned)
    click.echo(f"In force: {planned.version}, sha256 {planned.bundle[:12]}. Start services anew to answer with it.")
