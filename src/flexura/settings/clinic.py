"""Wires the clinic's store and its master keys, as the settings say; needs the extra `server`."""

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flexura.errors import DependencyMissing, SettingsError
from flexura.settings.variables import Settings

if TYPE_CHECKING:
    from flexura.security.keys import KeyRing
    from flexura.security.openid import Registration
    from flexura.storage.store import Store


def open_store(settings: Settings) -> "Store":
    """Open the clinic's store that the settings name; a new database gets its tables.

    Parameters
    ----------
    settings : Settings
        `data_dir`, `database` (a file in that folder if `None`), and the master keys.

    Returns
    -------
    Store
        Ready for visits.

    Raises
    ------
    SettingsError
        When a setting that it needs is missing.
    KeyMissing
        When there is no master key.
    KeyUnfit
        When a master key is weak, or its file open to others.
    DatabaseUnavailable
        When the database cannot be reached.
    DatabaseOutdated
        When its tables are of another version.
    DependencyMissing
        When the extra `server` is not installed.
    """
    store = connect_store(settings)
    from flexura.storage.database import check_revision, current_revision, upgrade
    from flexura.storage.objects import prepare_folder

    if current_revision(store.engine) is None:
        upgrade(store.engine)
    check_revision(store.engine)
    prepare_folder(store.folder)
    return store


def connect_store(settings: Settings) -> "Store":
    """Wire the clinic's store without making anything in it, as restoring a backup needs.

    Parameters
    ----------
    settings : Settings
        As for `open_store`.

    Returns
    -------
    Store
        Perhaps empty.

    Raises
    ------
    SettingsError
        When a setting that it needs is missing.
    KeyMissing
        When there is no master key.
    KeyUnfit
        When a master key is weak, or its file open to others.
    DependencyMissing
        When the extra `server` is not installed.
    """
    try:
        from flexura.storage.database import open_database
        from flexura.storage.store import Store
    except ModuleNotFoundError as error:
        raise DependencyMissing("The clinic's store is not installed; pip install 'flexura[server]'.") from error
    if settings.data_dir is None:
        raise SettingsError("FLEXURA_DATA_DIR must name the folder of the clinic's data.")
    read_master_keys(settings)  # no start without
    folder = settings.data_dir
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = settings.database.text if settings.database else f"sqlite:///{folder / 'clinic.db'}"
    return Store(
        open_database(url), folder / "photos", lambda: read_master_keys(settings), lambda: datetime.now(UTC), os.urandom
    )


def read_master_keys(settings: Settings) -> "KeyRing":
    """Read the master keys, as they are now.

    Parameters
    ----------
    settings : Settings
        `master_key_file`, or `master_key`.

    Returns
    -------
    KeyRing

    Raises
    ------
    SettingsError
        When both are set: which one holds would be a guess.
    KeyMissing
        When there is none.
    KeyUnfit
        When one is weak, or the file open to others.
    """
    from flexura.security.keyfile import read_key_file
    from flexura.security.keys import parse_keys

    if settings.master_key_file and settings.master_key:
        raise SettingsError("Set FLEXURA_MASTER_KEY_FILE or FLEXURA_MASTER_KEY, not both.")
    if settings.master_key_file:
        return read_key_file(settings.master_key_file)
    return parse_keys(settings.master_key.text if settings.master_key else "")


def read_registration(settings: Settings) -> "Registration | None":
    """Read how the clinic's identity provider knows it.

    Parameters
    ----------
    settings : Settings
        `oidc_issuer`, `oidc_client`, `oidc_secret` and `origin`.

    Returns
    -------
    Registration | None
        `None` when no provider is set: people sign in by password.

    Raises
    ------
    SettingsError
        When some of them are missing or unfit.
    """
    from flexura.security.openid import register

    if settings.oidc_issuer is None:
        if settings.oidc_client or settings.oidc_secret:
            raise SettingsError("FLEXURA_OIDC_ISSUER must name the identity provider whose client is set.")
        return None
    if settings.oidc_client is None or settings.origin is None:
        raise SettingsError("FLEXURA_OIDC_ISSUER needs FLEXURA_OIDC_CLIENT and FLEXURA_ORIGIN too.")
    secret = settings.oidc_secret.text if settings.oidc_secret else None
    return register(settings.oidc_issuer, settings.oidc_client, origin=settings.origin, secret=secret)
