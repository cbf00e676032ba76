"""The environment becomes settings, or an error that names the variable."""

from dataclasses import fields
from pathlib import Path

import pytest

from flexura.errors import SettingsError
from flexura.inference.gathering import Batching
from flexura.security.hsmaddress import HsmAddress
from flexura.settings import (
    VARIABLES,
    Secret,
    Settings,
    intake_limits,
    open_reader,
    plan_batching,
    read_party,
    read_registration,
    read_settings,
    unknown_variables,
)

DOCUMENT = Path(__file__).parents[1] / "docs" / "settings.md"


HSM = HsmAddress(Path("/lib/p11.so"), "clinic", "flexura", Path("/run/pin"))


def test_an_empty_environment_gives_the_defaults():
    assert read_settings({}) == Settings()


def test_every_variable_is_read():
    environment = {
        "FLEXURA_BUNDLE": "/models/one",
        "FLEXURA_MAX_BYTES": "1000",
        "FLEXURA_MAX_PIXELS": "2000",
        "FLEXURA_DECODING_BYTES": "4000",
        "FLEXURA_DECODING_SECONDS": "5",
        "FLEXURA_THREADS": "3",
        "FLEXURA_DEVICE": "CUDA",
        "FLEXURA_BATCH": "8",
        "FLEXURA_BATCH_WAIT_MS": "0",
        "FLEXURA_PREPROCESS": "artefacts, scale",
        "FLEXURA_CORRECT": "none",
        "FLEXURA_COLOUR_CARD_MM": "72.5",
        "FLEXURA_DEBUG": "1",
        "FLEXURA_DATA_DIR": "/clinic",
        "FLEXURA_DATABASE": "postgresql://flexura:hush@db/clinic",
        "FLEXURA_MASTER_KEY_FILE": "/run/secrets/key",
        "FLEXURA_MASTER_KEY": "hush",
        "FLEXURA_MASTER_KEY_HSM": "pkcs11:token=clinic;object=flexura?module-path=/lib/p11.so&pin-source=/run/pin",
        "FLEXURA_EARLIER_MASTER_KEYS": "/run/secrets/earlier",
        "FLEXURA_ORIGIN": "https://clinic.test",
        "FLEXURA_OIDC_ISSUER": "https://id.clinic.test",
        "FLEXURA_OIDC_CLIENT": "flexura",
        "FLEXURA_OIDC_SECRET": "hush",
    }
    assert set(environment) == {variable.name for variable in VARIABLES}
    assert read_settings(environment) == Settings(
        Path("/models/one"),
        max_bytes=1000,
        max_pixels=2000,
        decoding_bytes=4000,
        decoding_seconds=5,
        threads=3,
        device="cuda",
        batch=8,
        batch_wait_ms=0,
        preprocess=("scale", "artefacts"),
        correct=(),
        colour_card_mm=72.5,
        debug=True,
        data_dir=Path("/clinic"),
        database=Secret("postgresql://flexura:hush@db/clinic"),
        master_key_file=Path("/run/secrets/key"),
        master_key=Secret("hush"),
        master_key_hsm=HSM,
        earlier_master_keys=Path("/run/secrets/earlier"),
        origin="https://clinic.test",
        oidc_issuer="https://id.clinic.test",
        oidc_client="flexura",
        oidc_secret=Secret("hush"),
    )


def test_earlier_keys_are_in_a_file_or_a_token():
    uri = "pkcs11:token=clinic;object=flexura?module-path=/lib/p11.so&pin-source=/run/pin"
    assert read_settings({"FLEXURA_EARLIER_MASTER_KEYS": uri}).earlier_master_keys == HSM


def test_secrets_do_not_show_themselves():
    settings = read_settings({"FLEXURA_DATABASE": "hush", "FLEXURA_MASTER_KEY": "hush"})
    assert "hush" not in f"{settings} {settings!r} {settings.database} {settings.master_key}"


PROVIDER = {
    "FLEXURA_OIDC_ISSUER": "https://id.clinic.test",
    "FLEXURA_OIDC_CLIENT": "flexura",
    "FLEXURA_ORIGIN": "https://clinic.test",
}


def test_a_provider_is_named_whole_or_not_at_all():
    assert read_registration(read_settings({})) is None
    known = read_registration(read_settings(PROVIDER | {"FLEXURA_OIDC_SECRET": "hush"}))
    assert (known.return_to, known.secret) == ("https://clinic.test/sign-in/openid/back", "hush")
    assert read_registration(read_settings(PROVIDER)).secret is None
    for missing in PROVIDER:
        with pytest.raises(SettingsError, match=missing):
            read_registration(read_settings(PROVIDER | {missing: ""}))


def test_passkeys_know_the_clinic_by_its_origin():
    assert read_party(read_settings({})) is None
    assert read_party(read_settings({"FLEXURA_ORIGIN": "https://127.0.0.1:8443"})) is None
    party = read_party(read_settings({"FLEXURA_ORIGIN": "https://clinic.test:8443"}))
    assert (party.host, party.origin) == ("clinic.test", "https://clinic.test:8443")
    with pytest.raises(SettingsError, match="FLEXURA_ORIGIN"):
        read_party(read_settings({"FLEXURA_ORIGIN": "clinic.test"}))


def test_an_empty_variable_counts_as_unset():
    assert read_settings({"FLEXURA_THREADS": " "}) == Settings()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("FLEXURA_THREADS", "0"),
        ("FLEXURA_THREADS", "two"),
        ("FLEXURA_MAX_BYTES", "-5"),
        ("FLEXURA_MAX_PIXELS", "1e6"),
        ("FLEXURA_DEVICE", "tpu"),
        ("FLEXURA_BATCH", "0"),
        ("FLEXURA_BATCH_WAIT_MS", "-1"),
        ("FLEXURA_PREPROCESS", "hair"),
        ("FLEXURA_CORRECT", "scale"),
        ("FLEXURA_COLOUR_CARD_MM", "7 cm"),
        ("FLEXURA_COLOUR_CARD_MM", "4.9"),
        ("FLEXURA_DEBUG", "maybe"),
        ("FLEXURA_MASTER_KEY_HSM", "/run/secrets/key"),
        ("FLEXURA_EARLIER_MASTER_KEYS", "pkcs11:pin-value=hush"),
    ],
)
def test_a_useless_value_is_an_error_that_names_its_variable_and_not_its_value(name, text):
    with pytest.raises(SettingsError, match=name) as caught:
        read_settings({name: text})
    assert text not in str(caught.value).replace("from 1 up", "").replace("from 0 up", "").replace("1 or 0", "")


@pytest.mark.parametrize(
    ("environment", "batching"),
    [
        ({}, None),
        ({"FLEXURA_BATCH": "1", "FLEXURA_BATCH_WAIT_MS": "9"}, None),
        ({"FLEXURA_BATCH": "8"}, Batching(8, 0.005)),
        ({"FLEXURA_BATCH": "4", "FLEXURA_BATCH_WAIT_MS": "20"}, Batching(4, 0.02)),
        ({"FLEXURA_BATCH": "4", "FLEXURA_BATCH_WAIT_MS": "0"}, Batching(4, 0.0)),
    ],
)
def test_photos_are_looked_at_together_only_where_that_is_asked_for(environment, batching):
    assert plan_batching(read_settings(environment)) == batching


def test_every_field_has_a_variable_and_every_variable_a_field():
    assert sorted(variable.field for variable in VARIABLES) == sorted(field.name for field in fields(Settings))


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_every_variable_is_documented(variable):
    assert f"| `{variable.name}` |" in DOCUMENT.read_text(encoding="utf-8")


def test_nothing_else_is_documented():
    documented = {line.split("`")[1] for line in DOCUMENT.read_text().splitlines() if line.startswith("| `FLEXURA_")}
    assert documented == {variable.name for variable in VARIABLES}


def test_slips_of_the_pen_are_named():
    assert unknown_variables({"FLEXURA_THREAD": "2", "FLEXURA_DEBUG": "1", "HOME": "/"}) == ("FLEXURA_THREAD",)


def test_only_what_is_set_replaces_intakes_own_limits():
    with open_reader(Settings()) as usual, open_reader(Settings(max_bytes=5, decoding_seconds=2)) as chosen:
        assert (chosen.limits.max_bytes, chosen.decoding.max_seconds) == (5, 2)
        assert chosen.limits.max_pixels == usual.limits.max_pixels
        assert chosen.decoding.max_memory_bytes == usual.decoding.max_memory_bytes


def test_the_limits_of_a_file_are_those_of_the_reader():
    settings = Settings(max_bytes=5, max_pixels=7)
    with open_reader(settings) as reader:
        assert intake_limits(settings) == reader.limits
