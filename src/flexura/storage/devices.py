"""Machines that hand photos in by DICOM: admitted by an administrator, known by title and certificate.

A device acts as a user of the role `device`, who has a name and no password that anybody knows: it stands among the
users, and whoever is locked out there hands nothing in.
"""

import hmac
import re
from typing import Final

from sqlalchemy import insert, select, update

from flexura.errors import NotAuthenticated, StoreConflict
from flexura.security.passwords import USUAL_COST, HashCost, hash_password
from flexura.storage.database import begin
from flexura.storage.store import Actor, Store, Visit
from flexura.storage.tables import DEVICES, USERS

_ROLE: Final = "device"
# PS3.5 table 6.2-1, AE, without spaces around it.
_TITLE: Final = re.compile(r"[!-\[\]-~](?:[ -\[\]-~]{0,14}[!-\[\]-~])?")


def admit_device(visit: Visit, title: str, certificate: str | None, *, cost: HashCost = USUAL_COST) -> str:
    """Let a machine hand in photos; one that is known gets another certificate.

    Parameters
    ----------
    visit : Visit
        The transaction of an administrator.
    title : str
        The application entity title that it calls itself, 1 to 16 characters; its user has the same name.
    certificate : str | None
        SHA-256 of the certificate that it shows, 64 hexadecimal digits; `None` for one on this machine, without TLS.
    cost : HashCost
        What a hash costs.

    Returns
    -------
    str
        The id of its user.

    Raises
    ------
    StoreConflict
        When the title is unfit, another tenant's, or (as the visit ends) the name of a user who is no device.
    """
    if not _TITLE.fullmatch(title):
        raise StoreConflict("A title has 1 to 16 characters of ASCII without backslash, and no space around it.")
    known = select(DEVICES.c.user_id, USERS.c.tenant).join(USERS, DEVICES.c.user_id == USERS.c.id)
    row = visit.connection.execute(known.where(DEVICES.c.title == title)).first()
    if row is not None and row.tenant != visit.actor.tenant:
        raise StoreConflict("This title is taken.")
    user = visit.store.make_id() if row is None else str(row.user_id)
    visit.record("user.manage", f"users/{user}")
    if row is not None:
        visit.connection.execute(update(DEVICES).where(DEVICES.c.title == title).values(certificate=certificate))
        return user
    nobodys = hash_password(visit.store.randomness(32).hex(), cost)
    account = {"id": user, "tenant": visit.actor.tenant, "name": title, "role": _ROLE, "password": nobodys}
    visit.connection.execute(insert(USERS).values(**account, created_at=visit.now))
    visit.connection.execute(insert(DEVICES).values(title=title, user_id=user, certificate=certificate))
    return user


def recognise_device(store: Store, title: str, certificate: str | None, *, address: str | None = None) -> Actor:
    """Recognise the machine that calls.

    Parameters
    ----------
    store : Store
        Where it is known.
    title : str
        What it calls itself.
    certificate : str | None
        SHA-256 of the certificate that it has shown; `None` without TLS.
    address : str | None
        Where it calls from.

    Returns
    -------
    Actor
        Its user; what it brings is for treatment.

    Raises
    ------
    NotAuthenticated
        When nobody admitted this title, with just this certificate, or its user is locked out.
    """
    joined = select(DEVICES.c.certificate, USERS).join(USERS, DEVICES.c.user_id == USERS.c.id)
    with begin(store.engine) as connection:
        row = connection.execute(joined.where(DEVICES.c.title == title, USERS.c.disabled_at.is_(None))).first()
    if row is None or not hmac.compare_digest(row.certificate or "", certificate or ""):
        raise NotAuthenticated("Nobody admitted this device with this certificate.")
    return Actor(row.tenant, row.id, row.role, address, purpose="TREAT")
