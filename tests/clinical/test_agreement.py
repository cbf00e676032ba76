"""Fields that follow from others, and fields that contradict each other; by hand."""

from datetime import date
from typing import Any

import pytest

from flexura.clinical.context import read_context
from flexura.errors import ContextError

DAY = {"captured_at": "2024-03-01"}


@pytest.mark.parametrize(
    ("given", "months"),
    [
        # 29 February at 23:30 in UTC-11 is 1 March in UTC: by local time the first birthday is a day away.
        ({"birth_date": "2023-03-01", "captured_at": "2024-02-29T23:30:00-11:00"}, 11),
        ({"birth_date": "2023-03-01", "captured_at": "2024-03-01T10:30:00Z"}, 12),
        ({"birth_date": "2023-03-01", "captured_at": "2024-03-01T10:30:00Z", "time_zone": "Pacific/Pago_Pago"}, 11),
        ({"birth_date": "2020-02-29", "captured_at": "2023-02-28"}, 35),
        ({"birth_date": "2020-02-29", "captured_at": "2023-03-01"}, 36),
        ({"birth_date": "2024-03-01", "captured_at": "2024-03-01"}, 0),
        ({"birth_date": "1904-03-01", "captured_at": "2024-03-31"}, 1440),
        ({"age_months": 7}, 7),
    ],
)
def test_age_at_capture_in_months_and_years(given: dict[str, Any], months: int) -> None:
    context = read_context(given)
    assert context.age_months == months
    assert context.age_years == months / 12


def test_whole_years_alone_tell_no_months() -> None:
    assert read_context({"age_years": 6}).age_months is None


def test_an_age_in_years_may_stand_beside_the_exact_one() -> None:
    context = read_context({"age_years": 6, "age_months": 78, "birth_date": "2017-08-30", **DAY})
    assert (context.age_years, context.age_months) == (6.5, 78)


def test_nothing_of_the_birth_date_is_kept_or_shown() -> None:
    context = read_context({"birth_date": "2017-08-30", **DAY})
    assert date(2017, 8, 30) not in vars(context).values()
    assert repr(context) == "PatientContext()"


@pytest.mark.parametrize("course", ["first_episode", "persistent"])
def test_an_episode_that_never_paused_lasts_since_the_onset(course: str) -> None:
    assert read_context({"course": course, "onset_date": "2024-02-20", **DAY}).duration_days == 10


@pytest.mark.parametrize("course", ["relapsing", None])
def test_else_the_onset_says_nothing_of_the_episode(course: str | None) -> None:
    assert read_context({"course": course, "onset_date": "2024-02-20", **DAY}).duration_days is None


def test_poem_is_the_sum_of_its_answers() -> None:
    assert read_context({"poem_items": [4, 3, 1, 1, 2, 2, 4]}).poem == 17
    assert read_context({"poem_items": [4, 3, 1, 1, 2, 2, 4], "poem": 17}).poem == 17


@pytest.mark.parametrize("season", ["spring", "winter", "summer"])
def test_a_season_may_be_off_by_one_but_never_by_two(season: str) -> None:
    given = {"season": season, "latitude_band": "north_temperate", **DAY}
    assert read_context(given).season == season  # 1 March
    with pytest.raises(ContextError, match="season contradicts"):
        read_context(given | {"season": "autumn"})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"birth_date": "2020-01-01"}, "birth_date needs captured_at"),
        ({"time_zone": "Europe/Berlin"}, "time_zone needs captured_at"),
        ({"onset_date": "2020-01-01"}, "onset_date needs captured_at"),
        ({"flares": ["2020-01-01"]}, "flares needs captured_at"),
        ({"itch_history": []}, "itch_history needs captured_at"),
        ({"birth_date": "2024-03-02", **DAY}, "birth_date lies after"),
        ({"birth_date": "1903-03-01", **DAY}, "birth_date is out of range"),
        ({"birth_date": "2020-03-02", "age_months": 48, **DAY}, "age_months contradicts"),
        ({"birth_date": "2020-03-02", "age_years": 4, **DAY}, "age_years contradicts"),
        ({"age_years": 6.9, "age_months": 84}, "age_years contradicts"),
        ({"sex": "male", "pregnancy": "pregnant"}, "pregnancy contradicts"),
        ({"sex": "male", "pregnancy": "breastfeeding"}, "pregnancy contradicts"),
        ({"onset_date": "2024-03-02", **DAY}, "onset_date lies after"),
        ({"onset_date": "2019-12-31", "birth_date": "2020-01-01", **DAY}, "onset_date lies before"),
        ({"onset_date": "2015-01-01", "age_years": 6, **DAY}, "onset_date lies before"),
        ({"flares": ["2024-01-01", "2024-03-02"], **DAY}, "flares lies after"),
        ({"itch_history": [{"day": "2025-01-01", "itch": 1}], **DAY}, "itch_history lies after"),
        ({"duration_days": 60, "onset_date": "2024-02-20", **DAY}, "duration_days is longer than the time"),
        ({"duration_days": 1500, "age_years": 2}, "duration_days is longer than the patient's age"),
        ({"poem": 16, "poem_items": [4, 3, 1, 1, 2, 2, 4]}, "poem is not the sum"),
    ],
)
def test_a_contradiction_is_refused_by_a_field_s_name(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ContextError, match=f"^{message}"):
        read_context(given)


def test_a_rounded_duration_is_no_contradiction() -> None:
    assert read_context({"duration_days": 30, "onset_date": "2024-02-20", **DAY}).duration_days == 30
    assert read_context({"duration_days": 1000, "age_years": 2}).duration_days == 1000


@pytest.mark.parametrize(
    "given",
    [
        {"onset_age_years": 5, "age_years": 4},
        {"onset_age_years": 5, "age_years": 8, "onset_date": "2023-03-01", **DAY},
        {"features_found": ["cheilitis"], "features_not_found": ["keratoconus", "cheilitis"]},
    ],
)
def test_onset_and_features_that_contradict_each_other(given: dict[str, Any]) -> None:
    with pytest.raises(ContextError, match=r"(onset_age_years|features_found)"):
        read_context(given)


def test_ages_may_be_rounded_down_to_whole_years() -> None:
    context = read_context({"onset_age_years": 4, "age_years": 4.5, "onset_date": "2024-01-01", **DAY})
    assert context.onset_age_years == 4
