"""Wires the clinic's store and its master keys, as the settings say; needs the extra `server`."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flexura.errors import DependencyMissing, SettingsError
from flexura.settings.variables import Secret, Settings

if TYPE_CHECKING:
    from flexura.security.hsm import HsmKeys
    from flexura.security.hsmaddress import HsmAddress
    from flexura.security.keys import MasterKeys
    from flexura.security.openid import Registration
    from flexura.security.passkeys import RelyingParty
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
        When a master key is weak, its file open to others, or it can leave its token.
    HsmUnfit
        When a token's module cannot be loaded, or does not do what is needed.
    HsmPinRefused
        When a token refuses the PIN.
    HsmUnavailable
        When a token is not there.
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
        When a master key is weak, its file open to others, or it can leave its token.
    HsmUnfit
        When a token's module cannot be loaded, or does not do what is needed.
    HsmPinRefused
        When a token refuses the PIN.
    HsmUnavailable
        When a token is not there.
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
    read_master_keys(settings).current  # noqa: B018  # no start without
    folder = settings.data_dir
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = settings.database.text if settings.database else f"sqlite:///{folder / 'clinic.db'}"
    return Store(
        open_database(url), folder / "photos", lambda: read_master_keys(settings), lambda: datetime.now(UTC), os.urandom
    )


def read_master_keys(settings: Settings) -> "MasterKeys":
    """Read the master keys, as they are now.

    Parameters
    ----------
    settings : Settings
        One of `master_key_file`, `master_key` and `master_key_hsm`; while a clinic moves, `earlier_master_keys` too.

    Returns
    -------
    MasterKeys
        Those in a token are asked for with each use.

    Raises
    ------
    SettingsError
        When more than one is set.
    KeyMissing
        When there is none.
    KeyUnfit
        When one is weak, or the file open to others.
    DependencyMissing
        When they are in a token, and the extra `hsm` is not installed.
    """
    from flexura.security.keyfile import read_key_file
    from flexura.security.keys import MovingKeys, parse_keys

    def read(place: "Path | Secret | HsmAddress") -> "MasterKeys":
        if isinstance(place, Path):
            return read_key_file(place)
        return parse_keys(place.text) if isinstance(place, Secret) else open_hsm_keys(place)

    keys = read(choose_key_place(settings) or Secret(""))
    return MovingKeys(keys, read(settings.earlier_master_keys)) if settings.earlier_master_keys else keys


def choose_key_place(settings: Settings) -> "Path | Secret | HsmAddress | None":
    """Tell where the master keys are.

    Parameters
    ----------
    settings : Settings
        One of `master_key_file`, `master_key` and `master_key_hsm`.

    Returns
    -------
    Path | Secret | HsmAddress | None
        The one that is set.

    Raises
    ------
    SettingsError
        When more than one is: which one holds would be a guess.
    """
    places = (settings.master_key_file, settings.master_key, settings.master_key_hsm)
    given = [place for place in places if place is not None]
    if len(given) > 1:
        raise SettingsError("Set one of FLEXURA_MASTER_KEY_FILE, FLEXURA_MASTER_KEY and FLEXURA_MASTER_KEY_HSM.")
    return given[0] if given else None


def open_hsm_keys(address: "HsmAddress") -> "HsmKeys":
    """Open the master keys that are in a token; it is asked with the first use.

    Parameters
    ----------
    address : HsmAddress
        `master_key_hsm`.

    Returns
    -------
    HsmKeys

    Raises
    ------
    DependencyMissing
        When the extra `hsm` is not installed.
    """
    try:
        from flexura.security.hsm import open_hsm
    except ModuleNotFoundError as error:
        raise DependencyMissing("Keys in a token need more packages: pip install 'flexura[server,hsm]'.") from error
    return open_hsm(address)


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


def read_party(settings: Settings) -> "RelyingParty | None":
    """Read by which name passkeys know the clinic.

    Parameters
    ----------
    settings : Settings
        `origin`.

    Returns
    -------
    RelyingParty | None
        `None` where it is not set, or has no name but numbers: people then have no passkeys.

    Raises
    ------
    SettingsError
        When it is no address of a service.
    """
    from flexura.security.passkeys import name_party

    return None if settings.origin is None else name_party(settings.origin)
