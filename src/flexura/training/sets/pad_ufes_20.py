"""PAD-UFES-20: 2,298 phone photos of growths of 1,373 patients.

Layout: `metadata.csv` (patient_id, lesion_id, fitspatrick, diagnostic, img_id, ... 26 columns) and `imgs_part_1` to
`imgs_part_3` with the photos that img_id names. Pacheco et al. 2020, doi:10.1016/j.dib.2020.106221.
"""

from flexura.training.sets.layout import PhotoSet, TableLayout, labelled

PAD_UFES_20 = PhotoSet(
    name="pad_ufes_20",
    title="PAD-UFES-20 (Pacheco et al. 2020)",
    licence="CC BY 4.0",
    address="https://doi.org/10.17632/zr7vgbcyr2.1",
    find=TableLayout(
        ("metadata.csv",), file="img_id", label="diagnostic", group="patient_id", skin_type="fitspatrick"
    ).find,
    labels=labelled("growth", "BCC", "ACK", "NEV", "SEK", "SCC", "MEL"),
)
