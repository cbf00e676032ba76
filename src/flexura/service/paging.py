"""How a list is asked for over HTTP: `limit` and `after`; a caller in this program gets all of it."""

from typing import Annotated, Final

from fastapi import Depends, Query

from flexura.service.forms import Id
from flexura.storage.pages import Page

MOST: Final = 50


async def _page(limit: Annotated[int, Query(ge=1, le=MOST)] = MOST, after: Id | None = None) -> Page:
    return Page(after, limit)


Paging = Annotated[Page, Depends(_page)]
