"""The guidelines and publications that the tables of guidance and red flags cite, each once."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Guideline:
    """A publication: its name, the version that was read, its year, and where to read it."""

    name: str
    version: str
    year: int
    url: str

    @property
    def cited(self) -> str:
        """How a row of the tables cites it: name, year, and the DOI where it has one."""
        doi = self.url.removeprefix(_DOI)
        return f"{self.name} ({self.year})" + (f", doi {doi}" if doi != self.url else "")


_DOI: Final = "https://doi.org/"
_NICE: Final = "https://www.nice.org.uk/guidance/"

# United Kingdom.
CG57: Final = Guideline(
    "NICE CG57, atopic eczema in under 12s", "December 2007, updated June 2023", 2007, _NICE + "cg57"
)
NG190: Final = Guideline("NICE NG190, infected eczema", "March 2021, updated January 2022", 2021, _NICE + "ng190")
NG141: Final = Guideline("NICE NG141, cellulitis and erysipelas", "September 2019", 2019, _NICE + "ng141")
NG12: Final = Guideline("NICE NG12, suspected cancer", "June 2015, as it was before October 2023", 2015, _NICE + "ng12")
NG240: Final = Guideline(
    "NICE NG240, bacterial meningitis and meningococcal disease", "March 2024", 2024, _NICE + "ng240"
)
CG153: Final = Guideline("NICE CG153, psoriasis", "October 2012, updated September 2017", 2012, _NICE + "cg153")
TA82: Final = Guideline("NICE TA82, tacrolimus and pimecrolimus", "August 2004", 2004, _NICE + "ta82")
TA177: Final = Guideline("NICE TA177, alitretinoin for hand eczema", "August 2009", 2009, _NICE + "ta177")
TOCTINO: Final = Guideline(
    "UK product information, alitretinoin (Toctino), 4.3",
    "2020",
    2020,
    "https://www.rxreasoner.com/monographs/2476/precautions",
)
ANZUPGO: Final = Guideline(
    "UK product information, delgocitinib cream (Anzupgo), 4.1 to 4.6",
    "January 2025",
    2025,
    "https://www.medicines.org.uk/emc/product/100443/smpc",
)
TA534: Final = Guideline("NICE TA534, dupilumab", "August 2018", 2018, _NICE + "ta534")
TA681: Final = Guideline("NICE TA681, baricitinib", "March 2021", 2021, _NICE + "ta681")
TA814: Final = Guideline("NICE TA814, abrocitinib, tralokinumab, upadacitinib", "August 2022", 2022, _NICE + "ta814")
TA986: Final = Guideline("NICE TA986, lebrikizumab", "2024", 2024, _NICE + "ta986")
TA1077: Final = Guideline("NICE TA1077, nemolizumab", "2025", 2025, _NICE + "ta1077")
SIGN125: Final = Guideline(
    "SIGN 125, atopic eczema in primary care",
    "March 2011, not renewed since",
    2011,
    "https://www.sign.ac.uk/pdf/sign125.pdf",
)
BAD_LYMPHOMA: Final = Guideline(
    "BAD and UK Cutaneous Lymphoma Group, cutaneous T-cell lymphoma (Gilson 2019)",
    "2018",
    2018,
    _DOI + "10.1111/bjd.17240",
)
BAD_SJS: Final = Guideline(
    "BAD, Stevens-Johnson syndrome and toxic epidermal necrolysis (Creamer 2016)",
    "2016",
    2016,
    _DOI + "10.1111/bjd.14530",
)
MHRA_2018: Final = Guideline(
    "MHRA, contraception and mycophenolate",
    "February 2018",
    2018,
    "https://www.gov.uk/drug-safety-update/"
    "mycophenolate-mofetil-mycophenolic-acid-updated-contraception-advice-for-male-patients",
)
BAD_UVB: Final = Guideline(
    "BAD and BPG, narrowband UVB (Goulden 2022)",
    "2022",
    2022,
    "https://academic.oup.com/bjd/article/187/3/295/6966564",
)
BNF: Final = Guideline(
    "BNF, suitable quantities, as in the Northern Ireland Formulary, 13.1",
    "as read in November 2026",
    2026,
    "https://niformulary.hscni.net/formulary/13-0-skin/13-1-management-of-skin-conditions/",
)
# United States.
AAD_2014: Final = Guideline(
    "AAD, phototherapy and systemic agents, all ages (Sidbury 2014)", "2014", 2014, _DOI + "10.1016/j.jaad.2014.03.030"
)
AAD_2023: Final = Guideline(
    "AAD, topical therapy of adults (Sidbury 2023)", "2023", 2023, _DOI + "10.1016/j.jaad.2022.12.029"
)
AAD_2024: Final = Guideline(
    "AAD, phototherapy and systemic therapy of adults (Davis 2024)", "2024", 2024, _DOI + "10.1016/j.jaad.2023.08.102"
)
AAD_2025: Final = Guideline(
    "AAD, focused update for adults (Davis 2025)", "2025", 2025, _DOI + "10.1016/j.jaad.2025.05.1386"
)
JTF_2023: Final = Guideline(
    "AAAAI/ACAAI Joint Task Force (Chu 2024)", "2023", 2023, _DOI + "10.1016/j.anai.2023.11.009"
)
US_LABELS: Final = Guideline(
    "US prescribing information (labels)", "as read in November 2026", 2026, "https://open.fda.gov/apis/drug/label/"
)
# Europe.
EURO_2018: Final = Guideline("European guidelines, part I (Wollenberg 2018)", "2018", 2018, _DOI + "10.1111/jdv.14891")
EURO_2022: Final = Guideline(
    "EuroGuiDerm, part II (Wollenberg 2022)", "November 2022", 2022, _DOI + "10.1111/jdv.18429"
)
EURO_2025: Final = Guideline(
    "EuroGuiDerm, living update (Wollenberg 2025)", "September 2025", 2025, _DOI + "10.1111/jdv.20639"
)
ZHANG_2017: Final = Guideline(
    "Zhang 2017, folate and phototherapy (review), J Am Acad Dermatol 77:958-964",
    "2017",
    2017,
    "https://scholarlycommons.henryford.com/dermatology_articles/100/",
)
ETFAD_2019: Final = Guideline(
    "ETFAD, pregnancy and lactation (Vestergaard 2019)", "2019", 2019, _DOI + "10.1111/jdv.15709"
)
NORTH_2024: Final = Guideline(
    "Northern European consensus, pregnancy (Deleuran 2024)", "2024", 2024, _DOI + "10.1111/jdv.19512"
)
EDF_2017: Final = Guideline(
    "EDF, topical corticosteroids in pregnancy (Chi 2017)", "2017", 2017, _DOI + "10.1111/jdv.14101"
)
ESCD_2022: Final = Guideline("ESCD, hand eczema (Thyssen 2022)", "2022", 2022, _DOI + "10.1111/cod.14035")
EMA_JAK: Final = Guideline(
    "EMA, Janus kinase inhibitors",
    "October 2022, doses January 2023",
    2022,
    "https://www.ema.europa.eu/en/medicines/human/referrals/janus-kinase-inhibitors-jaki",
)
# Dark skin.
ZHAO_2015: Final = Guideline(
    "Zhao 2015, severity scores on pigmented skin", "2015", 2015, _DOI + "10.1016/j.ijwd.2015.05.002"
)
GAN_2023: Final = Guideline(
    "Gan 2023, atopic dermatitis in children with skin of colour (review)",
    "2023",
    2023,
    _DOI + "10.31128/AJGP-01-23-6684",
)
# Emergencies and quantities.
WSES_2018: Final = Guideline(
    "WSES/SIS-E, skin and soft-tissue infections (Sartelli 2018)", "2018", 2018, _DOI + "10.1186/s13017-018-0219-9"
)
RESUS_2021: Final = Guideline(
    "Resuscitation Council UK, emergency treatment of anaphylaxis",
    "May 2021",
    2021,
    "https://www.resus.org.uk/library/additional-guidance/guidance-anaphylaxis/emergency-treatment",
)
DRESS_2024: Final = Guideline(
    "International Delphi consensus, DRESS (Brüggen 2024)", "2024", 2024, _DOI + "10.1001/jamadermatol.2023.4450"
)
CUELLAR_2018: Final = Guideline(
    "Cuellar-Barboza 2018, erythroderma of adults (review)",
    "2018",
    2018,
    "https://actasdermo.org/en-a-practical-approach-diagnosis-treatment-articulo-S1578219018303536-comprar",
)
OZEN_2010: Final = Guideline(
    "EULAR/PRINTO/PRES, IgA vasculitis (Ozen 2010)", "2010", 2010, _DOI + "10.1136/ard.2009.116657"
)
RAFF_2016: Final = Guideline(
    "Raff & Kroshinsky 2016, cellulitis (review)", "2016", 2016, _DOI + "10.1001/jama.2016.8825"
)
LONG_1991: Final = Guideline(
    "Long & Finlay 1991, the fingertip unit", "1991", 1991, _DOI + "10.1111/j.1365-2230.1991.tb01232.x"
)
LONG_1998: Final = Guideline(
    "Long et al. 1998, topical therapy in children", "1998", 1998, _DOI + "10.1046/j.1365-2133.1998.02077.x"
)
