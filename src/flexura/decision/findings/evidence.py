"""Which findings speak for and against which diagnosis, each row with the publication that says so.

A statement is the code of a finding, or `no("…")` for its absence. What has no row, or nothing against it, stands
in `unsaid` with the reason. That skin is no redder than its surroundings speaks against nothing that would be
dangerous to miss: redness is hard to see on dark skin.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flexura.decision.findings import sources

# Code of a finding, and whether it must be present or absent.
Statement = tuple[str, bool]
Statements = tuple[Statement, ...]


def yes(*codes: str) -> Statements:
    """Presence of each finding."""
    return tuple((code, True) for code in codes)


def no(*codes: str) -> Statements:
    """Absence of each finding."""
    return tuple((code, False) for code in codes)


@dataclass(frozen=True)
class Evidence:
    """What speaks for and against one diagnosis after one publication."""

    diagnosis: str
    source: str
    supports: Statements
    opposes: Statements = ()


_ECZEMAS: Final = (
    Evidence(
        "atopic_dermatitis",
        sources.AAD_2014,
        yes("itch", "flexures", "comes_back", "since_infancy", "atopy_self", "atopy_family", "scaly"),
        no("itch") + yes("folds"),
    ),
    Evidence("atopic_dermatitis", sources.UKWP_1994, yes("itch", "flexures", "since_infancy", "atopy_self")),
    Evidence("atopic_dermatitis", sources.HANIFIN_1980, yes("thickened", "comes_back")),
    Evidence(
        "contact_dermatitis",
        sources.BAD_CONTACT_2017,
        yes("contact", "exposed", "hands_feet"),
        no("contact", "exposed"),
    ),
    Evidence("contact_dermatitis", sources.ESCD_2022, yes("exposed", "hands_feet", "itch")),
    Evidence(
        "seborrhoeic_dermatitis",
        sources.CLARK_2015,
        yes("seborrhoeic_sites", "folds", "scaly", "red", "comes_back"),
        no("scaly", "seborrhoeic_sites"),
    ),
    Evidence(
        "nummular_eczema",
        sources.LEUNG_2020,
        yes("sharp_border", "red", "itch", "severe_itch", "lower_legs", "both_sides"),
        no("itch"),
    ),
    Evidence(
        "dyshidrotic_eczema",
        sources.ESCD_2022,
        yes("blisters", "palms_soles", "itch", "comes_back"),
        no("palms_soles"),
    ),
    Evidence(
        "lichen_simplex",
        sources.LOTTI_2008,
        yes("thickened", "itch", "severe_itch", "scratched"),
        no("thickened", "itch"),
    ),
    Evidence("eczema_unspecified", sources.AAD_2014, yes("itch"), no("itch")),
)

_DRY_SKIN: Final = (
    Evidence(
        "xerosis", sources.AUGUSTIN_2019, yes("scaly", "rough", "older", "lower_legs"), no("scaly") + yes("oozing")
    ),
    Evidence(
        "ichthyosis",
        sources.OJI_2010,
        yes("scaly", "rough", "since_infancy", "extensive"),
        no("scaly") + yes("adult_onset", "oozing", "flexures"),
    ),
    Evidence(
        "keratosis_pilaris",
        sources.WANG_2018,
        yes("upper_arms_thighs", "rough", "raised", "separate"),
        yes("severe_itch", "oozing"),
    ),
)

_PAPULOSQUAMOUS: Final = (
    Evidence(
        "psoriasis",
        sources.NICE_CG153,
        yes("sharp_border", "red", "scaly", "raised", "extensors", "scalp", "comes_back", "joint_pain"),
        no("scaly"),
    ),
    Evidence(
        "lichen_planus",
        sources.USATINE_2011,
        yes("itch", "wrists", "lower_legs", "raised", "swollen", "mouth_sores"),
        no("itch") + yes("oozing"),
    ),
    Evidence(
        "pityriasis_rosea",
        sources.URBINA_2017,
        yes("trunk", "separate", "scaly", "young") + no("comes_back"),
        no("trunk") + yes("comes_back"),
    ),
    Evidence(
        "pityriasis_rubra_pilaris",
        sources.KLEIN_2010,
        yes("red", "scaly", "sharp_border", "palms_soles", "extensive"),
        no("scaly"),
    ),
)

_INFECTIONS: Final = (
    Evidence(
        "tinea",
        sources.ELY_2014,
        # A corticosteroid that helped says nothing: it calms tinea too, and hides it (tinea incognito).
        yes("red", "scaly", "itch", "sharp_border", "tinea_sites", "antifungal_helped") + no("steroid_helped"),
        no("scaly"),
    ),
    Evidence("scabies", sources.IACS_2020, yes("itch", "scabies_sites", "separate"), no("itch", "scabies_sites")),
    Evidence(
        "impetigo",
        sources.HARTMAN_2014,
        yes("oozing", "face", "child", "blisters"),
        no("oozing") + yes("six_weeks"),
    ),
    Evidence(
        "cellulitis",
        sources.RAFF_2016,
        yes("red", "swollen", "pain", "fever", "lower_legs") + no("separate", "both_sides"),
        no("pain") + yes("both_sides", "six_weeks"),
    ),
    Evidence("folliculitis", sources.FOLLICULITIS_2004, yes("pustules", "separate", "raised"), yes("palms_soles")),
    Evidence("herpes", sources.ZOSTER_2017, yes("blisters", "pain") + no("both_sides"), yes("both_sides", "six_weeks")),
    Evidence(
        "viral_exanthem",
        sources.KEIGHLEY_2015,
        yes("fever", "child", "both_sides") + no("six_weeks", "comes_back"),
        yes("six_weeks", "comes_back", "thickened"),
    ),
)

_INFLAMMATORY: Final = (
    Evidence(
        "urticaria",
        sources.URTICARIA_2022,
        yes("swollen", "raised", "itch", "sharp_border", "antihistamine_helped"),
        no("itch", "swollen") + yes("scaly", "thickened", "oozing"),
    ),
    Evidence("acne", sources.TITUS_2012, yes("face", "trunk", "young", "separate", "pustules"), yes("palms_soles")),
    Evidence("rosacea", sources.ROSACEA_2018, yes("face", "red", "pustules"), no("face")),
    Evidence(
        "prurigo",
        sources.PRURIGO_2018,
        yes("itch", "severe_itch", "scratched", "six_weeks", "separate", "raised", "both_sides"),
        no("itch", "six_weeks", "separate"),
    ),
    Evidence("lupus", sources.LUPUS_2021, yes("sunlight", "face", "joint_pain", "mouth_sores"), no("sunlight")),
    Evidence(
        "erythema_multiforme",
        sources.TRAYES_2019,
        yes("both_sides", "hands_feet", "extensors", "mouth_sores", "separate") + no("six_weeks"),
        no("both_sides") + yes("six_weeks"),
    ),
    Evidence(
        "hailey_hailey",
        sources.PORRO_2024,
        yes("folds", "blisters", "oozing", "pain", "heat", "comes_back", "adult_onset"),
        no("folds") + yes("since_infancy"),
    ),
    Evidence(
        "hidradenitis",
        sources.HS_2015,
        yes("folds", "pain", "raised", "comes_back"),
        no("folds", "pain") + yes("child"),
    ),
)

_OTHERS: Final = (
    Evidence("mycosis_fungoides", sources.LYMPHOMA_2019, yes("six_weeks", "older", "scaly", "trunk"), no("six_weeks")),
    Evidence("growth", sources.NICE_NG12, yes("changing", "uneven_colour", "oozing")),
    Evidence(
        "vitiligo",
        sources.VITILIGO_2008,
        yes("paler", "sharp_border", "both_sides"),
        no("paler") + yes("darker", "red", "scaly"),
    ),
    # Signs of grade 0. Redness is left out: its absence cannot be seen on every skin.
    Evidence(
        "healthy_skin",
        sources.HANIFIN_2001,
        no("scaly", "scratched", "thickened", "oozing", "swollen"),
        yes("scaly", "scratched", "thickened", "oozing", "swollen", "red"),
    ),
)

EVIDENCE: Final = _ECZEMAS + _DRY_SKIN + _PAPULOSQUAMOUS + _INFECTIONS + _INFLAMMATORY + _OTHERS

# By diagnosis and statement. Of several publications the first row's: written last here.
_Sources = Mapping[tuple[str, Statement], str]
_SUPPORTED_BY: Final[_Sources] = {(row.diagnosis, s): row.source for row in reversed(EVIDENCE) for s in row.supports}
_OPPOSED_BY: Final[_Sources] = {(row.diagnosis, s): row.source for row in reversed(EVIDENCE) for s in row.opposes}


def spoken_for(finding: str, *, present: bool) -> tuple[str, ...]:
    """List the diagnoses that the presence or absence of a finding speaks for.

    Parameters
    ----------
    finding : str
        Code of a finding.
    present : bool
        Whether it is there.

    Returns
    -------
    tuple of str
        Codes of diagnoses, each once, in the order of the table.
    """
    return tuple(dict.fromkeys(row.diagnosis for row in EVIDENCE if (finding, present) in row.supports))


def spoken_against(finding: str, *, present: bool) -> tuple[str, ...]:
    """List the diagnoses that the presence or absence of a finding speaks against.

    Parameters
    ----------
    finding : str
        Code of a finding.
    present : bool
        Whether it is there.

    Returns
    -------
    tuple of str
        Codes of diagnoses, each once, in the order of the table.
    """
    return tuple(dict.fromkeys(row.diagnosis for row in EVIDENCE if (finding, present) in row.opposes))


def source_for(diagnosis: str, statement: Statement) -> str:
    """Look up the publication after which a statement speaks for a diagnosis.

    Parameters
    ----------
    diagnosis : str
        Code of the taxonomy.
    statement : Statement
        One of those that `spoken_for` names the diagnosis for.

    Returns
    -------
    str
        Where several say so, the first of the table.

    Examples
    --------
    >>> source_for("tinea", ("scaly", True))
    'Ely 2014, Am Fam Physician 90:702-711'
    """
    return _SUPPORTED_BY[diagnosis, statement]


def source_against(diagnosis: str, statement: Statement) -> str:
    """Look up the publication after which a statement speaks against a diagnosis.

    Parameters
    ----------
    diagnosis : str
        Code of the taxonomy.
    statement : Statement
        One of those that `spoken_against` names the diagnosis for.

    Returns
    -------
    str
        Where several say so, the first of the table.

    Examples
    --------
    >>> source_against("tinea", ("scaly", False))
    'Ely 2014, Am Fam Physician 90:702-711'
    """
    return _OPPOSED_BY[diagnosis, statement]


# Diagnoses that the table says anything about; of the others nothing was looked for.
DESCRIBED: Final = frozenset(row.diagnosis for row in EVIDENCE)
