"""PASSION: 4,901 phone photos of 1,653 patients, most of them children, of four countries south of the Sahara.

Layout: `label.csv` with a row per patient (subject_id, country, age, sex, fitzpatrick, body_loc, impetig,
conditions_PASSION) and `images/SUBJECT_NUMBER.jpg`, several per patient. Gottfrois et al. 2024,
doi:10.1007/978-3-031-72384-1_66. "Fungal" holds diseases of two codes (tinea, other_infection) and "Others" anything:
both are left out. `impetig` marks impetigo beside the diagnosis and is not read.
"""

from flexura.training.sets.layout import LEFT_OUT, PhotoSet, TableLayout, labelled


def _subject(stem: str) -> str:
    """The patient of a photo named SUBJECT_NUMBER."""
    return stem.rpartition("_")[0] or stem


PASSION = PhotoSet(
    name="passion",
    title="PASSION (Gottfrois et al. 2024)",
    licence="PASSION Data Public License: non-commercial",
    address="https://passionderm.github.io",
    find=TableLayout(
        ("label.csv",),
        file="subject_id",
        label="conditions_PASSION",
        group="subject_id",
        skin_type="fitzpatrick",
        photo_key=_subject,
    ).find,
    labels={
        **labelled("eczema_unspecified", "Eczema"),
        **labelled("scabies", "Scabies"),
        **labelled(LEFT_OUT, "Fungal", "Others"),
    },
)
