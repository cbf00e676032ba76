"""What a conformance check found: rows, and nothing of the patient in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "missing", "empty", "invalid"]


@dataclass(frozen=True)
class Row:
    """One attribute of one module: `tag` as (gggg,eeee), `clause` of the standard, `message` without any value."""

    module: str
    attribute: str
    tag: str
    type: str
    status: Status
    message: str
    clause: str


@dataclass(frozen=True)
class ConformanceReport:
    """All rows of one file, in the order of its modules.

    `iod` is the information object that was checked against, `None` where flexura has no table of it.
    """

    iod: str | None
    clause: str | None
    transfer_syntax: str | None
    rows: tuple[Row, ...]

    @property
    def faults(self) -> tuple[Row, ...]:
        """The rows that are not ok."""
        return tuple(row for row in self.rows if row.status != "ok")

    @property
    def conforms(self) -> bool:
        """Whether the file was checked against an object's table and no row is at fault."""
        return self.iod is not None and not self.faults

    def count(self, status: Status) -> int:
        """Count the rows of one status.

        Parameters
        ----------
        status : Status
            "ok", "missing", "empty" or "invalid".

        Returns
        -------
        int
            At least 0.
        """
        return sum(row.status == status for row in self.rows)


def keywords_at_fault(rows: Iterable[Row]) -> frozenset[str]:
    """Collect the attributes that are not ok.

    Parameters
    ----------
    rows : Iterable[Row]
        Of one report.

    Returns
    -------
    frozenset[str]
        DICOM keywords, as they stand in the rows.
    """
    return frozenset(row.attribute for row in rows if row.status != "ok")
