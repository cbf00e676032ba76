"""Fitzpatrick17k: 16,577 photos of two atlases, 114 labels, Fitzpatrick types; no patients.

Layout: github.com/mattgroh/fitzpatrick17k, README and `fitzpatrick17k.csv` (md5hash, fitzpatrick_scale, label, ...);
the photos are asked for by a form or fetched from the column `url`, and named by their md5hash. Groh et al. 2021,
arXiv:2104.09957. Many photos have near-duplicates (arXiv:2401.14497), so groups are made of these.
"""

from flexura.training.sets.layout import LEFT_OUT, PhotoSet, TableLayout, labelled

FITZPATRICK17K = PhotoSet(
    name="fitzpatrick17k",
    title="Fitzpatrick17k (Groh et al. 2021)",
    licence="CC BY-NC-SA 3.0",
    address="https://github.com/mattgroh/fitzpatrick17k",
    find=TableLayout(("fitzpatrick17k.csv",), file="md5hash", label="label", skin_type="fitzpatrick_scale").find,
    labels={
        **labelled("contact_dermatitis", "allergic contact dermatitis"),
        **labelled("dyshidrotic_eczema", "dyshidrotic eczema"),
        **labelled("eczema_unspecified", "eczema"),
        **labelled("seborrhoeic_dermatitis", "seborrheic dermatitis"),
        **labelled("lichen_simplex", "lichen simplex", "neurodermatitis"),
        **labelled("ichthyosis", "ichthyosis vulgaris"),
        **labelled("keratosis_pilaris", "keratosis pilaris"),
        **labelled("psoriasis", "psoriasis", "pustular psoriasis"),
        **labelled("lichen_planus", "lichen planus"),
        **labelled("pityriasis_rosea", "pityriasis rosea"),
        **labelled("pityriasis_rubra_pilaris", "pityriasis rubra pilaris"),
        **labelled("scabies", "scabies"),
        **labelled("folliculitis", "folliculitis"),
        **labelled(
            "other_infection",
            "lyme disease",
            "myiasis",
            "nematode infection",
            "paronychia",
            "pediculosis lids",
            "tungiasis",
        ),
        **labelled("urticaria", "urticaria"),
        **labelled("acne", "acne", "acne vulgaris"),
        **labelled("rosacea", "rosacea", "rhinophyma"),
        **labelled("prurigo", "prurigo nodularis", "neurotic excoriations"),
        **labelled("lupus", "lupus erythematosus", "lupus subacute"),
        **labelled("erythema_multiforme", "erythema multiforme"),
        **labelled("hailey_hailey", "hailey hailey disease"),
        **labelled("hidradenitis", "hidradenitis"),
        **labelled(
            "other_inflammatory",
            *("acanthosis nigricans", "acquired autoimmune bullous diseaseherpes gestationis", "behcets disease"),
            *("dariers disease", "dermatomyositis", "disseminated actinic porokeratosis", "drug eruption"),
            *("erythema annulare centrifigum", "erythema elevatum diutinum", "erythema nodosum", "fixed eruptions"),
            *("granuloma annulare", "lichen amyloidosis", "livedo reticularis", "mucinosis", "necrobiosis lipoidica"),
            *("neutrophilic dermatoses", "papilomatosis confluentes and reticulate", "perioral dermatitis"),
            *(
                "photodermatoses",
                "pityriasis lichenoides chronica",
                "porokeratosis actinic",
                "porokeratosis of mibelli",
            ),
            *("porphyria", "sarcoidosis", "scleroderma", "scleromyxedema", "stasis edema", "stevens johnson syndrome"),
            *("tick bite", "urticaria pigmentosa"),
        ),
        **labelled("mycosis_fungoides", "mycosis fungoides"),
        **labelled(
            "growth",
            *("actinic keratosis", "basal cell carcinoma", "basal cell carcinoma morpheiform", "becker nevus"),
            *("congenital nevus", "dermatofibroma", "epidermal nevus", "granuloma pyogenic", "halo nevus"),
            *("juvenile xanthogranuloma", "kaposi sarcoma", "keloid", "lentigo maligna", "lymphangioma"),
            *("malignant melanoma", "melanoma", "milia", "mucous cyst", "naevus comedonicus", "nevocytic nevus"),
            *("nevus sebaceous of jadassohn", "pilar cyst", "pilomatricoma", "port wine stain", "pyogenic granuloma"),
            *("seborrheic keratosis", "solid cystic basal cell carcinoma", "squamous cell carcinoma"),
            *("superficial spreading melanoma ssm", "syringoma"),
        ),
        **labelled("vitiligo", "vitiligo"),
        **labelled(
            LEFT_OUT,
            *("acrodermatitis enteropathica", "aplasia cutis", "calcinosis cutis", "cheilitis"),
            *("drug induced pigmentary changes", "ehlers danlos syndrome", "epidermolysis bullosa"),
            *("factitial dermatitis", "fordyce spots", "incontinentia pigmenti", "langerhans cell histiocytosis"),
            *("neurofibromatosis", "striae", "sun damaged skin", "telangiectases", "tuberous sclerosis", "xanthomas"),
            "xeroderma pigmentosum",
        ),
    },
)
