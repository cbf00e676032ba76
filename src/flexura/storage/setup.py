"""The first start: while there is no user, who holds a link's secret may make the first administrator, once.

The secret is shown on the terminal of whoever starts the service and stored as its hash, where every process of the
clinic finds it. Each start may show another one; the first that is used ends them all.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from flexura.errors import NotAuthenticated, NotStored
from flexura.security.passwords import USUAL_COST, HashCost
from flexura.security.sessions import identify, make_secret
from flexura.storage.attempts import check_sources, count_failures, name_sources
from flexura.storage.database import begin
from flexura.storage.store import Actor, Store
from flexura.storage.tables import SETUP_LINKS, USERS
from flexura.storage.tenants import create_tenant, list_tenants
from flexura.storage.users import add_user, keep_code_secret

LASTS: Final = timedelta(hours=1)
_ACTOR: Final = "set-up"


@dataclass(frozen=True)
class Founder:
    """Who is to be the first administrator; `link` is the secret of a link, `code_secret` that of the user's app."""

    tenant: str
    name: str
    password: str
    link: str
    code_secret: str
    address: str | None = None

    def __repr__(self) -> str:
        """Hide all of it."""
        return "Founder(...)"


def has_users(store: Store) -> bool:
    """Tell whether anybody could ever sign in, of whatever tenant; who is locked out counts."""
    with begin(store.engine) as connection:
        return _has_users(connection)


def make_link(store: Store) -> str:
    """Make the secret of a link, good for an hour.

    Parameters
    ----------
    store : Store
        Without users.

    Returns
    -------
    str
        To be shown once.

    Raises
    ------
    NotStored
        When there are users.
    """
    secret, now = make_secret("fl", store.randomness), store.clock()
    with begin(store.engine) as connection:
        _check_first(connection)
        connection.execute(delete(SETUP_LINKS).where(SETUP_LINKS.c.ends_at <= now))
        connection.execute(insert(SETUP_LINKS).values(id=identify(secret), ends_at=now + LASTS))
    return secret


def make_first_administrator(store: Store, founder: Founder, *, cost: HashCost = USUAL_COST) -> str:
    """Found the clinic if need be, and add its first administrator; then no link is good any more.

    Parameters
    ----------
    store : Store
        Without users.
    founder : Founder
        What was typed.
    cost : HashCost
        What a hash costs.

    Returns
    -------
    str
        The user's id.

    Raises
    ------
    NotStored
        When there are users.
    TooManyAttempts
        When this address failed too often and too fast.
    NotAuthenticated
        When the link is wrong, used or over; that is counted.
    StoreConflict
        When the name is unfit.
    PasswordUnfit
        When the password is too weak.
    """
    now, sources = store.clock(), name_sources(address=founder.address)
    with begin(store.engine) as connection:
        check_sources(connection, sources, now=now)
    try:
        with begin(store.engine) as connection:
            _check_link(connection, founder.link, now=now)
    except NotAuthenticated:
        count_failures(store, sources, now=now)
        raise
    if founder.tenant not in list_tenants(store):
        create_tenant(store, founder.tenant)
    with store.visit(Actor(founder.tenant, _ACTOR, "administrator", founder.address)) as visit:
        _check_link(visit.connection, founder.link, now=visit.now)
        visit.connection.execute(delete(SETUP_LINKS))
        user = add_user(visit, founder.name, "administrator", founder.password, cost=cost)
        keep_code_secret(visit, user, founder.code_secret)
    return user


def _check_link(connection: Connection, secret: str, *, now: datetime) -> None:
    """All links are locked, in one order: two who use one each at once must not both succeed."""
    links = connection.execute(select(SETUP_LINKS).order_by(SETUP_LINKS.c.id).with_for_update()).all()
    _check_first(connection)
    if identify(secret) not in {link.id for link in links if link.ends_at > now}:
        raise NotAuthenticated("This set-up link is wrong, used or over; start the service again for another.")


def _check_first(connection: Connection) -> None:
    if _has_users(connection):
        raise NotStored("There is nothing to set up: this clinic has users.")


def _has_users(connection: Connection) -> bool:
    return connection.scalar(select(USERS.c.id).limit(1)) is not None
