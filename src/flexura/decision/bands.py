"""Bands of the clinical scores, each scheme with its publication.

A band holds scores up to and including its bound, told from the score rounded to one decimal as
the publications print them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

from flexura.errors import ScoreError

EasiBands = Literal["leshem_2015", "chopra_2017"]
ScoradBands = Literal["etfad_classic", "chopra_2017"]


@dataclass(frozen=True)
class BandScheme:
    """Severity bands of one score: each name with the highest score that it holds, and the publication."""

    name: str
    source: str
    upper_bounds: tuple[tuple[str, Decimal], ...]

    @property
    def title(self) -> str:
        """Name and publication, as shown beside a band."""
        return f"{self.name} ({self.source})"


def _scheme(name: str, source: str, *bands: tuple[str, str]) -> BandScheme:
    return BandScheme(name, source, tuple((band, Decimal(highest)) for band, highest in bands))


_LESHEM: Final = "Leshem 2015, doi 10.1111/bjd.13662"
_CHOPRA: Final = "Chopra 2017, doi 10.1111/bjd.15641"
# <25 mild, 25-50 moderate, >50 severe. The band is told from the score rounded to one decimal.
_CLASSIC: Final = "ETFAD as in Oranje 2007, doi 10.1111/j.1365-2133.2007.08112.x"

EASI_BANDS: Final[Mapping[EasiBands, BandScheme]] = {
    "leshem_2015": _scheme(
        "leshem_2015",
        _LESHEM,
        ("clear", "0"),
        ("almost clear", "1.0"),
        ("mild", "7.0"),
        ("moderate", "21.0"),
        ("severe", "50.0"),
        ("very severe", "72.0"),
    ),
    "chopra_2017": _scheme(
        "chopra_2017", _CHOPRA, ("clear", "0"), ("mild", "5.9"), ("moderate", "22.9"), ("severe", "72.0")
    ),
}
SCORAD_BANDS: Final[Mapping[ScoradBands, BandScheme]] = {
    "etfad_classic": _scheme("etfad_classic", _CLASSIC, ("mild", "24.9"), ("moderate", "50.0"), ("severe", "103.0")),
    "chopra_2017": _scheme(
        "chopra_2017", _CHOPRA, ("clear", "9.9"), ("mild", "28.9"), ("moderate", "48.9"), ("severe", "103.0")
    ),
}
OBJECTIVE_SCORAD_BANDS: Final = _scheme(
    "chopra_2017", _CHOPRA, ("clear", "7.9"), ("mild", "23.9"), ("moderate", "37.9"), ("severe", "83.0")
)
BSA_BANDS: Final = _scheme(
    "chopra_2017", _CHOPRA, ("clear", "0"), ("mild", "15.9"), ("moderate", "39.9"), ("severe", "100")
)
TIS_BANDS: Final = _scheme(
    "fishbein_2020",
    "Fishbein 2020, table III, doi 10.1016/j.jaip.2019.06.044",
    ("mild", "2"),
    ("moderate", "5"),
    ("severe", "9"),
)
# Names of the grades only: the published descriptions may not be altered (CC BY-ND).
VIGA_BANDS: Final = _scheme(
    "viga_ad",
    "Simpson 2020, doi 10.1016/j.jaad.2020.04.104",
    ("clear", "0"),
    ("almost clear", "1"),
    ("mild", "2"),
    ("moderate", "3"),
    ("severe", "4"),
)
POEM_BANDS: Final = _scheme(
    "charman_2013",
    "Charman 2013, doi 10.1111/bjd.12590",
    ("clear or almost clear", "2"),
    ("mild", "7"),
    ("moderate", "16"),
    ("severe", "24"),
    ("very severe", "28"),
)
DLQI_BANDS: Final = _scheme(
    "hongbo_2005",
    "Hongbo 2005, doi 10.1111/j.0022-202X.2005.23621.x",
    ("no effect", "1"),
    ("small effect", "5"),
    ("moderate effect", "10"),
    ("very large effect", "20"),
    ("extremely large effect", "30"),
)
CDLQI_BANDS: Final = _scheme(
    "waters_2010",
    "Waters 2010, Br J Dermatol 163 Suppl 1:121",
    ("no effect", "1"),
    ("small effect", "6"),
    ("moderate effect", "12"),
    ("very large effect", "18"),
    ("extremely large effect", "30"),
)
ADCT_BANDS: Final = _scheme(
    "pariser_2020", "Pariser 2020, doi 10.1080/03007995.2019.1699516", ("controlled", "6"), ("not controlled", "24")
)
# Whole points 0-3, 4-6, 7-10; between them as in Reich 2012 (below 4, below 7).
ITCH_NRS_BANDS: Final = _scheme(
    "vakharia_2018",
    "Vakharia 2018, PMC5906166; Reich 2012, doi 10.2340/00015555-1265",
    ("mild", "3.9"),
    ("moderate", "6.9"),
    ("severe", "10"),
)


def band_of(value: Decimal, scheme: BandScheme) -> str:
    """Name the band of a score.

    Parameters
    ----------
    value : Decimal
        From 0 to the highest score of the scheme; rounded half up to one decimal, as bands are published.
    scheme : BandScheme
        One of the tables of this module.

    Returns
    -------
    str
        Name of the band.

    Raises
    ------
    ScoreError
        If the score lies outside the scheme.

    Examples
    --------
    >>> band_of(Decimal("50"), SCORAD_BANDS["etfad_classic"])
    'moderate'
    """
    rounded = value.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    for band, highest in scheme.upper_bounds:
        if 0 <= rounded <= highest:
            return band
    raise ScoreError(f"the score lies outside the bands of {scheme.name}")
