"""HAM10000: 10,015 dermatoscopic photos of growths, grouped by lesion; no patients, no skin types.

Layout: `HAM10000_metadata.csv` (as `.tab` or without suffix in some releases; lesion_id, image_id, dx, dx_type, age,
sex, localization) and `HAM10000_images_part_1` and `_2`. Tschandl et al. 2018, doi:10.1038/sdata.2018.161. A
dermatoscope is no camera: mix these photos into training only as a source of their own.
"""

from flexura.training.sets.layout import PhotoSet, TableLayout, labelled

HAM10000 = PhotoSet(
    name="ham10000",
    title="HAM10000 (Tschandl et al. 2018)",
    licence="CC BY-NC 4.0",
    address="https://doi.org/10.7910/DVN/DBW86T",
    find=TableLayout(
        ("HAM10000_metadata.csv", "HAM10000_metadata.tab", "HAM10000_metadata"),
        file="image_id",
        label="dx",
        group="lesion_id",
    ).find,
    labels=labelled("growth", "akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"),
)
