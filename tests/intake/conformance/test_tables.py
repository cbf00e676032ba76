"""The rule tables against another transcription of PS3.3, the one that highdicom ships."""

import pytest
from highdicom import _standard_utils as standard
from pydicom import datadict

from flexura.intake.conformance import common, images, items, secondary_capture
from flexura.intake.conformance.conditions import CONDITIONS
from flexura.intake.conformance.iods import IODS, NOT_CHECKED
from flexura.intake.conformance.rules import Module

NAMES = {
    "1.2.840.10008.5.1.4.1.1.77.1.4": "vl-photographic-image",
    "1.2.840.10008.5.1.4.1.1.77.1.4.1": "video-photographic-image",
    "1.2.840.10008.5.1.4.1.1.77.1.7": "dermoscopic-photography-image",
    "1.2.840.10008.5.1.4.1.1.7": "secondary-capture-image",
    "1.2.840.10008.5.1.4.1.1.7.4": "multi-frame-true-color-secondary-capture-image",
}
MODULES = {
    "patient": common.PATIENT,
    "general-study": common.GENERAL_STUDY,
    "patient-study": common.PATIENT_STUDY,
    "general-series": common.GENERAL_SERIES,
    "general-equipment": common.GENERAL_EQUIPMENT,
    "enhanced-general-equipment": common.ENHANCED_GENERAL_EQUIPMENT,
    "frame-of-reference": common.FRAME_OF_REFERENCE,
    "sop-common": common.SOP_COMMON,
    "common-instance-reference": common.COMMON_INSTANCE_REFERENCE,
    "general-image": images.GENERAL_IMAGE,
    "image-pixel": images.IMAGE_PIXEL,
    "acquisition-context": images.ACQUISITION_CONTEXT,
    "vl-image": images.VL_IMAGE,
    "dermoscopic-image": images.DERMOSCOPIC_IMAGE,
    "icc-profile": images.ICC_PROFILE,
    "multi-frame": images.MULTI_FRAME,
    "cine": images.CINE,
    "modality-lut": images.MODALITY_LUT,
    "voi-lut": images.VOI_LUT,
    "sc-equipment": secondary_capture.SC_EQUIPMENT,
    "sc-image": secondary_capture.SC_IMAGE,
    "sc-multi-frame-image": secondary_capture.SC_MULTI_FRAME_IMAGE,
    "sc-multi-frame-vector": secondary_capture.SC_MULTI_FRAME_VECTOR,
}


def types(name: str) -> dict[str, str]:
    rows = standard.get_module_attribute_map()[name]
    return {row["keyword"]: row["type"] for row in rows if not row["path"]}


@pytest.mark.parametrize("name", MODULES)
def test_every_required_attribute_is_in_the_table_with_its_type(name):
    theirs = {keyword: kind for keyword, kind in types(name).items() if kind != "3"}
    ours = {attribute.keyword: attribute.type for attribute in MODULES[name].attributes}
    assert {keyword: ours.get(keyword) for keyword in theirs} == theirs
    assert all(kind == types(name).get(keyword, "3") for keyword, kind in ours.items())


@pytest.mark.parametrize("uid", NAMES)
def test_every_module_of_the_object_is_checked_or_excused(uid):
    theirs = {row["key"]: row["usage"] for row in standard.get_iod_module_map()[NAMES[uid]]}
    names = {module.name: key for key, module in MODULES.items()}
    ours = {names[use.module.name]: use.usage for use in IODS[uid].modules if use.module.name in names}
    assert theirs.keys() == ours.keys() | (NOT_CHECKED.keys() & theirs.keys())
    # The condition of the Frame of Reference in captures cannot be told from the file.
    assert {key: usage for key, usage in ours.items() if theirs[key] != usage} in ({}, {"frame-of-reference": "U"})


def required_in_items() -> dict[str, dict[str, set[str]]]:
    """Sequence -> attribute of its items -> types other than 3, over all modules that are checked."""
    found: dict[str, dict[str, set[str]]] = {}
    for name in [*MODULES, "general-acquisition", "general-reference", "vl-photographic-acquisition"]:
        for row in standard.get_module_attribute_map()[name]:
            if row["path"] and row["type"] != "3":
                found.setdefault(row["path"][-1], {}).setdefault(row["keyword"], set()).add(row["type"])
    return found


def test_every_required_attribute_of_an_item_is_in_the_table_or_excused():
    lacking = {}
    for sequence, attributes in required_in_items().items():
        module = items.module_of(sequence)
        ours = {row.keyword: row.type for row in module.attributes} if module else {}
        # Of a reference and a code, what depends on the sender is left out; so is another type elsewhere.
        due = {keyword: kinds for keyword, kinds in attributes.items() if kinds <= {"1", "2"}}
        if any(ours.get(keyword) not in kinds for keyword, kinds in due.items()):
            lacking[sequence] = due
    assert lacking.keys() <= items.NOT_CHECKED_ITEMS.keys()


def all_modules() -> list[Module]:
    used = [use.module for iod in IODS.values() for use in iod.modules]
    return [*used, common.FILE_META, *(module for module, _ in items.ROWS)]


def test_tables_name_only_what_exists():
    for module in all_modules():
        assert module.clause.startswith("PS3.")
        for attribute in module.attributes:
            assert datadict.tag_for_keyword(attribute.keyword), attribute.keyword
            assert attribute.condition is None or attribute.condition in CONDITIONS
            assert attribute.condition is None or attribute.type.endswith("C")
        assert all(datadict.tag_for_keyword(keyword) for rule in module.rules for keyword in rule.attributes)
        assert all(rule.clause.startswith("PS3.") for rule in module.rules)
    used = {attribute.condition for module in all_modules() for attribute in module.attributes}
    used |= {attribute.absent_if for module in all_modules() for attribute in module.attributes}
    used |= {use.condition for iod in IODS.values() for use in iod.modules}
    assert CONDITIONS.keys() == used - {None}


def test_optional_modules_can_be_recognised():
    for iod in IODS.values():
        for use in iod.modules:
            assert use.usage == "M" or use.condition or use.module.signs, use.module.name
