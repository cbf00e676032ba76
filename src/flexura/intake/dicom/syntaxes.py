"""How DICOM files may be written, and which of these ways flexura reads.

A transfer syntax says whether value representations are written, in which byte order, and how
pixels are compressed (PS3.5 chapter 10 and annex A). One row each; a syntax that is not in the
table is refused by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from pydicom.uid import UID

from flexura.errors import DicomSyntaxUnsupported

Codec = Literal["none", "jpeg", "jpeg_lossless", "jpeg_2000", "jpeg_ls", "rle"]


@dataclass(frozen=True)
class TransferSyntax:
    """One way to write a data set."""

    uid: str
    codec: Codec = "none"
    is_implicit: bool = False
    is_little_endian: bool = True
    is_deflated: bool = False


_ROWS = (
    TransferSyntax("1.2.840.10008.1.2", is_implicit=True),  # PS3.5 A.1
    TransferSyntax("1.2.840.10008.1.2.1"),  # PS3.5 A.2
    TransferSyntax("1.2.840.10008.1.2.2", is_little_endian=False),  # PS3.5 A.3 (retired)
    TransferSyntax("1.2.840.10008.1.2.1.99", is_deflated=True),  # PS3.5 A.5
    TransferSyntax("1.2.840.10008.1.2.4.50", "jpeg"),  # PS3.5 A.4.1, baseline (process 1)
    TransferSyntax("1.2.840.10008.1.2.4.51", "jpeg"),  # PS3.5 A.4.1, extended (processes 2 and 4): only its 8 bits
    TransferSyntax("1.2.840.10008.1.2.4.57", "jpeg_lossless"),  # PS3.5 A.4.1, process 14
    TransferSyntax("1.2.840.10008.1.2.4.70", "jpeg_lossless"),  # PS3.5 A.4.1, process 14, selection value 1
    TransferSyntax("1.2.840.10008.1.2.4.80", "jpeg_ls"),  # PS3.5 A.4.3, lossless
    TransferSyntax("1.2.840.10008.1.2.4.81", "jpeg_ls"),  # PS3.5 A.4.3, near-lossless
    TransferSyntax("1.2.840.10008.1.2.4.90", "jpeg_2000"),  # PS3.5 A.4.4, lossless
    TransferSyntax("1.2.840.10008.1.2.4.91", "jpeg_2000"),  # PS3.5 A.4.4
    TransferSyntax("1.2.840.10008.1.2.5", "rle"),  # PS3.5 A.4.2 and annex G
)
TRANSFER_SYNTAXES: Mapping[str, TransferSyntax] = MappingProxyType({row.uid: row for row in _ROWS})


def transfer_syntax(uid: str) -> TransferSyntax:
    """Find a transfer syntax that flexura reads.

    Parameters
    ----------
    uid : str
        Transfer Syntax UID (0002,0010).

    Returns
    -------
    TransferSyntax
        Its row.

    Raises
    ------
    DicomSyntaxUnsupported
        It has none; the message names the syntax if the standard does.

    Examples
    --------
    >>> transfer_syntax("1.2.840.10008.1.2.5").codec
    'rle'
    """
    if uid not in TRANSFER_SYNTAXES:
        registered = UID(uid).name
        name = f"'{registered}'" if registered != uid else "that the standard does not list"
        raise DicomSyntaxUnsupported(
            f"a DICOM file in a transfer syntax {name}; export it as Explicit VR Little Endian or JPEG Baseline"
        )
    return TRANSFER_SYNTAXES[uid]
