"""Band edges against an independent reading of the publications."""

from decimal import Decimal

import pytest

from flexura.decision import bands
from flexura.decision.bands import (
    BSA_BANDS,
    EASI_BANDS,
    OBJECTIVE_SCORAD_BANDS,
    SCORAD_BANDS,
    TIS_BANDS,
    BandScheme,
    band_of,
)
from flexura.errors import ScoreError

# First and last score of each band as printed (Leshem 2015; Chopra 2017; Oranje 2007).
PRINTED = [
    (EASI_BANDS["leshem_2015"], "clear", "0", "0"),
    (EASI_BANDS["leshem_2015"], "almost clear", "0.1", "1.0"),
    (EASI_BANDS["leshem_2015"], "mild", "1.1", "7.0"),
    (EASI_BANDS["leshem_2015"], "moderate", "7.1", "21.0"),
    (EASI_BANDS["leshem_2015"], "severe", "21.1", "50.0"),
    (EASI_BANDS["leshem_2015"], "very severe", "50.1", "72"),
    (EASI_BANDS["chopra_2017"], "clear", "0", "0"),
    (EASI_BANDS["chopra_2017"], "mild", "0.1", "5.9"),
    (EASI_BANDS["chopra_2017"], "moderate", "6.0", "22.9"),
    (EASI_BANDS["chopra_2017"], "severe", "23.0", "72"),
    (SCORAD_BANDS["etfad_classic"], "mild", "0", "24.9"),
    (SCORAD_BANDS["etfad_classic"], "moderate", "25", "50"),
    (SCORAD_BANDS["etfad_classic"], "severe", "50.1", "103"),
    (SCORAD_BANDS["chopra_2017"], "clear", "0", "9.9"),
    (SCORAD_BANDS["chopra_2017"], "mild", "10.0", "28.9"),
    (SCORAD_BANDS["chopra_2017"], "moderate", "29.0", "48.9"),
    (SCORAD_BANDS["chopra_2017"], "severe", "49.0", "103"),
    (OBJECTIVE_SCORAD_BANDS, "clear", "0", "7.9"),
    (OBJECTIVE_SCORAD_BANDS, "mild", "8.0", "23.9"),
    (OBJECTIVE_SCORAD_BANDS, "moderate", "24.0", "37.9"),
    (OBJECTIVE_SCORAD_BANDS, "severe", "38.0", "83"),
    (BSA_BANDS, "clear", "0", "0"),
    (BSA_BANDS, "mild", "0.1", "15.9"),
    (BSA_BANDS, "moderate", "16.0", "39.9"),
    (BSA_BANDS, "severe", "40.0", "100"),
    (TIS_BANDS, "mild", "0", "2"),
    (TIS_BANDS, "moderate", "3", "5"),
    (TIS_BANDS, "severe", "6", "9"),
]
SINGLE = [scheme for scheme in vars(bands).values() if isinstance(scheme, BandScheme)]
SCHEMES = [*EASI_BANDS.values(), *SCORAD_BANDS.values(), *SINGLE]


@pytest.mark.parametrize(("scheme", "band", "first", "last"), PRINTED)
def test_edges(scheme: BandScheme, band: str, first: str, last: str) -> None:
    assert band_of(Decimal(first), scheme) == band
    assert band_of(Decimal(last), scheme) == band


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_tenth_has_a_band_and_bands_never_fall(scheme: BandScheme) -> None:
    names = [band for band, _ in scheme.upper_bounds]
    highest = scheme.upper_bounds[-1][1]
    ranks = [names.index(band_of(Decimal(tenth) / 10, scheme)) for tenth in range(int(highest * 10) + 1)]
    assert ranks == sorted(ranks)
    assert set(ranks) == set(range(len(names)))


def test_rounding_is_half_up_and_decimal() -> None:
    # round(7.05, 1) is 7.0 in floats: mild. As printed it is 7.1: moderate.
    assert band_of(Decimal("7.05"), EASI_BANDS["leshem_2015"]) == "moderate"


@pytest.mark.parametrize("value", ["-1", "72.1", "216"])
def test_score_outside_the_scheme_is_refused(value: str) -> None:
    with pytest.raises(ScoreError, match="leshem_2015"):
        band_of(Decimal(value), EASI_BANDS["leshem_2015"])


def test_every_scheme_names_its_publication():
    assert len(SCHEMES) == 13
    assert all("doi 10." in scheme.title or "Br J Dermatol" in scheme.title for scheme in SCHEMES)
