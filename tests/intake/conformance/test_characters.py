"""Names in other scripts: the examples of PS3.5 annexes H to K, and public reports of names read wrongly."""

import pytest
from pydicom.charset import convert_encodings, decode_bytes

from flexura.intake.conformance.check import check_conformance
from flexura.intake.conformance.report import keywords_at_fault

# PS3.5 H.3.2, given in pydicom#856: half-width katakana, then kanji and hiragana.
YAMADA = bytes.fromhex(
    "d4cfc0de5ec0dbb33d1b24423b3345441b284a5e1b244242404f3a1b284a3d1b24422464245e24401b284a5e1b2442243f246d24261b284a"
)
READABLE = [
    (b"Doe^Jane", []),
    ("Müller^Jörg".encode("latin-1"), ["ISO_IR 100"]),
    ("Люкceмбypг".encode("iso8859_5"), ["ISO_IR 144"]),
    ("王^小东".encode(), ["ISO_IR 192"]),
    ("王^小东".encode("gb18030"), ["GB18030"]),
    (YAMADA, ["ISO 2022 IR 13", "ISO 2022 IR 87"]),
    (b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7", ["", "ISO 2022 IR 149"]),  # PS3.5 I.2
]
UNREADABLE = [
    ("Иванов".encode("cp1251"), ["ISO 2022 IR 6"]),  # pydicom#2115
    ("Müller".encode("latin-1"), []),  # pydicom#1328: no character set
    ("Müller".encode("latin-1"), ["ISO_IR 192"]),
    (b"Wang^\x81", ["GB18030"]),
    (YAMADA, ["ISO_IR 13"]),  # escapes without code extensions
    (b"M\xfcller", ["ISO_IR 999"]),
]


@pytest.mark.parametrize(("raw", "terms"), READABLE)
def test_readable(files, raw, terms):
    assert "PatientName" not in faults(files, raw, terms)


@pytest.mark.parametrize(("raw", "terms"), UNREADABLE)
def test_unreadable_is_flagged(files, raw, terms):
    assert "PatientName" in faults(files, raw, terms)


def test_the_bytes_of_annex_h_are_the_names_they_stand_for():
    text = decode_bytes(YAMADA, convert_encodings(["ISO 2022 IR 13", "ISO 2022 IR 87"]), {0x5E, 0x3D})
    assert text == "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"


def faults(files, raw: bytes, terms: list[str]) -> frozenset[str]:
    """Through a file, so that the bytes are those on disk."""
    dataset = files.vl_photograph()
    placeholder = b"N" * len(raw)
    dataset.PatientName = placeholder.decode()
    dataset.SpecificCharacterSet = terms or None
    content = files.as_file(dataset).replace(placeholder, raw)
    assert raw in content
    return keywords_at_fault(check_conformance(content).rows)
