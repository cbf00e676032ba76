"""The way back after signing in: to the page of ours where somebody was, and to no other place.

A path that comes back from a browser may be anybody's: only what our own addresses are written with is followed.
"""

import re
from typing import Final
from urllib.parse import quote

from fastapi import Request

HOME: Final = "/"
SIGN_IN: Final = "/sign-in"
# Pages only: not what signs in or out, nor files, nor the interface. No dot, colon, backslash, percent sign or second
# slash at the start, so that no browser reads another host into it (WHATWG URL Standard, 4.4).
_OWN: Final = re.compile(r"/(?!/|sign-|set-up|static/|api/)[A-Za-z0-9/_-]*(?:\?[A-Za-z0-9=&_-]*)?", re.ASCII)
_LONGEST: Final = 300


def find_way(wanted: str | None) -> str:
    """Give the page to which a sign-in leads back.

    Parameters
    ----------
    wanted : str | None
        What a browser says; nothing is believed.

    Returns
    -------
    str
        The path, with its query, where it is one of our pages' addresses; the worklist's otherwise.

    Examples
    --------
    >>> find_way("/audit?before=7"), find_way("//evil.test"), find_way(None)
    ('/audit?before=7', '/', '/')
    """
    own = wanted is not None and len(wanted) <= _LONGEST and _OWN.fullmatch(wanted)
    return wanted if own and wanted else HOME


def ask_back(request: Request) -> str:
    """Give the address of the sign-in that leads back to the page that was asked for.

    Parameters
    ----------
    request : Request
        Refused, as nobody is signed in. Of a form only the page's script knows where it stood, and adds it.

    Returns
    -------
    str
        Ready for a redirect.
    """
    asked = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    way = find_way(asked) if request.method == "GET" else HOME
    return SIGN_IN if way == HOME else f"{SIGN_IN}?next={quote(way, safe='/')}"
