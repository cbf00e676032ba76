"""Master keys from the console: in a file, in a token, and on the way from one to the other."""

import sys

import pytest
from sqlalchemy import select

from flexura.settings import open_store, read_settings
from flexura.storage.database import begin
from flexura.storage.patients import Identity, create_patient, read_patient
from flexura.storage.store import Actor
from flexura.storage.tables import DATA_KEYS

MARIA = Actor("clinic", "maria", "clinician")
JANE = Identity("MRN-1", "Jane Doe")
SOURCES = ("FLEXURA_MASTER_KEY", "FLEXURA_MASTER_KEY_FILE", "FLEXURA_MASTER_KEY_HSM", "FLEXURA_EARLIER_MASTER_KEYS")


@pytest.fixture
def use(tmp_path, monkeypatch):
    """Set where the master keys are, and unset where they were."""
    monkeypatch.setenv("FLEXURA_DATA_DIR", str(tmp_path / "clinic"))
    monkeypatch.delenv("FLEXURA_DATABASE", raising=False)

    def run(**sources: object) -> None:
        for name in SOURCES:
            monkeypatch.delenv(name, raising=False)
        for name, value in sources.items():
            monkeypatch.setenv(f"FLEXURA_{name}", str(value))

    run()
    return run


def _found(run):
    """The clinic, by its first user."""
    made = run(
        "admin", "user", "add", "maria", "--role", "clinician", "--no-codes", "--password", "seven green ladders"
    )
    assert made.exit_code == 0, made.output


def _visit(verb, *arguments):
    store = open_store(read_settings())
    try:
        with store.visit(MARIA) as visit:
            return verb(visit, *arguments)
    finally:
        store.engine.dispose()


def _masters():
    store = open_store(read_settings())
    with begin(store.engine) as connection:
        masters = set(connection.scalars(select(DATA_KEYS.c.master)))
    store.engine.dispose()
    return masters


def _refused(result, status, code):
    return (result.exit_code, f"[{code}]" in result.stderr) == (status, True)


def test_a_clinic_on_a_token_from_its_first_key_to_the_next(run, use, token):
    use(MASTER_KEY_HSM=token.uri)
    assert _refused(run("admin", "backup", "x"), 4, "key_missing")
    made = run("admin", "key", "create")
    assert made.output.startswith("Master key 0001")
    assert _refused(run("admin", "key", "create"), 2, "output_unwritable")
    _found(run)
    patient = _visit(create_patient, JANE)
    assert {master[:4] for master in _masters()} == {"0001"}
    rotated = run("admin", "key", "rotate")
    assert (rotated.exit_code, rotated.output.startswith("Master key 0002"), "(2 changed)" in rotated.output) == (
        0, True, True
    )  # fmt: skip
    assert {master[:4] for master in _masters()} == {"0002"}
    assert _visit(read_patient, patient) == JANE
    assert run("admin", "audit", "verify").exit_code == 0
    assert token.pin not in made.output + rotated.output


def test_a_clinic_moves_from_its_file_into_a_token_and_the_file_can_go(run, use, token, tmp_path):
    use(MASTER_KEY_FILE=tmp_path / "keys")
    assert run("admin", "key", "create").exit_code == 0
    _found(run)
    patient = _visit(create_patient, JANE)
    use(MASTER_KEY_HSM=token.uri)
    assert run("admin", "key", "create").exit_code == 0
    use(MASTER_KEY_HSM=token.uri, EARLIER_MASTER_KEYS=tmp_path / "keys")
    assert _visit(read_patient, patient) == JANE  # served meanwhile
    moved = run("admin", "key", "rewrap")
    assert (moved.exit_code, "(2 changed)" in moved.output) == (0, True), moved.output
    (tmp_path / "keys").unlink()
    use(MASTER_KEY_HSM=token.uri)
    assert _visit(read_patient, patient) == JANE
    assert {master[:4] for master in _masters()} == {"0001"}


def test_and_back_into_a_file(run, use, token, tmp_path):
    use(MASTER_KEY_HSM=token.uri)
    assert run("admin", "key", "create").exit_code == 0
    _found(run)
    use(MASTER_KEY_FILE=tmp_path / "keys", EARLIER_MASTER_KEYS=token.uri)
    assert run("admin", "key", "create").exit_code == 0
    assert run("admin", "key", "rewrap").exit_code == 0
    token.lose()
    use(MASTER_KEY_FILE=tmp_path / "keys")
    assert run("admin", "audit", "verify").exit_code == 0


def test_one_source_at_a_time(run, use, token, tmp_path):
    use(MASTER_KEY_HSM=token.uri, MASTER_KEY_FILE=tmp_path / "keys")
    for words in (("backup", "x"), ("key", "create"), ("key", "rotate")):
        assert _refused(run("admin", *words), 2, "settings_invalid")
    use(MASTER_KEY_HSM=token.uri, MASTER_KEY="x")
    assert _refused(run("admin", "backup", "x"), 2, "settings_invalid")
    use(MASTER_KEY="x")
    assert _refused(run("admin", "key", "create"), 2, "settings_invalid")


def test_an_address_with_a_pin_is_refused_and_not_shown(run, use, token):
    use(MASTER_KEY_HSM=f"{token.uri}&pin-value={token.pin}")
    refused = run("admin", "backup", "x")
    assert _refused(refused, 2, "settings_invalid")
    assert token.pin not in refused.output


def test_what_is_wrong_with_a_token_has_a_name(run, use, token):
    token.pin_file.write_text("0815")
    use(MASTER_KEY_HSM=token.uri)
    assert _refused(run("admin", "key", "create"), 4, "hsm_pin_refused")
    token.pin_file.write_text(token.pin)
    assert run("admin", "key", "create").exit_code == 0
    use(MASTER_KEY_HSM=token.uri.replace(token.label, "another"))
    assert _refused(run("admin", "backup", "x"), 4, "hsm_unavailable")
    use(MASTER_KEY_HSM=token.uri.replace("softhsm2.so", "nowhere.so"))
    assert _refused(run("admin", "backup", "x"), 4, "hsm_unfit")
    use(MASTER_KEY_HSM=token.uri.replace("object=flexura", "object=other"))
    assert _refused(run("admin", "backup", "x"), 4, "key_missing")


def test_without_the_extra_that_is_said(run, use, token, monkeypatch):
    use(MASTER_KEY_HSM=token.uri)
    monkeypatch.delitem(sys.modules, "flexura.security.hsm", raising=False)
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    refused = run("admin", "key", "create")
    assert (_refused(refused, 4, "dependency_missing"), "flexura[server,hsm]" in refused.stderr) == (True, True)
