"""Region codes against pydicom's copy of PS3.16, and check digits against its SNOMED CT codes."""

from pydicom.sr._concepts_dict import concepts

from flexura.intake.conformance.regions import PAIRED_REGIONS, is_snomed_identifier

# Adds up to no identifier, and is none that SNOMED International lists: a slip in pydicom's table.
SLIPS = {"115347700"}


def test_paired_regions_are_called_so_in_the_standard():
    for code, name in PAIRED_REGIONS.items():
        assert code in concepts["SCT"][name]


def test_identifiers_pass_and_mistyped_ones_do_not():
    codes = {code for meanings in concepts["SCT"].values() for code in meanings}
    assert len(codes) > 8_000
    assert {code for code in codes if not is_snomed_identifier(code)} <= SLIPS
    for code in codes:
        assert not is_snomed_identifier(code[:-1] + str((int(code[-1]) + 1) % 10))
        swapped = code[:-3] + code[-2] + code[-3] + code[-1]
        assert swapped == code or not is_snomed_identifier(swapped)


def test_what_has_no_form_of_an_identifier():
    for code in ("", "12345", "T-D8200", "0" * 8, "1" * 19, "1497500８"):
        assert not is_snomed_identifier(code)
