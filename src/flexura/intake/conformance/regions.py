"""Codes of body regions: which come in pairs, and whether a SNOMED CT identifier can exist.

Knows the regions of PS3.16 CID 4031 (Common Anatomic Regions) and CID 4029 (Dermatology Anatomic
Sites) that skin is photographed on; a region that is not listed is neither paired nor unpaired here.
"""

import re

# SNOMED CT code -> what it means, as PS3.16 names it.
PAIRED_REGIONS = {
    "53120007": "UpperLimb",
    "16982005": "Shoulder",
    "40983000": "UpperArm",
    "16953009": "ElbowJoint",
    "14975008": "Forearm",
    "74670003": "WristJoint",
    "85562004": "Hand",
    "7569003": "Finger",
    "76505004": "Thumb",
    "61685007": "LowerLimb",
    "29836001": "Hip",
    "68367000": "Thigh",
    "72696002": "Knee",
    "30021000": "LowerLeg",
    "70258002": "AnkleJoint",
    "56459004": "Foot",
    "29707007": "Toe",
    "76752008": "Breast",
    "81745001": "Eye",
    "76261009": "SkinOfAxilla",
    "371311000": "SkinOfUpperExtremity",
    "45981001": "SkinOfAnteriorSurfaceOfUpperArm",
    "72939005": "SkinOfPosteriorSurfaceOfUpperArm",
    "17957002": "SkinOfAntecubitalFossa",
    "181536004": "SkinOfPosteriorSurfaceOfElbow",
    "70559009": "SkinOfAnteriorSurfaceOfForearm",
    "41550009": "SkinOfPosteriorSurfaceOfForearm",
    "24527008": "SkinOfPalmarAreaOfWrist",
    "52876008": "SkinOfDorsalAreaOfWrist",
    "33712006": "SkinOfHand",
    "70887009": "SkinOfPalmOfHand",
    "371304004": "SkinOfLowerExtremity",
    "61248009": "SkinOfAnteriorSurfaceOfThigh",
    "4578000": "SkinOfPosteriorSurfaceOfThigh",
    "181553006": "SkinOfAnteriorSurfaceOfKnee",
    "84507004": "SkinOfPoplitealFossa",
    "25763004": "SkinOfAnteriorSurfaceOfLowerLeg",
    "47224004": "SkinOfPosteriorSurfaceOfLowerLeg",
    "60496002": "SkinOfFoot",
    "84607009": "SkinOfHeel",
    "1902009": "SkinOfEar",
    "362916000": "SkinOfEyeRegion",
    "41310005": "SkinOfUpperEyelid",
    "40069000": "SkinOfLowerEyelid",
    "36141000": "SkinOfCheek",
}

_IDENTIFIER = re.compile(r"[1-9][0-9]{5,17}")
# Verhoeff's scheme: the multiplication of the dihedral group of the pentagon, and its permutation of digits.
_PRODUCT = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_NEXT = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def is_snomed_identifier(code: str) -> bool:
    """Whether a code has the form and the check digit of a SNOMED CT identifier.

    Parameters
    ----------
    code : str
        As in Code Value (0008,0100).

    Returns
    -------
    bool
        False for a mistyped code; true does not mean that the concept exists.

    References
    ----------
    SNOMED International, SNOMED CT Release File Specifications, 5.1 (identifiers) and 5.5 (Verhoeff's check digit).

    Examples
    --------
    >>> is_snomed_identifier("14975008"), is_snomed_identifier("14975080")
    (True, False)
    """
    if not _IDENTIFIER.fullmatch(code):
        return False
    check = 0
    for place, digit in enumerate(map(int, reversed(code))):
        for _ in range(place % 8):
            digit = _NEXT[digit]  # noqa: PLW2901  # permuted once per place
        check = _PRODUCT[check][digit]
    return check == 0
