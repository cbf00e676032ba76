"""DDI, Diverse Dermatology Images: 656 photos proven by biopsy; no patients are told.

Layout: `ddi_metadata.csv` (DDI_ID, DDI_file, skin_tone, malignant, disease) and the photos, as loaders of the release
read it. `skin_tone` is a pair of Fitzpatrick types (12, 34 or 56): no single type, so it stays unknown. Daneshjou et
al. 2022, doi:10.1126/sciadv.abq6147.
"""

from flexura.training.sets.layout import LEFT_OUT, PhotoSet, TableLayout, labelled

DDI = PhotoSet(
    name="ddi",
    title="DDI, Diverse Dermatology Images (Daneshjou et al. 2022)",
    licence="Stanford University Dataset Research Use Agreement: non-commercial research",
    address="https://ddi-dataset.github.io",
    find=TableLayout(("ddi_metadata.csv",), file="DDI_file", label="disease").find,
    labels={
        **labelled("eczema_unspecified", "eczema-spongiotic-dermatitis"),
        **labelled("tinea", "onychomycosis", "tinea-pedis"),
        **labelled("folliculitis", "folliculitis"),
        **labelled(
            "other_infection",
            *(
                "abscess",
                "coccidioidomycosis",
                "condyloma-accuminatum",
                "molluscum-contagiosum",
                "verruca-vulgaris",
                "wart",
            ),
        ),
        **labelled("acne", "acne-cystic"),
        **labelled("prurigo", "prurigo-nodularis"),
        **labelled(
            "other_inflammatory", "dermatomyositis", "foreign-body-granuloma", "graft-vs-host-disease", "morphea"
        ),
        **labelled("mycosis_fungoides", "mycosis-fungoides"),
        **labelled(
            "growth",
            *("acquired-digital-fibrokeratoma", "acral-melanotic-macule", "acrochordon", "actinic-keratosis"),
            *("angioleiomyoma", "angioma", "arteriovenous-hemangioma", "atypical-spindle-cell-nevus-of-reed"),
            *("basal-cell-carcinoma", "basal-cell-carcinoma-nodular", "basal-cell-carcinoma-superficial"),
            *("benign-keratosis", "blastic-plasmacytoid-dendritic-cell-neoplasm", "blue-nevus"),
            *("cellular-neurothekeoma", "chondroid-syringoma", "clear-cell-acanthoma", "dermatofibroma"),
            *("dysplastic-nevus", "eccrine-poroma", "epidermal-cyst", "epidermal-nevus", "fibrous-papule"),
            *("focal-acral-hyperkeratosis", "glomangioma", "inverted-follicular-keratosis", "kaposi-sarcoma", "keloid"),
            *("leukemia-cutis", "lichenoid-keratosis", "lipoma", "melanocytic-nevi", "melanoma"),
            *("melanoma-acral-lentiginous", "melanoma-in-situ", "metastatic-carcinoma", "neurofibroma", "neuroma"),
            *("nevus-lipomatosus-superficialis", "nodular-melanoma-(nm)", "pigmented-spindle-cell-nevus-of-reed"),
            *("pyogenic-granuloma", "sebaceous-carcinoma", "seborrheic-keratosis", "seborrheic-keratosis-irritated"),
            *("solar-lentigo", "squamous-cell-carcinoma", "squamous-cell-carcinoma-in-situ"),
            *("squamous-cell-carcinoma-keratoacanthoma", "subcutaneous-t-cell-lymphoma"),
            *("syringocystadenoma-papilliferum", "trichilemmoma", "trichofolliculoma", "verruciform-xanthoma"),
            "xanthogranuloma",
        ),
        **labelled(
            LEFT_OUT,
            *("abrasions-ulcerations-and-physical-injuries", "hematoma", "hyperpigmentation"),
            *("lymphocytic-infiltrations", "reactive-lymphoid-hyperplasia", "scar"),
        ),
    },
)
