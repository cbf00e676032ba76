"""One-time codes: the published values, one step of drift, and no code twice."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from flexura.security.codes import make_code_secret, matching_step, provisioning_uri

SECRET = base64.b32encode(b"12345678901234567890").decode()
# RFC 6238 appendix B (SHA-1), the last six of its eight digits.
PUBLISHED = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(("seconds", "code"), PUBLISHED.items())
def test_the_published_codes(seconds, code):
    assert matching_step(SECRET, code, now=_at(seconds)) == seconds // 30


@pytest.mark.parametrize(("drift", "right"), [(-31, False), (-30, True), (0, True), (59, True), (60, False)])
def test_one_step_of_drift_is_allowed(drift, right):
    now = _at(1234567890) + timedelta(seconds=drift)  # 1234567890 begins a step
    assert (matching_step(SECRET, PUBLISHED[1234567890], now=now) is not None) is right


def test_a_code_counts_once():
    step = matching_step(SECRET, "005924", now=_at(1234567890))
    for later in (0, 10, 29, 30):
        assert matching_step(SECRET, "005924", now=_at(1234567890 + later), after_step=step) is None


def test_spaces_are_no_matter():
    assert matching_step(SECRET, " 005 924 ", now=_at(1234567890))


@pytest.mark.parametrize("code", ["", "5924", "0059240", "abcdef", "-05924", "00592\u0664", "٠٠٥٩٢٤"])
def test_other_text_is_no_code(code):
    assert matching_step(SECRET, code, now=_at(1234567890)) is None


def test_the_secret_is_160_random_bits():
    assert base64.b32decode(make_code_secret(randomness=lambda count: b"\x01" * count)) == b"\x01" * 20


def test_the_address_for_the_app():
    assert provisioning_uri(SECRET, "maria").startswith("otpauth://totp/flexura:maria?secret=" + SECRET)
