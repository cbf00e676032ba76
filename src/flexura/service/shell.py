"""What lies around every request: the limit on its body, the headers of its answer, and the last stop of errors.

A plain ASGI middleware, so that a body is refused by its announced length before a byte is read, and counted where
none is announced. An unexpected error's own words may hold patient data: neither the answer nor the log repeats them.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from fastapi import HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flexura.errors import FlexuraError, RequestTooLarge
from flexura.service.problems import answer_error

# Of OWASP's secure headers, those that an interface of JSON and pictures needs; no outside host anywhere.
HEADERS: Final = MappingProxyType(
    {
        "strict-transport-security": "max-age=31536000",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
    }
)
_RAW_HEADERS: Final = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
_TOO_LARGE: Final = "The body has more bytes than are allowed here."

_log = logging.getLogger("flexura.service")


@dataclass(frozen=True)
class Shell:
    """The middleware; `limit` gives the most bytes that the body of a request to a path may have.

    `answer` makes the answer of an error, which may be a page.
    """

    app: ASGIApp
    limit: Callable[[str], int]
    answer: Callable[[Request, FlexuraError], Response]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, within its limits."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def send_on(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                own = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(row for row in _RAW_HEADERS if row[0] not in own)]
            await send(message)

        most = self.limit(scope["path"])
        if _announced(scope) > most:
            refused = await run_in_threadpool(self._refuse, scope, RequestTooLarge(_TOO_LARGE))
            await refused(scope, receive, send_on)
            return
        try:
            await self.app(scope, _counted(receive, most), send_on)
        except Exception as error:  # noqa: BLE001  # the last stop: a plain problem instead of a stack trace
            _log.error("A fault of flexura itself: %s", type(error).__name__)
            if begun:
                raise ConnectionAbortedError("An answer broke off.") from None
            refused = await run_in_threadpool(self._refuse, scope, FlexuraError())
            await refused(scope, receive, send_on)

    def _refuse(self, scope: Scope, error: FlexuraError) -> Response:
        try:
            return self.answer(Request(scope), error)
        except Exception:  # noqa: BLE001  # what every page stands in may be what failed
            return answer_error(FlexuraError())


def _announced(scope: Scope) -> int:
    """The Content-Length; uvicorn has refused one that is no number."""
    return next((int(value) for name, value in scope["headers"] if name == b"content-length"), 0)


def _counted(receive: Receive, most: int) -> Receive:
    left = most

    async def receive_counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413, _TOO_LARGE)  # the framework passes on its own errors only
        return message

    return receive_counted
