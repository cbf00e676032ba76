"""The publications that the tables of this room cite, each once."""

from typing import Final

# Atopic dermatitis and eczema.
AAD_2014: Final = "Eichenfield 2014 (AAD guideline), doi 10.1016/j.jaad.2013.10.010"
UKWP_1994: Final = "Williams 1994 (UK Working Party), doi 10.1111/j.1365-2133.1994.tb08530.x"
HANIFIN_1980: Final = "Hanifin & Rajka 1980, Acta Derm Venereol Suppl 92:44-47"
HANIFIN_2001: Final = "Hanifin 2001 (EASI), doi 10.1034/j.1600-0625.2001.100102.x"
BAD_CONTACT_2017: Final = "Johnston 2017 (BAD guideline), Br J Dermatol 176:317-329"
ESCD_2022: Final = "Thyssen 2022 (ESCD guideline), doi 10.1111/cod.14035"
CLARK_2015: Final = "Clark 2015, Am Fam Physician 91:185-190"
LEUNG_2020: Final = "Leung 2020, doi 10.2174/1872213X14666200810152246"
LOTTI_2008: Final = "Lotti 2008, doi 10.1111/j.1529-8019.2008.00168.x"
# Dry skin.
AUGUSTIN_2019: Final = "Augustin 2019, doi 10.1111/ddg.13906"
OJI_2010: Final = "Oji 2010 (Sorèze consensus), J Am Acad Dermatol 63:607-641"
WANG_2018: Final = "Wang & Orlow 2018, doi 10.1007/s40257-018-0368-3"
# Papulosquamous.
NICE_CG153: Final = "NICE CG153 (2012, updated 2017), chapter 1"
USATINE_2011: Final = "Usatine 2011, Am Fam Physician 84:53-60"
URBINA_2017: Final = "Urbina 2017, World J Clin Cases, PMC5480068"
KLEIN_2010: Final = "Klein 2010, doi 10.2165/11530070-000000000-00000"
# Infections and infestations.
ELY_2014: Final = "Ely 2014, Am Fam Physician 90:702-711"
IACS_2020: Final = "Engelman 2020 (IACS criteria), doi 10.1111/bjd.18943"
HARTMAN_2014: Final = "Hartman-Adams 2014, Am Fam Physician 90:229-235"
RAFF_2016: Final = "Raff & Kroshinsky 2016, doi 10.1001/jama.2016.8825"
ZOSTER_2017: Final = "Werner 2017 (EDF guideline), doi 10.1111/jdv.13995"
# Other inflammatory diseases.
URTICARIA_2022: Final = "Zuberbier 2022 (international guideline), doi 10.1111/all.15090"
TITUS_2012: Final = "Titus & Hodge 2012, Am Fam Physician 86:734-740"
ROSACEA_2018: Final = "Gallo 2018 (NRS expert committee), doi 10.1016/j.jaad.2017.08.037"
PRURIGO_2018: Final = "Pereira 2018 (EADV consensus), doi 10.1111/jdv.14570"
LUPUS_2021: Final = "Worm 2021 (S2k guideline), doi 10.1111/ddg.14492"
TRAYES_2019: Final = "Trayes 2019, Am Fam Physician 100:82-88"
PORRO_2024: Final = "Porro 2024, An Bras Dermatol 99:651-661"
HS_2015: Final = "Zouboulis 2015 (S1 guideline), doi 10.1111/jdv.12966"
# Neoplasms and pigment.
LYMPHOMA_2019: Final = "Gilson 2019 (BAD guideline), doi 10.1111/bjd.17240"
NICE_NG12: Final = "NICE NG12 (2015, updated), weighted 7-point checklist"
VITILIGO_2008: Final = "Gawkrodger 2008 (BAD guideline), doi 10.1111/j.1365-2133.2008.08881.x"
# Limits.
REICH_2012: Final = "Reich 2012, doi 10.2340/00015555-1265"
