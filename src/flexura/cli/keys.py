"""The verbs `admin key`: a first master key, in a file or in a token, its successor, and data keys wrapped anew."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flexura.cli.console import console_actor
from flexura.errors import DependencyMissing, SettingsError
from flexura.settings import Secret, Settings, choose_key_place, open_hsm_keys, open_store, read_master_keys

if TYPE_CHECKING:
    from flexura.security.hsmaddress import HsmAddress
    from flexura.storage.store import Store

_NEXT = "those before it may go, once no backup that matters needs them."


@click.group(help="Master keys.", epilog="\b\nExample:\n  flexura admin key create")
def key() -> None:
    """Group the verbs of keys."""


@key.command(epilog="\b\nExample:\n  flexura admin key create")
@click.pass_obj
def create(settings: Settings) -> None:
    """Make the first master key: the key file, or a key in the token, which it never leaves."""
    try:
        from flexura.security.keyfile import create_key_file
        from flexura.security.keys import KeyRing, make_key
    except ModuleNotFoundError as error:
        raise DependencyMissing("The clinic's store is not installed; pip install 'flexura[server]'.") from error
    place = _choose_place(settings)
    if isinstance(place, Path):
        ring = KeyRing(make_key(os.urandom(32)))
        create_key_file(place, ring)
        click.echo(f"Master key {ring.current.id}. Keep a copy apart from the data: without it nothing can be read.")
    else:
        made = open_hsm_keys(place).create_first(randomness=os.urandom)
        click.echo(f"Master key {made.id}. Back the token up in its own way: without it nothing can be read.")


@key.command(epilog="\b\nExample:\n  flexura admin key rotate")
@click.pass_obj
def rotate(settings: Settings) -> None:
    """Put a new master key in front and wrap every data key anew, while the clinic works."""
    store = open_store(settings)
    from flexura.security.keyfile import read_key_file, replace_key_file
    from flexura.security.keys import add_key

    place = _choose_place(settings)
    if isinstance(place, Path):
        ring = add_key(read_key_file(place), os.urandom(32))
        _record(store, ring.current.id)
        replace_key_file(place, ring)
    else:
        keys = open_hsm_keys(place)
        name = keys.name_next(randomness=os.urandom)
        _record(store, name)
        keys.create(name)
    _rewrap(store, settings)


@key.command(epilog="\b\nExample:\n  FLEXURA_EARLIER_MASTER_KEYS=/etc/flexura/keys flexura admin key rewrap")
@click.pass_obj
def rewrap(settings: Settings) -> None:
    """Wrap every data key under the current master key: a clinic moves, or a rotation was interrupted."""
    store = open_store(settings)
    _record(store, read_master_keys(settings).current.id)
    _rewrap(store, settings)


def _record(store: "Store", name: str) -> None:
    from flexura.storage.tenants import list_tenants

    for tenant in list_tenants(store):
        with store.visit(console_actor(tenant)) as visit:
            visit.record("key.rotate", f"keys/{name}")


def _rewrap(store: "Store", settings: Settings) -> None:
    from flexura.storage.datakeys import rewrap_keys

    count = rewrap_keys(store.engine, read_ring=store.read_ring, randomness=store.randomness)
    name = read_master_keys(settings).current.id
    click.echo(f"Master key {name} wraps all data keys now ({count} changed); {_NEXT}")


def _choose_place(settings: Settings) -> "Path | HsmAddress":
    """Keys of the environment are whoever's who sets it."""
    place = choose_key_place(settings)
    if place is None or isinstance(place, Secret):
        raise SettingsError("Set FLEXURA_MASTER_KEY_FILE or FLEXURA_MASTER_KEY_HSM: keys can be made there.")
    return place
