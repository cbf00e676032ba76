"""The way into a clinic's data: one transaction, in which every touch of a patient is permitted and on record.

A patient's data key comes out of `Visit.touch` only, which asks the table of roles and writes the audit event: no
permission, no key; no event, no commit. What was refused or failed is on record too. Clock and randomness are
given to the store once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, bindparam, select

from flexura.errors import (
    AccessRefused,
    DatabaseUnavailable,
    FlexuraError,
    Forbidden,
    HsmUnavailable,
    NotStored,
    PhotoUnfit,
)
from flexura.security.audit import AuditEvent, Outcome
from flexura.security.encryption import DataKey
from flexura.security.keys import MasterKeys, Randomness
from flexura.security.roles import Scope, permit
from flexura.security.verbs import VERBS
from flexura.storage import datakeys
from flexura.storage.auditlog import append_events
from flexura.storage.database import begin
from flexura.storage.tables import BROKEN_GLASS, CARE_TEAMS, PATIENTS

_ID_BYTES: Final = 16
_EMERGENCY: Final = "BTG"  # v3-ActReason: break the glass
# Asked with every touch: building a statement anew costs five times what asking does.
_IN_TEAM: Final = (
    select(CARE_TEAMS.c.user_id)
    .select_from(
        PATIENTS.outerjoin(
            CARE_TEAMS, (CARE_TEAMS.c.patient == PATIENTS.c.id) & (CARE_TEAMS.c.user_id == bindparam("user"))
        )
    )
    .where(
        PATIENTS.c.id == bindparam("patient"),
        PATIENTS.c.tenant == bindparam("tenant"),
        PATIENTS.c.deleted_at.is_(None),
    )
)
_GLASS: Final = (
    select(BROKEN_GLASS.c.id)
    .where(
        BROKEN_GLASS.c.patient == bindparam("patient"),
        BROKEN_GLASS.c.user_id == bindparam("user"),
        BROKEN_GLASS.c.opened_at <= bindparam("now"),
        BROKEN_GLASS.c.closes_at > bindparam("now"),
    )
    .limit(1)
)


@dataclass(frozen=True)
class Actor:
    """Who acts: a user or program of one tenant, in a role, from an address; a token narrows it to `scopes`."""

    tenant: str
    user: str
    role: str
    address: str | None = None
    purpose: str | None = None
    scopes: frozenset[str] | None = None


@dataclass(frozen=True)
class Store:
    """Where the data is and what is needed to work on it.

    `read_ring` gives the master keys as they are now, so that a rotation needs no restart; `folder` holds the photos.
    """

    engine: Engine
    folder: Path
    read_ring: Callable[[], MasterKeys] = field(repr=False)
    clock: Callable[[], datetime]
    randomness: Randomness

    @contextmanager
    def visit(self, actor: Actor) -> Iterator["Visit"]:
        """Run one transaction in the name of an actor.

        Parameters
        ----------
        actor : Actor
            Who acts.

        Yields
        ------
        Visit
            Committed with its audit events when the block ends; rolled back when it raises, and its touches
            then stand in the log as refused or failed.

        Raises
        ------
        Exception
            What the block, or the commit, raised.
        """
        touched: list[AuditEvent] = []
        try:
            with begin(self.engine) as connection:
                visit = Visit(self, connection, actor, self.clock(), touched)
                yield visit
                self._write(visit)
        except (DatabaseUnavailable, HsmUnavailable):
            raise  # nothing was given out, and nothing can be written
        except Exception as error:  # a bug of ours, too, leaves a record of what it touched
            with begin(self.engine) as connection:
                ended = [_ended(event, error) for event in touched]
                self._write(Visit(self, connection, actor, self.clock(), ended))
            raise

    def _write(self, visit: "Visit") -> None:
        """The log's head is locked last and for the shortest time."""
        if visit.touched:
            append_events(visit.connection, visit.touched, key=visit.tenant_key(), now=self.clock())

    def make_id(self) -> str:
        """Make a new id: 128 random bits as 32 hexadecimal digits."""
        return self.randomness(_ID_BYTES).hex()


@dataclass(frozen=True)
class Visit:
    """One transaction of one actor at one time."""

    store: Store
    connection: Connection
    actor: Actor
    now: datetime
    touched: list[AuditEvent]
    # Of the tenant, and of patients touched in this transaction: a list of one patient's cases unwraps one key once.
    _keys: dict[str, DataKey] = field(default_factory=dict, repr=False)

    def touch(self, verb: str, patient: str, entity: str) -> DataKey:
        """Ask for a patient's data: permitted, put on record, and answered with the patient's key.

        Parameters
        ----------
        verb : str
            A row of `VERBS` that touches a patient.
        patient : str
            The patient's id.
        entity : str
            What is touched: table/ID.

        Returns
        -------
        DataKey
            For this transaction only.

        Raises
        ------
        Forbidden
            When role, care team or token do not allow it, or allow de-identified data only.
        NotStored
            When this tenant has no such patient.
        """
        assert VERBS[verb].of_patient, f"{verb} touches no patient"
        if self._enter(verb, patient, entity) is Scope.DEIDENTIFIED:
            raise Forbidden("This role sees de-identified data only.")
        return self._open_key(patient)

    def admit(self, verb: str, patient: str, entity: str) -> None:
        """Permit and record a touch of a patient whose data is not to be opened.

        Parameters
        ----------
        verb : str
            A row of `VERBS`.
        patient : str
            The patient's id.
        entity : str
            What is touched: table/ID.

        Raises
        ------
        Forbidden
            When role, care team or token do not allow it.
        NotStored
            When this tenant has no such patient.
        """
        self._enter(verb, patient, entity)

    def record(self, verb: str, entity: str | None = None) -> None:
        """Permit and record what touches no patient.

        Parameters
        ----------
        verb : str
            A row of `VERBS`.
        entity : str | None
            What is touched: table/ID.

        Raises
        ------
        Forbidden
            When role or token do not allow it.
        """
        self.attempt(verb, entity)
        self._permit(verb)

    def attempt(self, verb: str, entity: str | None) -> None:
        """Record what needs no permission: that somebody tries to sign in."""
        self.touched.append(self._event(verb, None, entity, self.actor.purpose))

    def in_name_of(self, actor: Actor) -> "Visit":
        """Give the same transaction to another actor of the tenant: a program that does what a person asks for."""
        assert actor.tenant == self.actor.tenant, "an actor of another tenant"
        return replace(self, actor=actor)

    def put_off(self) -> None:
        """Leave it to a later visit, which touches the same again, to put on record what was touched so far."""
        self.touched.clear()

    def tenant_key(self) -> DataKey:
        """Give the key of the tenant's own records; it opens no patient."""
        return self._open_key(datakeys.TENANT)

    def _open_key(self, subject: str) -> DataKey:
        if subject not in self._keys:
            key = datakeys.open_key(self.connection, self.actor.tenant, subject, read_ring=self.store.read_ring)
            self._keys[subject] = key
        return self._keys[subject]

    def _enter(self, verb: str, patient: str, entity: str) -> Scope:
        """Care team or broken glass decide; the record says which it was, also of what is refused."""
        owns = self._find(patient)
        glass = not owns and self._has_broken_glass(patient)
        purpose = _EMERGENCY if glass else self.actor.purpose
        self.touched.append(self._event(verb, patient, entity, purpose))
        return self._permit(verb, owns=owns, glass=glass)

    def _permit(self, verb: str, *, owns: bool = False, glass: bool = False) -> Scope:
        scope = permit(self.actor.role, verb, owns=owns, glass=glass)
        if self.actor.scopes is not None and verb not in self.actor.scopes:
            raise Forbidden("This token is not good for this.")
        return scope

    def _find(self, patient: str) -> bool:
        """Whether the actor is in the care team of a patient that must be there."""
        who = {"patient": patient, "tenant": self.actor.tenant, "user": self.actor.user}
        row = self.connection.execute(_IN_TEAM, who).first()
        if row is None:
            raise NotStored("There is no such patient here.")
        return row.user_id is not None

    def _has_broken_glass(self, patient: str) -> bool:
        who = {"patient": patient, "user": self.actor.user, "now": self.now}
        return self.connection.scalar(_GLASS, who) is not None

    def _event(self, verb: str, patient: str | None, entity: str | None, purpose: str | None) -> AuditEvent:
        return AuditEvent(
            id=self.store.make_id(),
            at=self.now,
            tenant=self.actor.tenant,
            user=self.actor.user,
            role=self.actor.role,
            verb=verb,
            patient=patient,
            entity=entity,
            address=self.actor.address,
            purpose=purpose,
        )


def _ended(event: AuditEvent, error: Exception) -> AuditEvent:
    outcome: Outcome = "refused" if isinstance(error, AccessRefused) else "failed"
    codes = (error.code if isinstance(error, FlexuraError) else FlexuraError.code,)
    gate = (code for code, _ in error.reasons) if isinstance(error, PhotoUnfit) else ()
    return replace(event, outcome=outcome, reason=" ".join((*codes, *gate)))
