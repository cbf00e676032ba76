"""The result of a DICOM conformance check as text: how many attributes are as they must be, and each that is not."""

import textwrap

from flexura.intake.conformance.report import ConformanceReport, Row, Status
from flexura.report.text import WIDTH

_INDENT = 10
_STATUSES: tuple[Status, ...] = ("ok", "missing", "empty", "invalid")


def write_conformance(report: ConformanceReport) -> str:
    """Write a conformance report for a terminal.

    Parameters
    ----------
    report : ConformanceReport
        Of one DICOM file.

    Returns
    -------
    str
        A line of counts, then two lines or more for each fault; without a final newline.
    """
    counts = ", ".join(f"{report.count(status)} {status}" for status in _STATUSES)
    subject = f"{report.iod} ({report.clause})" if report.iod else "an object that flexura has no rules for"
    heading = textwrap.wrap(f"DICOM conformance, {subject}: {counts}", WIDTH)
    return "\n".join([*heading, *(line for row in report.faults for line in _lines(row))])


def _lines(row: Row) -> list[str]:
    kind = f", type {row.type}" if row.type else ""
    head = f"  {row.status:<8}{row.tag} {row.attribute}{kind}"
    body = textwrap.wrap(f"{row.module}: {row.message} [{row.clause}]", WIDTH - _INDENT)
    return [head, *(" " * _INDENT + line for line in body)]
