"""How values are written: examples of PS3.5 table 6.2-1, right and wrong."""

import pytest

from flexura.intake.conformance.representations import fault_of, fits_multiplicity, split_values, value_count

RIGHT = [
    ("DA", b"20240229"),
    ("TM", b"235960"),  # a leap second
    ("TM", b"10"),
    ("TM", b"101112.123456 "),
    ("DT", b"2026"),
    ("DT", b"20260102101112.5+0130"),
    ("UI", b"1.2.840.10008.1.2\0"),
    ("CS", b"ORIGINAL\\PRIMARY\\STEREO L "),
    ("DS", b" -1.5E+03"),
    ("DS", b"0.25\\.5\\3."),
    ("IS", b"-2147483648"),
    ("AS", b"018M"),
    ("PN", b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=x"),
    ("LO", b"x" * 64),
    ("LT", b"a\\b\r\nc" * 1000),
    ("US", b"\0\1\0\2"),
    ("DA", b""),
]
WRONG = [
    ("DA", b"20260229", "calendar"),
    ("DA", b"2026.01.02", "date"),
    ("TM", b"2460", "time of day"),
    ("TM", b"10:11", "time"),
    ("DT", b"202613", "calendar"),
    ("DT", b"20260102+1", "date and time"),
    ("UI", b"1.2.03", "identifier"),
    ("UI", b"1." + b"2" * 64, "66 characters"),
    ("CS", b"original", "code string"),
    ("CS", b"A" * 17, "17 characters"),
    ("DS", b"1,5", "decimal"),
    ("DS", b"0.12345678901234567", "19 characters"),
    ("DS", b"1\\two", "value 2"),
    ("IS", b"2147483648", "32 bits"),
    ("IS", b"1.0", "integer"),
    ("AS", b"18M", "age"),
    ("PN", b"a^b^c^d^e^f", "components"),
    ("PN", b"a=b=c=d", "groups"),
    ("PN", b"x" * 65, "64"),
    ("LO", b"x" * 65, "65 characters"),
    ("SH", b"a\0b", "control"),
    ("US", b"\0\1\0", "multiple of 2"),
]


@pytest.mark.parametrize(("representation", "raw"), RIGHT)
def test_right(representation, raw):
    assert fault_of(raw, representation) is None


@pytest.mark.parametrize(("representation", "raw", "words"), WRONG)
def test_wrong(representation, raw, words):
    fault = fault_of(raw, representation)
    assert words in fault
    assert len(raw) < 4 or raw.decode("latin-1") not in fault  # no value in the message


def test_characters_count_not_bytes():
    name = "Ж" * 60
    assert fault_of(name.encode(), "LO", "utf_8") is None
    assert fault_of(("Ж" * 65).encode(), "LO", "utf_8") is not None


def test_a_backslash_splits_where_it_may():
    assert split_values(b"a\\b", "LO") == ["a", "b"]
    assert split_values(b"a\\b", "ST") == ["a\\b"]
    assert (value_count(b"1\\2\\3", "IS"), value_count(b"\0" * 6, "US"), value_count(b"", "DS")) == (3, 3, 0)


@pytest.mark.parametrize(
    ("multiplicity", "fitting", "others"),
    [("1", [1], [2]), ("1-3", [1, 3], [4]), ("2-n", [2, 9], [1]), ("3-3n", [3, 6], [4]), ("1 or 2", [1, 2], [3])],
)
def test_multiplicities(multiplicity, fitting, others):
    assert all(fits_multiplicity(count, multiplicity) for count in fitting)
    assert not any(fits_multiplicity(count, multiplicity) for count in others)
