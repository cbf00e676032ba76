"""Surroundings: season by hemisphere, dryness of the air, pollen and what the skin meets at work.

Seasons are meteorological (whole months) and swap between the hemispheres. The tropics have no
such four seasons: there the season is unknown unless it was told.
"""

from datetime import date
from typing import Final

from flexura.clinical.categories import encode_word, encode_words
from flexura.clinical.vectors import feature_vector
from flexura.clinical.vocabulary import EXPOSURES, LATITUDE_BANDS, POLLEN_LEVELS, SEASONS
from flexura.records import FeatureVector, PatientContext

# Below it indoor air counts as dry: Arundel et al. 1986, doi 10.1289/ehp.8665351 (40 to 60 percent is best).
DRY_AIR_PERCENT: Final = 40


def season_of(day: date | None, latitude_band: str | None) -> str | None:
    """Meteorological season of a day in a band of latitude.

    Parameters
    ----------
    day : date | None
        Local day.
    latitude_band : str | None
        One of `LATITUDE_BANDS`.

    Returns
    -------
    str | None
        One of `SEASONS`; `None` in the tropics, or if the day or the band is unknown.

    References
    ----------
    Meteorological seasons, by whole months: US National Oceanic and Atmospheric Administration,
    https://coastalscience.noaa.gov/multimedia/difference-between-meteorological-and-astronomical-seasons/ (2024).

    Examples
    --------
    >>> season_of(date(2024, 12, 1), "north_temperate"), season_of(date(2024, 12, 1), "south_temperate")
    ('winter', 'summer')
    """
    if day is None or latitude_band is None or latitude_band == "tropical":
        return None
    quarter = day.month % 12 // 3  # December begins the first
    half_year = 2 * latitude_band.startswith("south")
    return SEASONS[(quarter + half_year) % 4]


def opposite_seasons(one: str, other: str) -> bool:
    """Whether two seasons lie half a year apart.

    Parameters
    ----------
    one : str
        One of `SEASONS`.
    other : str
        Likewise.

    Returns
    -------
    bool
    """
    return abs(SEASONS.index(one) - SEASONS.index(other)) == 2


def environment_features(context: PatientContext) -> FeatureVector:
    """Encode season, latitude, humidity, pollen and exposures at work.

    Parameters
    ----------
    context : PatientContext
        Checked.

    Returns
    -------
    FeatureVector
        The season as told, else by day and latitude; relative humidity as a share and whether it is
        dry (below 40 percent); pollen as a step of its scale, 0 none to 1 very high.

    References
    ----------
    Arundel et al. 1986, doi 10.1289/ehp.8665351.
    """
    humidity, pollen = context.humidity_percent, context.pollen
    season = context.season or season_of(context.captured_on, context.latitude_band)
    highest_step = len(POLLEN_LEVELS) - 1
    return feature_vector(
        [
            *encode_word("season", season, words=SEASONS),
            *encode_word("latitude", context.latitude_band, words=LATITUDE_BANDS),
            ("humidity", None if humidity is None else humidity / 100, "share of saturation"),
            ("dry_air", None if humidity is None else float(humidity < DRY_AIR_PERCENT), "1 below 40 percent, 0 not"),
            ("pollen", None if pollen is None else POLLEN_LEVELS.index(pollen) / highest_step, "0 none to 1 very high"),
            *encode_words("exposure", context.occupational_exposures, words=EXPOSURES),
        ]
    )
