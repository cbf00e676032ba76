"""PKCS#11 URIs: what is read, and what is refused without being repeated."""

from pathlib import Path

import pytest

from flexura.security.hsmaddress import HsmAddress, parse_address

WHOLE = "pkcs11:token=clinic;object=flexura?module-path=/usr/lib/p11.so&pin-source=/etc/flexura/pin"
READ = HsmAddress(Path("/usr/lib/p11.so"), "clinic", "flexura", Path("/etc/flexura/pin"))


@pytest.mark.parametrize(
    "text",
    [
        WHOLE,
        "pkcs11:object=flexura;type=secret-key;token=clinic?pin-source=file:/etc/flexura/pin&module-path=/usr/lib/p11.so",
        WHOLE.replace("/etc", "file:///etc"),
        WHOLE.replace("clinic", "cl%69nic").replace("/usr", "%2Fusr"),
    ],
)
def test_a_whole_address_is_read_in_any_order(text):
    assert parse_address(text) == READ


def test_labels_may_hold_blanks_and_signs_of_the_uri():
    assert parse_address(WHOLE.replace("token=clinic", "token=Ward%201%3b%20caf%C3%A9")).token == "Ward 1; café"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pkcs11:",
        "file:/etc/flexura/keys",
        WHOLE.replace("pkcs11:", "PKCS12:"),
        WHOLE.replace("token=clinic;", ""),
        WHOLE.replace("object=flexura", "object="),
        WHOLE.replace("&pin-source=/etc/flexura/pin", ""),
        WHOLE.replace("?module-path=/usr/lib/p11.so&", "?"),
        WHOLE.replace("object=", "type=private;object="),
        WHOLE.replace("object=", "token=other;object="),
        WHOLE.replace("object=", "colour=red;object="),
        WHOLE.replace("clinic", "%ff"),
        WHOLE + "&pin-value=hush",
        WHOLE.replace("pin-source", "pin-value"),
    ],
)
def test_what_is_missing_doubled_or_unknown_is_refused_and_a_pin_is_never_taken(text):
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the message is what is looked at
        parse_address(text)
    assert "hush" not in str(caught.value)
    assert "clinic" not in str(caught.value)
