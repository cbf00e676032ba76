"""The colour of skin from two pigments, melanin and haemoglobin, over a scattering dermis.

Two layers: an absorbing epidermis that light passes twice, and a half-infinite Kubelka-Munk
dermis. Spectra are tabulated every 10 nm and integrated to linear sRGB (D65).
Pigments are volume fractions: melanosomes of the epidermis, whole blood of the dermis.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from flexura.records import FloatArray

Float64Array = npt.NDArray[np.float64]

# Wavelength nm; molar extinction of HbO2 and Hb, cm-1/M (S. Prahl, "Tabulated molar extinction coefficient for
# hemoglobin in water", omlc.org/spectra/hemoglobin/summary.html, after Gratzer and Kollias); relative power of
# CIE standard illuminant D65 (ISO/CIE 11664-2:2022).
SPECTRA: tuple[tuple[float, float, float, float], ...] = (
    (400.0, 266232.0, 223296.0, 82.75),
    (410.0, 466840.0, 303956.0, 91.49),
    (420.0, 480360.0, 407560.0, 93.43),
    (430.0, 246072.0, 528600.0, 86.68),
    (440.0, 102580.0, 413280.0, 104.86),
    (450.0, 62816.0, 103292.0, 117.01),
    (460.0, 44480.0, 23388.8, 117.81),
    (470.0, 33209.2, 16156.4, 114.86),
    (480.0, 26629.2, 14550.0, 115.92),
    (490.0, 23684.4, 16684.0, 108.81),
    (500.0, 20932.8, 20862.0, 109.35),
    (510.0, 20035.2, 25773.6, 107.80),
    (520.0, 24202.4, 31589.6, 104.79),
    (530.0, 39956.8, 39036.4, 107.69),
    (540.0, 53236.0, 46592.0, 104.41),
    (550.0, 43016.0, 53412.0, 104.05),
    (560.0, 32613.2, 53788.0, 100.00),
    (570.0, 44496.0, 45072.0, 96.33),
    (580.0, 50104.0, 37020.0, 95.79),
    (590.0, 14400.8, 28324.4, 88.69),
    (600.0, 3200.0, 14677.2, 90.01),
    (610.0, 1506.0, 9443.6, 89.60),
    (620.0, 942.0, 6509.6, 87.70),
    (630.0, 610.0, 5148.8, 83.29),
    (640.0, 442.0, 4345.2, 83.70),
    (650.0, 368.0, 3750.12, 80.03),
    (660.0, 319.6, 3226.56, 80.21),
    (670.0, 294.0, 2795.12, 82.28),
    (680.0, 277.6, 2407.92, 78.28),
    (690.0, 276.0, 2051.96, 69.72),
    (700.0, 290.0, 1794.28, 71.61),
)

# XYZ (D65) to linear sRGB, IEC 61966-2-1:1999.
XYZ_TO_SRGB = ((3.2406, -1.5372, -0.4986), (-0.9689, 1.8758, 0.0415), (0.0557, -0.2040, 1.0570))

HAEMOGLOBIN_G_PER_L = 150.0  # whole blood; Prahl, as above
HAEMOGLOBIN_G_PER_MOL = 64500.0  # Prahl, as above
EPIDERMIS_CM = 0.006  # 60 um; Jacques 2013, section 3.6
PATH_FACTOR = 1.5  # obliquity of diffuse light in a thin layer, between 1 (collimated) and 2 (isotropic)
SURFACE_REFLECTANCE = 0.015  # diffuse part sent back by the horny layer: what the darkest skin reflects in the blue


@dataclass(frozen=True)
class PigmentGrid:
    """The grid on which skin colour is tabulated; colours between are interpolated linearly.

    Axes are square roots of the volume fractions, since colour changes fastest where there is little pigment.
    """

    melanin_max: float = 0.60  # darkest skin is about 0.43 (Jacques 2013), naevi lie above
    blood_max: float = 0.40  # a scratch is nearly all blood
    melanin_steps: int = 40
    blood_steps: int = 48


def _lobe(wavelength_nm: Float64Array, peak_nm: float, below: float, above: float) -> Float64Array:
    slope = np.where(wavelength_nm < peak_nm, below, above)
    return np.asarray(np.exp(-0.5 * ((wavelength_nm - peak_nm) * slope) ** 2), dtype=np.float64)


def observer(wavelength_nm: Float64Array) -> Float64Array:
    """Give the CIE 1931 2-degree colour matching functions by their multi-lobe fit.

    Parameters
    ----------
    wavelength_nm : Float64Array
        Wavelengths (L,) in nm, 360-830.

    Returns
    -------
    Float64Array
        x, y and z as rows (3, L), dimensionless.

    References
    ----------
    Wyman, Sloan, Shirley. Simple analytic approximations to the CIE XYZ color matching functions.
    Journal of Computer Graphics Techniques 2(2), 2013.
    """
    x = (
        0.362 * _lobe(wavelength_nm, 442.0, 0.0624, 0.0374)
        + 1.056 * _lobe(wavelength_nm, 599.8, 0.0264, 0.0323)
        - 0.065 * _lobe(wavelength_nm, 501.1, 0.0490, 0.0382)
    )
    y = 0.821 * _lobe(wavelength_nm, 568.8, 0.0213, 0.0247) + 0.286 * _lobe(wavelength_nm, 530.9, 0.0613, 0.0322)
    z = 1.217 * _lobe(wavelength_nm, 437.0, 0.0845, 0.0278) + 0.681 * _lobe(wavelength_nm, 459.0, 0.0385, 0.0725)
    return np.stack([x, y, z])


def melanosome_absorption(wavelength_nm: Float64Array) -> Float64Array:
    """Give the absorption coefficient of the interior of a skin melanosome.

    Parameters
    ----------
    wavelength_nm : Float64Array
        Wavelengths in nm.

    Returns
    -------
    Float64Array
        Absorption in cm-1, the same shape.

    References
    ----------
    Jacques SL. Melanosome absorption coefficient, 1998, omlc.org/spectra/melanin/mua.html.
    """
    return np.asarray(1.70e12 * wavelength_nm**-3.48, dtype=np.float64)


def blood_absorption(oxygenation: float) -> Float64Array:
    """Give the absorption coefficient of whole blood at the wavelengths of `SPECTRA`.

    Parameters
    ----------
    oxygenation : float
        Fraction of haemoglobin that carries oxygen, 0-1.

    Returns
    -------
    Float64Array
        Absorption (L,) in cm-1.

    References
    ----------
    Jacques SL. Optical properties of biological tissues: a review. doi:10.1088/0031-9155/58/11/R37
    """
    table = np.array(SPECTRA)
    extinction = oxygenation * table[:, 1] + (1.0 - oxygenation) * table[:, 2]
    return np.asarray(np.log(10.0) * extinction * HAEMOGLOBIN_G_PER_L / HAEMOGLOBIN_G_PER_MOL, dtype=np.float64)


def reflectance(melanin: Float64Array, blood: Float64Array, *, oxygenation: float) -> Float64Array:
    """Give the diffuse reflectance spectrum of skin with these pigments.

    Parameters
    ----------
    melanin : Float64Array
        Volume fraction of melanosomes in the epidermis, 0-1, any shape.
    blood : Float64Array
        Volume fraction of whole blood in the dermis, 0-1, the same shape.
    oxygenation : float
        Fraction of haemoglobin that carries oxygen, 0-1.

    Returns
    -------
    Float64Array
        Reflectance 0-1, the shape of the input with the wavelengths (L,) appended.

    References
    ----------
    Skin's reduced scattering 46.0 (nm/500)^-1.421 cm-1 and bloodless baseline: Jacques 2013,
    doi:10.1088/0031-9155/58/11/R37.
    Kubelka-Munk constants K = 2 mu_a, S = 3/4 mu_s': Star et al. 1988, doi:10.1088/0031-9155/33/4/004.
    """
    wavelength_nm = np.array(SPECTRA)[:, 0]
    baseline = 0.244 + 85.3 * np.exp(-(wavelength_nm - 154.0) / 66.2)
    dermis = blood[..., None] * blood_absorption(oxygenation) + (1.0 - blood[..., None]) * baseline
    ratio = 2.0 * dermis / (0.75 * 46.0 * (wavelength_nm / 500.0) ** -1.421)
    scattered = 1.0 + ratio - np.sqrt(ratio * ratio + 2.0 * ratio)
    absorbed = melanin[..., None] * melanosome_absorption(wavelength_nm) + (1.0 - melanin[..., None]) * baseline
    crossed_twice = np.exp(-2.0 * PATH_FACTOR * EPIDERMIS_CM * absorbed)
    return np.asarray(SURFACE_REFLECTANCE + (1.0 - SURFACE_REFLECTANCE) * crossed_twice * scattered)


def spectrum_to_rgb(spectrum: Float64Array) -> Float64Array:
    """Integrate reflectance spectra under D65 to linear sRGB.

    Parameters
    ----------
    spectrum : Float64Array
        Reflectance (..., L) at the wavelengths of `SPECTRA`.

    Returns
    -------
    Float64Array
        Linear sRGB (..., 3), not clipped; a perfect white gives (1, 1, 1).
    """
    table = np.array(SPECTRA)
    weights = observer(table[:, 0]) * table[:, 3]
    to_rgb = np.array(XYZ_TO_SRGB) @ weights
    # Normalised per channel: a 10 nm step and fitted observers leave white a percent off otherwise.
    return np.asarray(spectrum @ (to_rgb / to_rgb.sum(axis=1, keepdims=True)).T)


def colour_table(oxygenation: float, grid: PigmentGrid | None = None) -> FloatArray:
    """Tabulate skin colour over melanin and blood.

    Parameters
    ----------
    oxygenation : float
        Fraction of haemoglobin that carries oxygen, 0-1.
    grid : PigmentGrid | None
        Axes of the table; the default grid if None.

    Returns
    -------
    FloatArray
        Linear sRGB (melanin_steps, blood_steps, 3).
    """
    grid = grid or PigmentGrid()
    melanin = np.linspace(0.0, np.sqrt(grid.melanin_max), grid.melanin_steps) ** 2
    blood = np.linspace(0.0, np.sqrt(grid.blood_max), grid.blood_steps) ** 2
    plane = np.meshgrid(melanin, blood, indexing="ij")
    rgb = spectrum_to_rgb(reflectance(plane[0], plane[1], oxygenation=oxygenation))
    return np.maximum(rgb, 1e-4).astype(np.float32)


def pigments_to_rgb(
    melanin: FloatArray, blood: FloatArray, *, table: FloatArray, grid: PigmentGrid | None = None
) -> FloatArray:
    """Look the colour of every pixel up in a colour table.

    Parameters
    ----------
    melanin : FloatArray
        Melanosome fraction (H, W); values outside the grid are held at its edge.
    blood : FloatArray
        Blood fraction (H, W).
    table : FloatArray
        What `colour_table` gave for the same grid.
    grid : PigmentGrid | None
        Axes of the table; the default grid if None.

    Returns
    -------
    FloatArray
        Linear sRGB (H, W, 3).
    """
    grid = grid or PigmentGrid()
    rows = np.sqrt(np.maximum(melanin, 0.0)) * ((grid.melanin_steps - 1) / np.sqrt(grid.melanin_max))
    columns = np.sqrt(np.maximum(blood, 0.0)) * ((grid.blood_steps - 1) / np.sqrt(grid.blood_max))
    return np.asarray(
        cv2.remap(
            table,
            columns.astype(np.float32),
            rows.astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        dtype=np.float32,
    )
