"""Read a DICOM file against the tables of its object; one row per attribute.

The order of the rows is that of the object's modules; then how pixels and compression fit
together, codes and references inside sequences, and everything else that is badly written.
"""

from collections.abc import Iterable, Iterator
from io import BytesIO

from pydicom import datadict, filereader
from pydicom.dataset import Dataset

from flexura.errors import CorruptImage, FlexuraError
from flexura.intake.conformance import common, images
from flexura.intake.conformance.characters import EXTENDED, codec_of, is_readable
from flexura.intake.conformance.compression import rules_of
from flexura.intake.conformance.conditions import CONDITIONS, has_value, text
from flexura.intake.conformance.elements import Element, list_elements, tag_text
from flexura.intake.conformance.iods import IODS
from flexura.intake.conformance.items import module_of
from flexura.intake.conformance.report import ConformanceReport, Row, Status
from flexura.intake.conformance.representations import fault_of, fits_multiplicity, split_values, value_count
from flexura.intake.conformance.rules import Attribute, Iod, Module, ModuleUse, Rule
from flexura.intake.dicom.dataset import file_meta, quietly, read_dataset
from flexura.intake.dicom.syntaxes import TransferSyntax

_DATA_SET = Module("Data Set", "PS3.5 6.2", ())
_DEEPEST = 8


def check_conformance(content: bytes) -> ConformanceReport:
    """Check a DICOM file against the standard.

    Parameters
    ----------
    content : bytes
        The whole file.

    Returns
    -------
    ConformanceReport
        Rows without any value of the file.

    Raises
    ------
    InputRefused
        The file cannot be read as DICOM at all: see `dicom.dataset.read_dataset`.

    References
    ----------
    DICOM PS3.3 (objects and modules), PS3.5 (encoding), PS3.6 (dictionary), PS3.10 (file header).
    """
    try:
        return _checked(content)
    except FlexuraError:
        raise
    except Exception as error:  # pydicom raises nearly every built-in exception on damaged files
        raise CorruptImage("the DICOM file holds data that contradicts itself; export it again") from error


def _checked(content: bytes) -> ConformanceReport:
    dataset, syntax = read_dataset(content)
    with quietly():
        elements = list_elements(dataset)
        iod = IODS.get(text(dataset, "SOPClassUID"))
        rows = [*_file_meta_rows(content, dataset, syntax)]
        for use in iod.modules if iod else ():
            if _has_module(use, dataset):
                rows += _module_rows(use.module, elements, dataset)
        if iod:
            rows += _pixel_rows(dataset, syntax, iod)
        judged = {row.attribute for row in rows}
        rows += _writing_rows(elements, judged)
    return ConformanceReport(iod.name if iod else None, iod.clause if iod else None, syntax.uid, tuple(rows))


def _has_module(use: ModuleUse, dataset: Dataset) -> bool:
    if use.usage == "M":
        return True
    if use.condition is not None:
        return CONDITIONS[use.condition](dataset)
    return any(keyword in dataset for keyword in use.module.signs)


def _file_meta_rows(content: bytes, dataset: Dataset, syntax: TransferSyntax) -> Iterator[Row]:
    header = filereader.read_dataset(BytesIO(file_meta(content)), is_implicit_VR=False, is_little_endian=True)
    elements = list_elements(header)
    yield from _module_rows(common.FILE_META, elements, header)
    for own, stated in (("SOPClassUID", "MediaStorageSOPClassUID"), ("SOPInstanceUID", "MediaStorageSOPInstanceUID")):
        if has_value(header, stated) and text(header, stated) != text(dataset, own):
            yield _row(common.FILE_META, stated, "1", "invalid", "differs from the data set")
    written = {item.is_implicit_VR for item in dataset.values() if hasattr(item, "is_implicit_VR")}
    if "TransferSyntaxUID" in elements and written and written != {syntax.is_implicit}:
        yield _row(common.FILE_META, "TransferSyntaxUID", "1", "invalid", "the data set is written in another one")


def _module_rows(module: Module, elements: dict[str, Element], dataset: Dataset, place: str = "") -> Iterator[Row]:
    for attribute in module.attributes:
        element = elements.get(attribute.keyword)
        judged = _judge(attribute, element, dataset)
        if judged is not None:
            status, message = judged
            yield _row(module, attribute.keyword, attribute.type, status, place + message, attribute.clause)
    yield from _rule_rows(module, module.rules, dataset, place)


def _judge(attribute: Attribute, element: Element | None, dataset: Dataset) -> tuple[Status, str] | None:
    """Status and message; `None` where nothing is asked."""
    if element is None:
        return ("missing", _why(attribute)) if _is_required(attribute, dataset) else None
    if attribute.absent_if and CONDITIONS[attribute.absent_if](dataset):
        return "invalid", f"must not be there: {attribute.absent_if}"
    if element.is_empty:
        return ("empty", "needs a value") if attribute.type.startswith("1") else ("ok", "empty, as it may be")
    fault = _fault(element) or _unlisted(attribute, element, dataset) or _too_many(attribute, element)
    return ("invalid", fault) if fault else ("ok", "")


def _is_required(attribute: Attribute, dataset: Dataset) -> bool:
    if attribute.type == "3":
        return False
    if not attribute.type.endswith("C"):
        return True
    return attribute.condition is not None and CONDITIONS[attribute.condition](dataset)


def _why(attribute: Attribute) -> str:
    base = "must be there with a value" if attribute.type.startswith("1") else "must be there, empty if unknown"
    return f"{base} ({attribute.condition})" if attribute.condition else base


def _unlisted(attribute: Attribute, element: Element, dataset: Dataset) -> str | None:
    """Whether a value is none of the enumerated ones; place 0 of the terms means every value."""
    if attribute.terms is None:
        return None
    values = _values(element, dataset)
    for place, terms in attribute.terms.items():
        chosen = values if place == 0 else values[place - 1 : place]
        if any(value not in terms for value in chosen):
            return f"value {place or 'list'} is none of {', '.join(terms)}"
    return None


def _too_many(attribute: Attribute, element: Element) -> str | None:
    count = len(element.items or ())
    most = attribute.most_items
    return f"has {count} items, at most {most} may be there" if most is not None and count > most else None


def _values(element: Element, dataset: Dataset) -> list[str]:
    if not element.is_bytes:
        return split_values(element.raw, element.representation)
    value = text(dataset, element.keyword)
    return [value] if value else []


def _fault(element: Element) -> str | None:
    """What is wrong with the way an element is written, whatever module it is in."""
    expected = datadict.dictionary_VR(element.keyword)
    if element.representation not in (*expected.split(" or "), "UN"):
        written = element.representation if element.representation.isalpha() else "something unknown"
        return f"written as {written}, the dictionary says {expected}"
    if element.items is not None:
        return None
    fault = fault_of(element.raw, element.representation, codec_of(element.character_sets))
    if fault:
        return fault
    count = value_count(element.raw, element.representation)
    multiplicity = datadict.dictionary_VM(element.keyword)
    if count and not element.representation.startswith("O") and not fits_multiplicity(count, multiplicity):
        return f"{count} values, the dictionary says {multiplicity}"
    if element.representation in EXTENDED and not is_readable(element.raw, element.character_sets):
        return "holds characters outside the declared character set"
    return None


def _pixel_rows(dataset: Dataset, syntax: TransferSyntax, iod: Iod) -> Iterator[Row]:
    is_visible_light = any(use.module is images.VL_IMAGE for use in iod.modules)
    yield from _rule_rows(images.IMAGE_PIXEL, rules_of(syntax, is_visible_light=is_visible_light), dataset)


def _rule_rows(module: Module, rules: Iterable[Rule], dataset: Dataset, place: str = "") -> Iterator[Row]:
    for rule in rules:
        there = all(has_value(dataset, keyword) for keyword in rule.attributes)
        if there and not rule.holds(dataset):
            yield _row(module, rule.attributes[0], "", "invalid", place + rule.message, rule.clause)


def _writing_rows(elements: dict[str, Element], judged: set[str], depth: int = 0) -> Iterator[Row]:
    """Codes, references and badly written elements, wherever they are."""
    for keyword, element in elements.items():
        fault = None if keyword in judged else _fault(element)
        if fault:
            yield _row(_DATA_SET, keyword, "", "invalid", fault)
        for place, item in enumerate(element.items or (), 1):
            if depth >= _DEEPEST:
                yield _row(_DATA_SET, keyword, "", "invalid", f"nested deeper than {_DEEPEST} sequences")
                break
            inner = list_elements(item, element.character_sets)
            macro = module_of(keyword)
            where = f"in {keyword}, item {place}: "
            rows = list(_module_rows(macro, inner, item, where)) if macro else []
            yield from rows
            yield from _writing_rows(inner, {row.attribute for row in rows}, depth + 1)


def _row(module: Module, keyword: str, kind: str, status: Status, message: str, clause: str | None = None) -> Row:
    return Row(module.name, keyword, tag_text(keyword), kind, status, message, clause or module.clause)
