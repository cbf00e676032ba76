"""The closed lists of words that a context may use, each with where it comes from.

A word means one thing; what is not on a list is refused, so that a typing error never becomes a
silent "no". An empty list of words is known to be none, an absent one is unknown.
"""

from typing import Final

Words = tuple[str, ...]

COURSES: Final[Words] = ("first_episode", "relapsing", "persistent")
# In these the episode has lasted since the onset: one is known from the other.
UNINTERRUPTED: Final = frozenset({"first_episode", "persistent"})

# Questions of the SCIN study: Ward et al. 2024, doi 10.1001/jamanetworkopen.2024.46615.
SYMPTOMS: Final[Words] = (
    "bothersome_appearance",
    "bleeding",
    "increasing_size",
    "darkening",
    "burning",
    "pain",
    "fever",
    "chills",
    "fatigue",
    "joint_pain",
    "mouth_sores",
    "shortness_of_breath",
)
TEXTURES: Final[Words] = ("raised_or_bumpy", "flat", "rough_or_flaky", "fluid_filled")

# NICE CG57 (2007, updated 2023), 1.4.1.1: irritants, infections, contact, food and inhalant allergens; heat,
# sweat, wool, stress and season as studied in Langan et al. 2006, doi 10.1111/j.1365-2133.2006.07381.x.
TRIGGERS: Final[Words] = (
    "soap_or_detergent",
    "contact_allergen",
    "skin_infection",
    "food",
    "house_dust_mite",
    "animal_dander",
    "pollen",
    "heat",
    "sweat",
    "cold_or_dry_air",
    "wool_or_synthetic_clothing",
    "sunlight",
    "stress",
    "hormonal_change",
)

# Atopic diseases of the patient and of first-degree relatives: Williams et al. 1994 (UK Working Party),
# doi 10.1111/j.1365-2133.1994.tb08530.x; food allergy: NICE CG57, 1.1.1.1 and 1.4.1.2.
ATOPIES: Final[Words] = ("atopic_dermatitis", "asthma", "allergic_rhinitis", "allergic_conjunctivitis", "food_allergy")

# Treatment -> its class; the classes of EuroGuiDerm 2022, doi 10.1111/jdv.18345 and 10.1111/jdv.18429.
TREATMENT_CLASS: Final = {
    "emollient": "emollient",
    "topical_corticosteroid_mild": "topical_anti_inflammatory",
    "topical_corticosteroid_moderate": "topical_anti_inflammatory",
    "topical_corticosteroid_potent": "topical_anti_inflammatory",
    "topical_corticosteroid_very_potent": "topical_anti_inflammatory",
    "topical_calcineurin_inhibitor": "topical_anti_inflammatory",
    "topical_pde4_inhibitor": "topical_anti_inflammatory",
    "topical_jak_inhibitor": "topical_anti_inflammatory",
    "tapinarof": "topical_anti_inflammatory",
    "antibiotic": "anti_infective",
    "antifungal": "anti_infective",
    "antiviral": "anti_infective",
    "antiscabietic": "anti_infective",
    "antihistamine": "antihistamine",
    "phototherapy": "phototherapy",
    "systemic_corticosteroid": "systemic",
    "conventional_immunosuppressant": "systemic",
    "biologic": "systemic",
    "systemic_jak_inhibitor": "systemic",
}
TREATMENTS: Final[Words] = tuple(TREATMENT_CLASS)
TREATMENT_CLASSES: Final[Words] = tuple(dict.fromkeys(TREATMENT_CLASS.values()))
# From worst to best.
RESPONSES: Final[Words] = ("worse", "unchanged", "improved", "cleared")

# The eczema family of `decision.taxonomy`: guidance goes by a clinician's own diagnosis where there is one.
ECZEMAS: Final[Words] = (
    "atopic_dermatitis",
    "contact_dermatitis",
    "seborrhoeic_dermatitis",
    "nummular_eczema",
    "dyshidrotic_eczema",
    "lichen_simplex",
    "eczema_unspecified",
)
# What red flags ask for. Eczema herpeticum: NICE CG57 (2007, updated 2023), 1.5.1. Infection of eczema: NICE NG190
# (2021), 1.1.3. Cellulitis: NICE NG141 (2019). Necrotising infection: WSES/SIS-E 2018, doi 10.1186/s13017-018-0219-9.
# Stevens-Johnson syndrome: Creamer et al. 2016, doi 10.1111/bjd.14530; its drugs were begun within the last 8 weeks.
# Purpura: NICE NG240 (2024). Pigmented lesions: NICE NG12 (2015, updated), weighted 7-point checklist.
WARNING_SIGNS: Final[Words] = (
    "clustered_blisters",
    "punched_out_erosions",
    "rapidly_worsening",
    "rapidly_spreading",
    "warm_and_tender",
    "pain_out_of_proportion",
    "dusky_or_black_skin",
    "pustules",
    "unwell",
    "red_all_over",
    "skin_detaching",
    "eroded_mucosa",
    "new_medicine",
    "non_blanching",
    "pigmented_lesion",
    "irregular_shape",
    "irregular_colour",
    "wider_than_7_mm",
)
# EuroGuiDerm 2022 part II, doi 10.1111/jdv.18429: pregnant or breastfeeding women, and couples who want a child.
PREGNANCIES: Final[Words] = ("not_pregnant", "planning", "pregnant", "breastfeeding")
# What treatments of eczema are weighed against: the exclusions in docs/guidance.md, each with its source.
CONDITIONS: Final[Words] = (
    "immunosuppression",
    "serious_infection",
    "kidney_disease",
    "liver_disease",
    "uncontrolled_hypertension",
    "cardiovascular_disease",
    "thromboembolism",
    "cancer",
    "smoking",
    "light_sensitivity",
)
# What diagnostic criteria ask of history and examination: Williams et al. 1994, doi 10.1111/j.1365-2133.1994.tb08530.x;
# Hanifin & Rajka 1980, Acta Derm Venereol Suppl 92:44-47; Eichenfield et al. 2014, doi 10.1016/j.jaad.2013.10.010.
ECZEMA_FEATURES: Final[Words] = (
    "itchy_skin_last_year",
    "dry_skin_last_year",
    "flexural_history",
    "typical_morphology",
    "lichenification",
    "prurigo_lesions",
    "perifollicular_accentuation",
    "perioral_or_periauricular_lesions",
    "hand_foot_dermatitis",
    "nipple_eczema",
    "cheilitis",
    "pityriasis_alba",
    "keratosis_pilaris",
    "ichthyosis",
    "palmar_hyperlinearity",
    "anterior_neck_folds",
    "infraorbital_fold",
    "orbital_darkening",
    "facial_pallor",
    "facial_erythema",
    "white_dermographism",
    "recurrent_conjunctivitis",
    "keratoconus",
    "subcapsular_cataract",
    "skin_infections",
    "skin_test_reactivity",
    "raised_ige",
)
# Exclusionary conditions of Eichenfield et al. 2014.
EXCLUSIONS: Final[Words] = (
    "scabies",
    "seborrhoeic_dermatitis",
    "contact_dermatitis",
    "ichthyosis",
    "cutaneous_lymphoma",
    "psoriasis",
    "photosensitivity_dermatosis",
    "immune_deficiency",
    "erythroderma_of_other_cause",
)

SEASONS: Final[Words] = ("winter", "spring", "summer", "autumn")
# Tropics to 23.4 degrees, subtropics to 35, polar from 66.6; hemisphere in the name, so that none can contradict it.
LATITUDE_BANDS: Final[Words] = (
    "north_polar",
    "north_temperate",
    "north_subtropical",
    "tropical",
    "south_subtropical",
    "south_temperate",
    "south_polar",
)
# As pollen services publish it; grains per cubic metre mean different levels for different plants.
POLLEN_LEVELS: Final[Words] = ("none", "low", "moderate", "high", "very_high")

# Irritants and allergens of hand eczema: Thyssen et al. 2022 (ESCD guideline), doi 10.1111/cod.14035.
# Wet work: wet hands or occlusive gloves for 2 hours a day or more.
EXPOSURES: Final[Words] = (
    "wet_work",
    "occlusive_gloves",
    "detergents_or_disinfectants",
    "solvents_or_oils",
    "metals",
    "cement",
    "hair_dyes",
    "resins_or_glues",
    "plants_or_foods",
    "dust_or_friction",
    "heat_or_sweat",
    "outdoor_sun",
)
