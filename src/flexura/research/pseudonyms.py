"""Names, UIDs and dates in the place of true ones: the same in for the same out, by a key that stays in the clinic.

There is no table of who is who. One study's pseudonyms tell nothing of another's.
"""

import base64
import hmac
from dataclasses import dataclass, field
from datetime import date
from typing import Final

_LETTERS: Final = 16  # 80 bits: no two alike among a million with a probability of 0.4e-12
_MOST_DAYS: Final = 1461  # four years; never into the future, and never by nothing


@dataclass(frozen=True)
class Pseudonyms:
    """The pseudonyms of one study; `secret` are 32 bytes of which nothing leaves the clinic."""

    secret: bytes = field(repr=False)

    def name(self, kind: str, of: str) -> str:
        """Name a patient, case or photo.

        Parameters
        ----------
        kind : str
            Such as "patient": equal ids of different kinds get different names.
        of : str
            The true id.

        Returns
        -------
        str
            16 letters and digits (RFC 4648 Base32).

        Examples
        --------
        >>> Pseudonyms(bytes(32)).name("patient", "4711") == Pseudonyms(bytes(32)).name("patient", "4711")
        True
        """
        return base64.b32encode(self._digest(kind, of)).decode()[:_LETTERS]

    def uid(self, uid: str) -> str:
        """Put another DICOM UID in the place of one.

        Parameters
        ----------
        uid : str
            The true one.

        Returns
        -------
        str
            2.25 and 128 bits in decimal: at most 44 characters (PS3.5, B.2).
        """
        return f"2.25.{int.from_bytes(self._digest('uid', uid)[:16], 'big')}"

    def shift(self, patient: str, day: date) -> date:
        """Move a day of a patient's; all days of one patient move alike, so what lies between them stays.

        Parameters
        ----------
        patient : str
            The patient's true id.
        day : date
            The true day.

        Returns
        -------
        date
            1 to 1461 days earlier; the first day there is, where there is none earlier.
        """
        days = 1 + int.from_bytes(self._digest("days", patient)[:8], "big") % _MOST_DAYS
        return date.fromordinal(max(1, day.toordinal() - days))

    def _digest(self, kind: str, of: str) -> bytes:
        return hmac.digest(self.secret, f"{kind}\0{of}".encode(), "sha256")
