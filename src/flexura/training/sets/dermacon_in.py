"""DermaCon-IN: 5,450 photos of 3,002 patients of three hospitals in India; bring the labels' codes yourself.

Layout: `METADATA/Skin_Metadata.csv` (`.tab` in the Dataverse; Image_name, Subject_ID, Main_class, Sub_class,
Disease_label, Fitzpatrick, Monk_skin_tone, Age, Body_part, Gradability, ...) and the photos in `DATASET`. Madarkar et
al. 2025, arXiv:2506.06099. The columns and folders are those that loaders of the release read; the 245 disease labels
could not be verified word for word, so none is mapped here: a table of labels has to be given.
"""

from flexura.training.sets.layout import PhotoSet, TableLayout

DERMACON_IN = PhotoSet(
    name="dermacon_in",
    title="DermaCon-IN (Madarkar et al. 2025)",
    licence="CC BY-NC-SA 4.0",
    address="https://doi.org/10.7910/DVN/W7OUZM",
    find=TableLayout(
        ("Skin_Metadata.csv", "Skin_Metadata.tab"),
        file="Image_name",
        label="Disease_label",
        group="Subject_ID",
        skin_type="Fitzpatrick",
    ).find,
    labels={},
)
