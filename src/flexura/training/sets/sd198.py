"""SD-198: 6,584 photos of DermQuest in 198 classes; no patients, no skin types.

Layout: `images/CLASS/PHOTO.jpg` beside `classes.txt`, `images.txt` and `image_class_labels.txt`, as loaders of the
released archive read it; the folders alone are read here. Sun et al., ECCV 2016, doi:10.1007/978-3-319-46466-4_13.
"""

from pathlib import Path

from flexura.training.sets.layout import LEFT_OUT, Found, Listing, PhotoSet, find_in_folders, labelled


def find(folder: Path) -> Listing:
    """List the photos below `images/`.

    Parameters
    ----------
    folder : Path
        The set as published, or its folder `images`.

    Returns
    -------
    Listing
        Sorted by path.

    Raises
    ------
    ManifestError
        If no class folder holds a photo.
    """
    inside = folder / "images"
    if not inside.is_dir():
        return find_in_folders(folder)
    return Listing(tuple(Found(f"images/{photo.file}", photo.label) for photo in find_in_folders(inside).photos))


SD198 = PhotoSet(
    name="sd198",
    title="SD-198 (Sun et al. 2016)",
    licence="academic research only",
    address="https://doi.org/10.1007/978-3-319-46466-4_13",
    find=find,
    labels={
        **labelled("atopic_dermatitis", "Infantile_Atopic_Dermatitis"),
        **labelled("contact_dermatitis", "Allergic_Contact_Dermatitis"),
        **labelled("seborrhoeic_dermatitis", "Seborrheic_Dermatitis"),
        **labelled("nummular_eczema", "Nummular_Eczema"),
        **labelled("dyshidrotic_eczema", "Dyshidrosiform_Eczema"),
        **labelled("lichen_simplex", "Lichen_Simplex_Chronicus", "Neurodermatitis"),
        **labelled("eczema_unspecified", "Acute_Eczema", "Eczema", "Stasis_Dermatitis"),
        **labelled("xerosis", "Dry_Skin_Eczema", "Erythema_Craquele", "Xerosis"),
        **labelled("ichthyosis", "Ichthyosis"),
        **labelled("keratosis_pilaris", "Keratosis_Pilaris"),
        **labelled(
            "psoriasis",
            *("Guttate_Psoriasis", "Inverse_Psoriasis", "Mucous_Membrane_Psoriasis", "Nail_Psoriasis", "Psoriasis"),
            *("Pustular_Psoriasis", "Scalp_Psoriasis"),
        ),
        **labelled("lichen_planus", "Lichen_Planus"),
        **labelled("pityriasis_rosea", "Pityriasis_Rosea"),
        **labelled(
            "tinea",
            *(
                "Kerion",
                "Onychomycosis",
                "Tinea_Corporis",
                "Tinea_Cruris",
                "Tinea_Faciale",
                "Tinea_Manus",
                "Tinea_Pedis",
            ),
        ),
        **labelled("impetigo", "Impetigo"),
        **labelled("cellulitis", "Cellulitis"),
        **labelled("folliculitis", "Pityrosporum_Folliculitis", "Pseudofolliculitis_Barbae"),
        **labelled("herpes", "Herpes_Simplex_Virus", "Herpes_Zoster"),
        **labelled("viral_exanthem", "Varicella"),
        **labelled(
            "other_infection",
            *("Bowenoid_Papulosis", "Candidiasis", "Cutanea_Larva_Migrans", "Green_Nail", "Molluscum_Contagiosum"),
            *("Paronychia", "Pitted_Keratolysis", "Tinea_Versicolor", "Verruca_Vulgaris", "Wound_Infection"),
        ),
        **labelled("urticaria", "Urticaria"),
        **labelled("acne", "Acne_Vulgaris", "Pomade_Acne", "Steroid_Acne"),
        **labelled("rosacea", "Rhinophyma", "Rosacea"),
        **labelled("prurigo", "Neurotic_Excoriations"),
        **labelled("lupus", "Discoid_Lupus_Erythematosus"),
        **labelled("erythema_multiforme", "Erythema_Multiforme"),
        **labelled("hailey_hailey", "Hailey_Hailey_Disease"),
        **labelled("hidradenitis", "Hidradenitis_Suppurativa"),
        **labelled(
            "other_inflammatory",
            *("Acne_Keloidalis_Nuchae", "Balanitis_Xerotica_Obliterans", "Behcet's_Syndrome", "Darier-White_Disease"),
            *(
                "Disseminated_Actinic_Porokeratosis",
                "Drug_Eruption",
                "Erythema_Ab_Igne",
                "Erythema_Annulare_Centrifigum",
            ),
            *("Exfoliative_Erythroderma", "Fixed_Drug_Eruption", "Follicular_Mucinosis"),
            *(
                "Frictional_Lichenoid_Dermatitis",
                "Granuloma_Annulare",
                "Kyrle's_Disease",
                "Leukocytoclastic_Vasculitis",
            ),
            *("Lichen_Sclerosis_Et_Atrophicus", "Lichen_Spinulosis", "Livedo_Reticularis"),
            *("Lymphocytic_Infiltrate_of_Jessner", "Morphea", "Mucha_Habermann_Disease", "Perioral_Dermatitis"),
            *("Pyoderma_Gangrenosum", "Schamberg's_Disease", "Stasis_Edema", "Steroid_Use_abusemisuse_Dermatitis"),
        ),
        **labelled("mycosis_fungoides", "Cutaneous_T-Cell_Lymphoma"),
        **labelled(
            "growth",
            *("Actinic_solar_Damage(Actinic_Keratosis)", "Angioma", "Apocrine_Hydrocystoma", "Arsenical_Keratosis"),
            *("Basal_Cell_Carcinoma", "Becker's_Nevus", "Benign_Keratosis", "Blue_Nevus", "Bowen's_Disease"),
            *("Compound_Nevus", "Congenital_Nevus", "Cutaneous_Horn", "Dermatofibroma", "Dermatosis_Papulosa_Nigra"),
            *("Digital_Fibroma", "Dilated_Pore_of_Winer", "Dysplastic_Nevus", "Eccrine_Poroma", "Epidermal_Nevus"),
            *("Epidermoid_Cyst", "Epithelioma_Adenoides_Cysticum", "Fibroma", "Fibroma_Molle"),
            *("Follicular_Retention_Cyst", "Ganglion", "Halo_Nevus", "Junction_Nevus", "Keloid", "Keratoacanthoma"),
            *("Leiomyoma", "Lentigo_Maligna_Melanoma", "Linear_Epidermal_Nevus", "Lipoma"),
            *("Lymphangioma_Circumscriptum", "Malignant_Melanoma", "Metastatic_Carcinoma", "Milia", "Myxoid_Cyst"),
            *("Nail_Nevus", "Neurofibroma", "Nevus_Comedonicus", "Nevus_Incipiens", "Nevus_Sebaceous_of_Jadassohn"),
            *("Nevus_Spilus", "Pyogenic_Granuloma", "Sebaceous_Gland_Hyperplasia", "Seborrheic_Keratosis", "Skin_Tag"),
            *("Solar_Lentigo", "Strawberry_Hemangioma", "Syringoma", "Trichilemmal_Cyst", "Trichofolliculoma"),
        ),
        **labelled("vitiligo", "Vitiligo"),
        # Nails, hair, mouth, scars, sun damage, pigment and what is no diagnosis: the taxonomy has no code for them.
        **labelled(
            LEFT_OUT,
            *("Acrokeratosis_Verruciformis", "Actinic_solar_Damage(Actinic_Cheilitis)"),
            *("Actinic_solar_Damage(Cutis_Rhomboidalis_Nuchae)", "Actinic_solar_Damage(Pigmentation)"),
            *("Actinic_solar_Damage(Solar_Elastosis)", "Actinic_solar_Damage(Solar_Purpura)"),
            *("Actinic_solar_Damage(Telangiectasia)", "Alopecia_Areata", "Androgenetic_Alopecia", "Angular_Cheilitis"),
            *("Aphthous_Ulcer", "Beau's_Lines", "Cafe_Au_Lait_Macule", "Callus", "Chalazion", "Clubbing_of_Fingers"),
            *("Crowe's_Sign", "Cutis_Marmorata", "Desquamation", "Factitial_Dermatitis", "Favre_Racouchot"),
            *("Fordyce_Spots", "Geographic_Tongue", "Granulation_Tissue", "Half_and_Half_Nail", "Histiocytosis_X"),
            *("Hyperkeratosis_Palmaris_Et_Plantaris", "Hypertrichosis", "Keratolysis_Exfoliativa_of_Wende"),
            *("Koilonychia", "Leukonychia", "Lymphomatoid_Papulosis", "Mal_Perforans", "Median_Nail_Dystrophy"),
            *("Melasma", "Nail_Dystrophy", "Nail_Ridging", "Onychogryphosis", "Onycholysis", "Onychoschizia"),
            *("Pearl_Penile_Papules", "Pincer_Nail_Syndrome", "Pityriasis_Alba", "Poikiloderma_Atrophicans_Vasculare"),
            *("Pseudorhinophyma", "Racquet_Nail", "Radiodermatitis", "Scar", "Scarring_Alopecia", "Stasis_Ulcer"),
            *("Steroid_Striae", "Stomatitis", "Striae", "Subungual_Hematoma", "Terry's_Nails", "Toe_Deformity"),
            *("Trichostasis_Spinulosa", "Ulcer"),
        ),
    },
)
