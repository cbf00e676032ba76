"""One-time codes (TOTP, RFC 6238): a second factor from an app. Time is an argument; no code counts twice."""

import base64
from datetime import datetime, timedelta
from typing import Final

from pyotp import TOTP

from flexura.security.keys import Randomness

_SECRET_BYTES: Final = 20  # RFC 4226 section 4, R6: 160 bits
_STEP_S: Final = 30
_DRIFT_STEPS: Final = 1  # RFC 6238 section 5.2: one step of delay at most


def make_code_secret(*, randomness: Randomness) -> str:
    """Make the secret that the app and the server share; Base32, 160 random bits. To be stored encrypted."""
    return base64.b32encode(randomness(_SECRET_BYTES)).decode()


def provisioning_uri(secret: str, user_name: str) -> str:
    """Give the address that an authenticator app reads from a QR code; it holds the secret."""
    return TOTP(secret).provisioning_uri(name=user_name, issuer_name="flexura")


def matching_step(secret: str, code: str, *, now: datetime, after_step: int | None = None) -> int | None:
    """Find the time step that a code is right for.

    Parameters
    ----------
    secret : str
        From `make_code_secret`.
    code : str
        Six digits; spaces do not matter.
    now : datetime
        With its zone.
    after_step : int | None
        The step of the last code that was accepted: this one and earlier ones are used up.

    Returns
    -------
    int | None
        The step, to be kept as the next `after_step`; `None` for a wrong, old or used code.

    References
    ----------
    RFC 6238, TOTP.
    """
    totp = TOTP(secret, interval=_STEP_S)
    typed = "".join(code.split())
    if not (len(typed) == totp.digits and typed.isascii() and typed.isdigit()):
        return None
    for drift in range(-_DRIFT_STEPS, _DRIFT_STEPS + 1):
        at = now + timedelta(seconds=drift * _STEP_S)
        step = int(at.timestamp()) // _STEP_S
        if (after_step is None or step > after_step) and totp.verify(typed, for_time=at):
            return step
    return None
