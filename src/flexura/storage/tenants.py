"""Tenants: a clinic each, with a key and an audit log of its own."""

from sqlalchemy import insert, select

from flexura.errors import StoreConflict
from flexura.security.encryption import Owner
from flexura.storage.auditlog import create_log
from flexura.storage.database import begin
from flexura.storage.datakeys import TENANT, create_key
from flexura.storage.store import Store
from flexura.storage.tables import TENANTS


def create_tenant(store: Store, tenant: str) -> None:
    """Found a tenant.

    Parameters
    ----------
    store : Store
        Where.
    tenant : str
        Its id: 1 to 64 letters, digits and hyphens.

    Raises
    ------
    StoreConflict
        When the id is unfit or taken.
    """
    if not 1 <= len(tenant) <= 64 or not tenant.replace("-", "").isalnum() or not tenant.isascii():
        raise StoreConflict("A tenant's id has 1 to 64 letters, digits and hyphens.")
    with begin(store.engine) as connection:
        now = store.clock()
        connection.execute(insert(TENANTS).values(id=tenant, created_at=now))
        owner = Owner(tenant, TENANT)
        key = create_key(connection, owner, read_ring=store.read_ring, randomness=store.randomness)
        create_log(connection, tenant, key=key, now=now)


def list_tenants(store: Store) -> tuple[str, ...]:
    """Name all tenants, sorted."""
    with begin(store.engine) as connection:
        return tuple(connection.scalars(select(TENANTS.c.id).order_by(TENANTS.c.id)))
