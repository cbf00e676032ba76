"""The conformance report as text: counts first, then one entry per fault, none wider than the screen."""

from flexura.intake.conformance.report import ConformanceReport, Row
from flexura.report.conformance import write_conformance
from flexura.report.text import WIDTH

FINE = Row("Patient", "PatientSex", "(0010,0040)", "2", "ok", "", "PS3.3 C.7.1.1")
FAULT = Row("Patient", "PatientID", "(0010,0020)", "2", "missing", "must be there " * 12, "PS3.3 C.7.1.1")


def test_counts_and_faults():
    report = ConformanceReport("Secondary Capture Image", "PS3.3 A.8.1.3", "1.2.840.10008.1.2", (FINE, FAULT))
    lines = write_conformance(report).splitlines()
    assert lines[0].startswith("DICOM conformance, Secondary Capture Image (PS3.3 A.8.1.3): 1 ok, 1 missing, 0 empty")
    assert "  missing (0010,0020) PatientID, type 2" in lines
    assert lines[-1].endswith("[PS3.3 C.7.1.1]")
    assert all(len(line) <= WIDTH for line in lines)
    assert not any("PatientSex" in line for line in lines)


def test_an_object_without_rules_is_said_to_have_none():
    assert "no rules" in write_conformance(ConformanceReport(None, None, None, (FINE,)))
    assert not ConformanceReport(None, None, None, (FINE,)).conforms
