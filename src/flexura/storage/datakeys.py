"""The wrapped data keys: made, opened, wrapped anew, and destroyed (crypto-shredding)."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, Engine, bindparam, delete, insert, select, update

from flexura.errors import NotStored
from flexura.security.encryption import DataKey, Owner, WrappedKey, make_data_key, unwrap, wrap
from flexura.security.keys import MasterKeys, Randomness
from flexura.storage.database import begin
from flexura.storage.tables import DATA_KEYS

# The subject of the tenant's own key: sign-in secrets, the index of patients' numbers, the log's signature.
TENANT: Final = "tenant"

_BATCH: Final = 200
_NEWEST: Final = (
    select(DATA_KEYS)
    .where(DATA_KEYS.c.tenant == bindparam("tenant"), DATA_KEYS.c.subject == bindparam("subject"))
    .order_by(DATA_KEYS.c.version.desc())
    .limit(1)
)


def create_key(
    connection: Connection, owner: Owner, *, read_ring: Callable[[], MasterKeys], randomness: Randomness
) -> DataKey:
    """Make the data key of a new subject and store it wrapped.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    owner : Owner
        Whose it is; without a key so far.
    read_ring : Callable[[], MasterKeys]
        Gives the master keys.
    randomness : Randomness
        Gives key and nonce.

    Returns
    -------
    DataKey
    """
    _lock(connection, "ROW EXCLUSIVE")  # before the master key is looked up: see rewrap_keys
    key = make_data_key(owner, 1, randomness=randomness)
    wrapped = wrap(key, read_ring().current, randomness=randomness)
    row = {"tenant": owner.tenant, "subject": owner.subject, "version": 1}
    connection.execute(insert(DATA_KEYS).values(**row, master=wrapped.master, sealed=wrapped.sealed))
    return key


def open_key(connection: Connection, tenant: str, subject: str, *, read_ring: Callable[[], MasterKeys]) -> DataKey:
    """Open a subject's data key.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    tenant : str
        The tenant's id.
    subject : str
        A patient's id, or `TENANT`.
    read_ring : Callable[[], MasterKeys]
        Gives the master keys; asked after the row was read, so that a key that was rotated in between is there.

    Returns
    -------
    DataKey

    Raises
    ------
    NotStored
        When the subject has no key: it never had one, or it was destroyed.
    """
    row = connection.execute(_NEWEST, {"tenant": tenant, "subject": subject}).first()
    if row is None:
        raise NotStored("There is no such tenant or patient here, or not any more.")
    return unwrap(WrappedKey(Owner(row.tenant, row.subject), row.version, row.master, row.sealed), read_ring())


def destroy_key(connection: Connection, owner: Owner) -> None:
    """Delete a subject's data key: nothing that it encrypted can be read again.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    owner : Owner
        Whose key goes.
    """
    wanted = (DATA_KEYS.c.tenant == owner.tenant) & (DATA_KEYS.c.subject == owner.subject)
    connection.execute(delete(DATA_KEYS).where(wanted))


def rewrap_keys(engine: Engine, *, read_ring: Callable[[], MasterKeys], randomness: Randomness) -> int:
    """Wrap every data key under the current master key, in small transactions beside the clinic's work.

    Parameters
    ----------
    engine : Engine
        Of the database.
    read_ring : Callable[[], MasterKeys]
        Gives the master keys; all processes must see the new one before this begins.
    randomness : Randomness
        Gives nonces.

    Returns
    -------
    int
        How many keys were under an earlier master key.
    """
    keys, count = read_ring(), 0
    current = keys.current
    with begin(engine) as connection:
        # Waits for those who wrapped under the key before and have not committed; who comes later sees the new one.
        _lock(connection, "SHARE ROW EXCLUSIVE")
    stale = select(DATA_KEYS).where(DATA_KEYS.c.master != current.id).limit(_BATCH).with_for_update()
    while True:
        with begin(engine) as connection:
            rows = connection.execute(stale).all()
            for row in rows:
                wrapped = WrappedKey(Owner(row.tenant, row.subject), row.version, row.master, row.sealed)
                fresh = wrap(unwrap(wrapped, keys), current, randomness=randomness)
                place = (DATA_KEYS.c.tenant == row.tenant) & (DATA_KEYS.c.subject == row.subject)
                place &= DATA_KEYS.c.version == row.version
                connection.execute(update(DATA_KEYS).where(place).values(master=fresh.master, sealed=fresh.sealed))
        if not rows:
            return count
        count += len(rows)


def _lock(connection: Connection, mode: str) -> None:
    """Lock the table until the transaction ends; SQLite's transactions that write wait for each other anyway."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"LOCK TABLE {DATA_KEYS.name} IN {mode} MODE")
