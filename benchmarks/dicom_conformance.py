"""How far flexura's DICOM conformance check agrees with dciodvfy, an independent checker.

    python benchmarks/dicom_conformance.py
    python benchmarks/dicom_conformance.py --every    # every attribute missing, empty and malformed in turn: a minute

Compared are the photographic files of pydicom's wheel, valid files written here and by highdicom,
and the same with one planted fault each. Of every file the attributes at fault by one and by
the other are compared; dciodvfy comes from Debian's dicom3tools. Every difference is listed here with
its reason; one that is not ends the command with status 1.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from dicom_faults import FAULTS, every_change, subjects
from pydicom import datadict
from pydicom._dicom_dict import DicomDictionary

from flexura.intake.conformance.check import check_conformance
from flexura.intake.conformance.report import keywords_at_fault

# dciodvfy names attributes by keyword, by name, or by tag.
_NAMED = re.compile(r"(?:Element|attribute)[= ]*<([^>]+)>|\((0x[0-9a-f]{4}),(0x[0-9a-f]{4})\)")
_KEYWORDS: Mapping[str, str] = {entry[2]: entry[4] for entry in DicomDictionary.values()}

# Reason -> file -> what only flexura and what only dciodvfy calls at fault; "*" is whatever it names.
DIFFERENCES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "dciodvfy asks for a side whatever the body part; flexura only of paired or unknown ones": {
        "pydicom JPEG-lossy.dcm": ("", "Laterality"),  # WHOLE BODY, as in the next three
        "pydicom JPEG2000.dcm": ("", "Laterality"),
        "pydicom JPEG2000-embedded-sequence-delimiter.dcm": ("", "Laterality"),
        "pydicom JPGExtended.dcm": ("", "Laterality"),
        "valid photograph of the back": ("", "Laterality"),
        "photograph of the back: AcquisitionContextSequence missing": ("", "Laterality"),
    },
    "dciodvfy cannot read a data set that is implicit where the header says explicit, nor a deflated one": {
        "pydicom SC_rgb_jpeg.dcm": ("TransferSyntaxUID", "*"),
        "pydicom image_dfl.dcm": ("Laterality", ""),
    },
    "dciodvfy counts three bytes a pixel for uncompressed 4:2:2, which has two": {
        "pydicom SC_ybr_full_422_uncompressed.dcm": ("", "PixelData"),
    },
    "dciodvfy also names what was right before the planted fault and hangs on it": {
        "VL photograph: SamplesPerPixel missing": ("", "PixelData PlanarConfiguration"),
        "VL photograph: Rows missing": ("", "PixelData"),
        "VL photograph: Columns missing": ("", "PixelData"),
        "dermoscopic photograph: ContactMethod missing": ("", "ImmersionMedia"),
        "dermoscopic photograph: ContactMethod set to 'TOUCH'": ("", "ImmersionMedia"),
        "multi-frame capture: NumberOfFrames missing": ("", "FrameIncrementPointer"),
        "multi-frame capture: FrameIncrementPointer missing": ("", "PageNumberVector"),
        "video photograph: FrameIncrementPointer missing": ("", "FrameTime"),
        "VL photograph: CodeValue missing in AnatomicRegionSequence": ("", "LongCodeValue URNCodeValue"),
        "photograph with context: ValueType missing in AcquisitionContextSequence": (
            "",
            "MeasurementUnitsCodeSequence NumericValue",
        ),
        "photograph with context: ValueType set to 'NUMBER'": ("", "MeasurementUnitsCodeSequence NumericValue"),
    },
    "flexura also names what was right before the planted fault and contradicts it": {
        "VL photograph: SOPInstanceUID missing": ("MediaStorageSOPInstanceUID", ""),
        "VL photograph: BitsStored set to 7": ("HighBit", ""),
    },
    "dciodvfy knows no calendar and no clock": {
        "VL photograph: StudyDate set to '20260231'": ("StudyDate", ""),
        "VL photograph: StudyTime set to '251112'": ("StudyTime", ""),
        "VL photograph: AcquisitionDateTime set to '20261301'": ("AcquisitionDateTime", ""),
    },
    "dciodvfy has no rule for it": {
        "secondary capture: PhotometricInterpretation set to 'YBR_ICT'": ("PhotometricInterpretation", ""),
        "grey capture: BitsAllocated set to 12": ("BitsAllocated", ""),
        "photograph with context: ICCProfile set to b'no profile here.'": ("ICCProfile", ""),
        "VL photograph: CodeValue mistyped in the region": ("CodeValue", ""),
    },
}
_EXPLAINED = {name: (why, sides) for why, files in DIFFERENCES.items() for name, sides in files.items()}


def dciodvfy_faults(path: Path) -> frozenset[str]:
    """Collect the attributes that dciodvfy calls an error."""
    run = subprocess.run(["dciodvfy", str(path)], capture_output=True, check=False)
    text = (run.stdout + run.stderr).decode("latin-1")
    lines = [line for line in text.splitlines() if "Error" in line]
    return frozenset(word for line in lines for word in _keywords(line))


def _keywords(line: str) -> Iterator[str]:
    for name, group, element in _NAMED.findall(line):
        keyword = _KEYWORDS.get(name, name) if name else datadict.keyword_for_tag((int(group, 16), int(element, 16)))
        if keyword:  # what is no attribute of the standard cannot be compared
            yield keyword
    if line.startswith("Error - PixelData"):
        yield "PixelData"


def reason_for(name: str, only_ours: frozenset[str], only_theirs: frozenset[str]) -> str | None:
    """Say why the two differ on a file; empty where they do not, `None` where it is not explained here."""
    why, (ours, theirs) = _EXPLAINED.get(name, ("", ("", "")))
    is_as_listed = only_ours == set(ours.split()) and (theirs == "*" or only_theirs == set(theirs.split()))
    return why if is_as_listed else None


def compare_every_change() -> None:
    """Print how often the two agree on an attribute that was taken away, emptied or malformed, by kind of change."""
    agreed, all_of, differing = Counter[str](), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "subject.dcm"
        for _, keyword, change, content in every_change():
            path.write_bytes(content)
            is_ours = keyword in keywords_at_fault(check_conformance(content).rows)
            is_theirs = keyword in dciodvfy_faults(path)
            all_of[change] += 1
            agreed[change] += is_ours == is_theirs
            if is_ours != is_theirs:
                differing[f"{keyword} {change}: only {'flexura' if is_ours else 'dciodvfy'}"] += 1
    print(*(f"{count} x {line}" for line, count in differing.most_common()), sep="\n")
    print(*(f"{change}: the same answer on {agreed[change]} of {all_of[change]}" for change in all_of), sep="\n")
    print(f"in all: {agreed.total()} of {all_of.total()}")


def compare_subjects() -> bool:
    """Print where the two differ, by reason; return whether every difference has one."""
    differing: dict[str | None, list[str]] = {}
    files, found = 0, {"flexura": 0, "dciodvfy": 0}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "subject.dcm"
        for name, keyword, content in subjects():
            path.write_bytes(content)
            ours, theirs = keywords_at_fault(check_conformance(content).rows), dciodvfy_faults(path)
            files += 1
            found["flexura"] += keyword in ours
            found["dciodvfy"] += keyword in theirs
            why = reason_for(name, ours - theirs, theirs - ours)
            if why != "":
                line = f"only flexura: {_listed(ours - theirs)}; only dciodvfy: {_listed(theirs - ours)}"
                differing.setdefault(why, []).append(f"{name}\n        {line:.160}")
    for why, lines in differing.items():
        print(f"{why or 'NOT EXPLAINED'}: {len(lines)}", *lines, sep="\n    ")
    print(f"{files - sum(map(len, differing.values()))} of {files} files: the same attributes at fault")
    print(f"{len(FAULTS)} planted faults: flexura found {found['flexura']}, dciodvfy {found['dciodvfy']}")
    return None not in differing


def _listed(keywords: frozenset[str]) -> str:
    return ", ".join(sorted(keywords)) or "-"


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", action="store_true", help="change every attribute of the valid files in turn")
    if shutil.which("dciodvfy") is None:
        raise SystemExit("dciodvfy is missing: apt-get install dicom3tools")
    if parser.parse_args().every:
        compare_every_change()
    else:
        sys.exit(not compare_subjects())


if __name__ == "__main__":
    main()
