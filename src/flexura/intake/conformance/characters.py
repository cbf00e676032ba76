"""Whether the text of a file can be read in the character set that it declares.

A name that cannot is flagged and never guessed at: nothing outside the declared set is taken for
another one. One row per defined term of Specific Character Set (PS3.3 C.12.1.1.2).
"""

import warnings
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pydicom import charset

# Single-byte sets without code extensions, and the multi-byte ones that forbid them.
CODECS: Mapping[str, str] = MappingProxyType(
    {
        "": "ascii",
        "ISO_IR 6": "ascii",
        "ISO_IR 100": "iso8859_1",
        "ISO_IR 101": "iso8859_2",
        "ISO_IR 109": "iso8859_3",
        "ISO_IR 110": "iso8859_4",
        "ISO_IR 144": "iso8859_5",
        "ISO_IR 127": "iso8859_6",
        "ISO_IR 126": "iso8859_7",
        "ISO_IR 138": "iso8859_8",
        "ISO_IR 148": "iso8859_9",
        "ISO_IR 203": "iso8859_15",
        "ISO_IR 166": "iso8859_11",
        "ISO_IR 13": "shift_jis",
        "ISO_IR 192": "utf_8",
        "GB18030": "gb18030",
        "GBK": "gbk",
        "ISO 2022 IR 6": "ascii",
    }
)
# Representations that Specific Character Set applies to (PS3.5 6.1.2.2).
EXTENDED = ("SH", "LO", "ST", "LT", "UC", "UT", "PN")
_DELIMITERS = {0x5C, 0x0D, 0x0A, 0x09, 0x0C, 0x5E, 0x3D}


def codec_of(terms: Sequence[str]) -> str:
    """Choose the codec that counts the characters of a text.

    Parameters
    ----------
    terms : Sequence[str]
        Values of Specific Character Set (0008,0005).

    Returns
    -------
    str
        Name of a Python codec; one character per byte where code extensions switch between sets.
    """
    return CODECS.get(terms[0], "latin_1") if len(terms) == 1 else "latin_1"


def is_readable(raw: bytes, terms: Sequence[str]) -> bool:
    r"""Whether bytes are text in the declared character sets.

    Parameters
    ----------
    raw : bytes
        Value of an element of an `EXTENDED` representation.
    terms : Sequence[str]
        Values of Specific Character Set (0008,0005); none means the default repertoire.

    Returns
    -------
    bool
        False if a byte or an escape sequence is outside all of them, or a term is unknown.

    References
    ----------
    PS3.3, C.12.1.1.2; PS3.5, 6.1.2.4 and 6.1.2.5 (code extensions).

    Examples
    --------
    >>> is_readable(b"M\xfcller", []), is_readable(b"M\xfcller", ["ISO_IR 100"])
    (False, True)
    """
    declared = list(terms) or [""]
    if all(byte < 0x80 and byte != 0x1B for byte in raw):
        return True
    if len(declared) == 1 and declared[0] in CODECS:
        return b"\x1b" not in raw and _decodes(raw, CODECS[declared[0]])
    return _decodes_with_extensions(raw, declared)


def _decodes(raw: bytes, codec: str) -> bool:
    try:
        raw.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _decodes_with_extensions(raw: bytes, terms: Sequence[str]) -> bool:
    """Follow the escape sequences with pydicom, every doubt of which counts."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            charset.decode_bytes(raw, charset.convert_encodings(list(terms)), _DELIMITERS)
    except (UserWarning, LookupError, UnicodeError, ValueError):
        return False
    return True
