"""The verbs of whoever runs a clinic's machine, from the first key to a restored backup."""

import base64
from datetime import UTC, datetime

import pytest
from pyotp import parse_uri
from sqlalchemy import delete

from flexura.errors import NotAuthenticated
from flexura.inference import adoption
from flexura.settings import open_store, read_settings
from flexura.storage.cases import add_photo, create_case, write_photo
from flexura.storage.credentials import Credentials, sign_in
from flexura.storage.database import begin
from flexura.storage.objects import object_path
from flexura.storage.patients import Identity, create_patient
from flexura.storage.store import Actor
from flexura.storage.tables import AUDIT_ENTRIES
from flexura.storage.users import recognise_token

PASSWORD = "seven green ladders"


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """The settings of an empty clinic on SQLite."""
    wanted = {"FLEXURA_DATA_DIR": str(tmp_path / "clinic"), "FLEXURA_MASTER_KEY_FILE": str(tmp_path / "keys")}
    for name in ("FLEXURA_DATABASE", "FLEXURA_MASTER_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in wanted.items():
        monkeypatch.setenv(name, value)
    return wanted


@pytest.fixture
def clinic(environment, run):
    """Key and first user are made."""
    assert run("admin", "key", "create").exit_code == 0
    made = run("admin", "user", "add", "maria", "--role", "clinician", "--no-codes", "--password", PASSWORD)
    assert made.exit_code == 0, made.output
    return environment


def _store(environment):
    return open_store(read_settings(environment))


def _sign_in(environment):
    store = _store(environment)
    try:
        return sign_in(store, Credentials("clinic", "maria", PASSWORD))
    finally:
        store.engine.dispose()


def test_the_first_user_can_sign_in(clinic):
    assert _sign_in(clinic).secret


def test_nothing_starts_without_key_or_folder(environment, run, monkeypatch):
    missing = run("admin", "user", "add", "maria", "--role", "clinician", "--password", PASSWORD)
    assert (missing.exit_code, "[key_missing]" in missing.stderr) == (4, True)
    monkeypatch.setenv("FLEXURA_MASTER_KEY", base64.b64encode(bytes(32)).decode())
    both = run("admin", "backup", "x")
    assert (both.exit_code, "[settings_invalid]" in both.stderr) == (2, True)
    monkeypatch.delenv("FLEXURA_MASTER_KEY_FILE")
    weak = run("admin", "backup", "x")
    assert (weak.exit_code, "[key_unfit]" in weak.stderr) == (4, True)
    monkeypatch.delenv("FLEXURA_DATA_DIR")
    assert run("admin", "backup", "x").exit_code == 2


def test_a_key_is_never_made_over_another(clinic, run):
    again = run("admin", "key", "create")
    assert (again.exit_code, "[output_unwritable]" in again.stderr) == (2, True)


def test_codes_are_asked_for_unless_told_otherwise(clinic, run):
    added = run("admin", "user", "add", "eve", "--role", "nurse", "--password", PASSWORD)
    assert "otpauth://totp/" in added.output


def test_weak_passwords_and_taken_names_are_refused(clinic, run):
    for name, password, code in (("eve", "short", "password_unfit"), ("maria", PASSWORD, "store_conflict")):
        refused = run("admin", "user", "add", name, "--role", "nurse", "--password", password)
        assert (refused.exit_code, f"[{code}]" in refused.stderr) == (2, True)


def test_a_token_is_shown_once_and_good_for_its_verbs(clinic, run):
    made = run("admin", "token", "add", "maria", "--for", "patient.find", "--for", "patient.read", "--days", "1")
    assert made.exit_code == 0
    store = _store(clinic)
    assert recognise_token(store, made.stdout.strip(), "patient.find").role == "clinician"
    store.engine.dispose()
    for arguments, code in ((("maria", "--for", "tea.make"), "token_unfit"), (("eve", "--for", "x"), "not_stored")):
        refused = run("admin", "token", "add", *arguments)
        assert (refused.exit_code, f"[{code}]" in refused.stderr) == (2, True)


def test_the_last_administrator_is_not_locked_out(clinic, run):
    more = ("--role", "administrator", "--no-codes", "--password", PASSWORD)
    assert run("admin", "user", "add", "ann", *more).exit_code == 0
    refused = run("admin", "user", "disable", "ann")
    assert (refused.exit_code, "[lockout_refused]" in refused.stderr) == (2, True)
    assert run("admin", "user", "add", "bob", *more).exit_code == 0
    assert run("admin", "user", "disable", "ann").exit_code == 0


def test_a_disabled_user_is_out(clinic, run):
    assert run("admin", "user", "disable", "maria").exit_code == 0
    with pytest.raises(NotAuthenticated):
        _sign_in(clinic)


def test_an_enabled_user_is_in_again(clinic, run):
    run("admin", "user", "disable", "maria")
    assert run("admin", "user", "enable", "maria").exit_code == 0
    assert _sign_in(clinic)
    assert run("admin", "user", "enable", "nobody").exit_code == 2


def test_a_rotated_key_opens_alone(clinic, run, tmp_path):
    assert run("admin", "key", "rotate").exit_code == 0
    lines = (tmp_path / "keys").read_text().splitlines()
    (tmp_path / "keys").write_text("\n".join(lines[:2]))  # comment and newest key
    assert len(lines) == 3
    assert _sign_in(clinic)


def test_the_log_is_verified_against_what_was_kept(clinic, run, tmp_path):
    first = run("admin", "audit", "verify")
    assert first.exit_code == 0
    (tmp_path / "kept").write_text(first.stdout)
    assert run("admin", "audit", "verify", "--anchor", tmp_path / "kept").exit_code == 0
    store = _store(clinic)
    with begin(store.engine) as connection:
        connection.execute(delete(AUDIT_ENTRIES).where(AUDIT_ENTRIES.c.number == 1))
    store.engine.dispose()
    broken = run("admin", "audit", "verify")
    assert broken.exit_code == 4
    assert "unchained" in broken.stderr
    assert run("admin", "audit", "verify", "--anchor", tmp_path / "nothing").exit_code == 2


def test_a_backup_is_restored_elsewhere(clinic, run, tmp_path, monkeypatch):
    assert run("admin", "backup", tmp_path / "backup").exit_code == 0
    assert run("admin", "restore", tmp_path / "backup").exit_code == 4  # there is data already
    monkeypatch.setenv("FLEXURA_DATA_DIR", str(tmp_path / "elsewhere"))
    restored = run("admin", "restore", tmp_path / "backup")
    assert restored.exit_code == 0, restored.output
    assert _sign_in(clinic | {"FLEXURA_DATA_DIR": str(tmp_path / "elsewhere")})
    assert run("admin", "audit", "verify").exit_code == 0
    assert run("admin", "upgrade").exit_code == 0


def test_a_restored_clinic_answers_with_the_bundle_that_it_had_adopted(clinic, run, tmp_path, monkeypatch, tiny_bundle):
    models = tmp_path / "clinic/models"
    name = adoption.keep(models, tiny_bundle)
    planned = adoption.plan_adoption(
        models, name, by="maria", now=datetime(2026, 3, 1, tzinfo=UTC), comparison="c" * 64
    )
    adoption.put_in_force(models, planned)
    assert run("admin", "backup", tmp_path / "backup").exit_code == 0
    monkeypatch.setenv("FLEXURA_DATA_DIR", str(tmp_path / "elsewhere"))
    assert run("admin", "restore", tmp_path / "backup").exit_code == 0
    there = tmp_path / "elsewhere/models"
    assert adoption.identify(adoption.find_in_force(there)) == name
    assert adoption.read_log(there) == (planned,)
    (there / name / "look.onnx").write_bytes(b"other")
    damaged = run("admin", "backup", tmp_path / "again")
    assert (damaged.exit_code, "[bundle_mismatch]" in damaged.stderr) == (4, True)
    assert not (tmp_path / "again").exists()


def test_upkeep_clears_what_nobody_knows_and_names_what_is_damaged(clinic, run, tmp_path):
    store = _store(clinic)
    maria = Actor("clinic", "maria", "clinician")
    with store.visit(maria) as visit:
        case = create_case(visit, create_patient(visit, Identity("MRN-1", "Jane Doe")), {})
    with write_photo(store, maria, case, b"photo") as written, store.visit(maria) as visit:
        add_photo(visit, written)
    (store.folder / "00" / ".new-interrupted").write_bytes(b"half")
    well = run("admin", "upkeep")
    assert (well.exit_code, well.stdout) == (
        0, "Removed 1 files that nobody knows; 0 photos' files are gone or damaged.\n"
    )  # fmt: skip
    object_path(store.folder, written.name).unlink()
    store.engine.dispose()
    ill = run("admin", "upkeep")
    assert (ill.exit_code, written.name in ill.stderr, "[object_damaged]" in ill.stderr) == (4, True, True)


def test_a_user_is_linked_to_an_account_of_a_provider_that_is_set(clinic, run, monkeypatch):
    refused = run("admin", "user", "link", "maria", "--subject", "7")
    assert (refused.exit_code, "[settings_invalid]" in refused.stderr) == (2, True)
    for name, value in {"ISSUER": "https://id.clinic.test", "CLIENT": "flexura"}.items():
        monkeypatch.setenv(f"FLEXURA_OIDC_{name}", value)
    monkeypatch.setenv("FLEXURA_ORIGIN", "https://clinic.test")
    linked = run("admin", "user", "link", "maria", "--subject", "7")
    assert (linked.exit_code, linked.output) == (0, "Linked to an account of https://id.clinic.test.\n")
    unknown = run("admin", "user", "link", "nobody", "--subject", "8")
    assert (unknown.exit_code, "[not_stored]" in unknown.stderr) == (2, True)
    assert run("admin", "user", "unlink", "maria").exit_code == 0


def test_who_lost_the_second_factor_gets_a_new_one(clinic, run):
    told = run("admin", "user", "second-factor", "maria")
    assert told.exit_code == 0, told.output
    with pytest.raises(NotAuthenticated):
        _sign_in(clinic)
    code = parse_uri(told.output.split()[-1]).now()
    store = _store(clinic)
    assert sign_in(store, Credentials("clinic", "maria", PASSWORD, code)).secret
    store.engine.dispose()
    assert run("admin", "user", "second-factor", "nobody").exit_code == 2
