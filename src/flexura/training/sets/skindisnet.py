"""SkinDisNet: 1,710 phone photos of 416 patients of two hospitals in Bangladesh, six diagnoses.

Layout of version 2: `Preprocessed/CLASS/PHOTO`, `Augmented/CLASS/` (seven copies of each photo, left out here) and
`SkinDisNet_Metadata.csv` (Folder_name, Patient_id, Image_id, Age, Sex, Leision_location, Diagnosis); Image_id is the
photo's stem. Sultana et al. 2025, doi:10.1016/j.dib.2025.112239. The label is read from the class folder.
"""

from flexura.training.sets.layout import PhotoSet, TableLayout, labelled

SKINDISNET = PhotoSet(
    name="skindisnet",
    title="SkinDisNet (Sultana et al. 2025)",
    licence="CC BY-NC 4.0",
    address="https://doi.org/10.17632/yj3md44hxg.2",
    find=TableLayout(("SkinDisNet_Metadata.csv",), file="Image_id", group="Patient_id", left_out=("Augmented",)).find,
    labels={
        **labelled("atopic_dermatitis", "Atopic Dermatitis (AD)"),
        **labelled("contact_dermatitis", "Contact Dermatitis (CD)"),
        **labelled("eczema_unspecified", "Eczema (EC)"),
        **labelled("scabies", "Scabies (SC)"),
        **labelled("seborrhoeic_dermatitis", "Seborrheic Dermatitis (SD)"),
        **labelled("tinea", "Tinea Corporis (TC)"),
    },
)
