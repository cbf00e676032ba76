"""The address of master keys in a PKCS#11 token, read from a URI of RFC 7512; it never holds the PIN itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote

SCHEME: Final = "pkcs11:"
FORM: Final = f"{SCHEME}token=NAME;object=NAME?module-path=FILE&pin-source=FILE"
_PATH: Final = frozenset({"token", "object", "type"})
_QUERY: Final = frozenset({"module-path", "pin-source"})


@dataclass(frozen=True)
class HsmAddress:
    """Where master keys are: the module that speaks with the token, the labels of token and keys, the PIN's file."""

    module: Path
    token: str
    key: str
    pin_file: Path


def parse_address(text: str) -> HsmAddress:
    """Read a PKCS#11 URI.

    Parameters
    ----------
    text : str
        `token` and `object` are labels; `pin-source` is a path, or a `file:` URI; `type=secret-key` may stand there.

    Returns
    -------
    HsmAddress

    Raises
    ------
    ValueError
        When a part is missing, given twice or unknown; `pin-value` is, as whoever sees the address would know the PIN.
        The message repeats nothing of the text.

    References
    ----------
    RFC 7512, The PKCS #11 URI Scheme.

    Examples
    --------
    >>> parse_address("pkcs11:token=clinic;object=flexura?module-path=/usr/lib/p11.so&pin-source=/etc/pin").key
    'flexura'
    """
    if not text.startswith(SCHEME):
        raise ValueError("not a PKCS#11 URI")
    path, _, query = text.removeprefix(SCHEME).partition("?")
    named, asked = _read_parts(path.split(";"), _PATH), _read_parts(query.split("&"), _QUERY)
    if (
        named.pop("type", "secret-key") != "secret-key"
        or not {"token", "object"} == named.keys()
        or asked.keys() != _QUERY
    ):
        raise ValueError("a part is missing")
    pin_file = asked["pin-source"].removeprefix("file://").removeprefix("file:")
    return HsmAddress(Path(asked["module-path"]), named["token"], named["object"], Path(pin_file))


def _read_parts(parts: list[str], known: frozenset[str]) -> dict[str, str]:
    pairs = [part.partition("=") for part in parts]
    read: Mapping[str, str] = {name: unquote(value, errors="strict") for name, _, value in pairs}
    if read.keys() - known or len(read) < len(pairs) or not all(read.values()):
        raise ValueError("a part is unknown, empty or given twice")
    return dict(read)
