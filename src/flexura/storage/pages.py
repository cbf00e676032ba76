"""A list in parts: oldest first, from after a record that was seen on, so many at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, Select, and_, or_, select


@dataclass(frozen=True)
class Page:
    """What of a list is wanted: from after the record of this id on, `limit` of them; `None` is from the first, all."""

    after: str | None = None
    limit: int | None = None

    def cut(self, wanted: Select[Any], at: Column[Any]) -> Select[Any]:
        """Put a list into its order, and cut the page out.

        Parameters
        ----------
        wanted : Select[Any]
            Of one table with the column `id`.
        at : Column[Any]
            Since when a record is there: the order, then that of the ids.

        Returns
        -------
        Select[Any]
            Nothing comes after an id that is not in the table.
        """
        name = at.table.c.id
        if self.after is not None:
            then = select(at).where(name == self.after).scalar_subquery()
            wanted = wanted.where(or_(at > then, and_(at == then, name > self.after)))
        return wanted.order_by(at, name).limit(self.limit)

    def next_after(self, ids: Sequence[str]) -> str | None:
        """Tell after what the next page begins; `None` where this one, of these ids, was not full."""
        return ids[-1] if ids and len(ids) == self.limit else None


ALL: Final = Page()
