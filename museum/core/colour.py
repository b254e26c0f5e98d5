"""Colours in CIELAB, where distance is close to perceived difference.

Source: CIE 15:2018 with illuminant D65; sRGB is IEC 61966-2-1.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_XYZ_FROM_RGB = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ],
    dtype=np.float32,
)
_WHITE = _XYZ_FROM_RGB.sum(axis=1)  # sRGB's own white, so that a* and b* of greys are 0
_EPSILON, _KAPPA = (6 / 29) ** 3, (29 / 3) ** 3
# Linear light of the 256 values of a channel.
_LINEAR = np.array(
    [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in np.arange(256) / 255],
    dtype=np.float32,
)


def lab(rgb: npt.NDArray[np.uint8]) -> Floats:
    """Convert sRGB (…, 3), 0 to 255, to CIELAB (…, 3): L* 0 to 100, a* and b* about -128 to 128."""
    xyz = _LINEAR[rgb] @ _XYZ_FROM_RGB.T / _WHITE
    f = np.where(xyz > _EPSILON, np.cbrt(xyz), (_KAPPA * xyz + 16) / 116)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1).astype(np.float32)


def rgb(lab: Floats) -> npt.NDArray[np.uint8]:
    """Convert CIELAB (…, 3) to sRGB (…, 3), 0 to 255; colours outside its gamut are clipped."""
    y = (lab[..., 0] + 16) / 116
    f = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], axis=-1)
    xyz = np.where(f**3 > _EPSILON, f**3, (116 * f - 16) / _KAPPA) * _WHITE
    linear = np.clip(xyz @ np.linalg.inv(_XYZ_FROM_RGB).T, 0, 1)
    signal = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(signal * 255).astype(np.uint8)


def from_hex(text: str) -> Floats:
    """Return a colour such as `#c0ffee` as CIELAB (3,). Raises `ValueError`."""
    digits = text.removeprefix("#")
    if len(digits) != 6:
        raise ValueError(f"{text!r} is not a colour such as #c0ffee")
    return lab(np.frombuffer(bytes.fromhex(digits), dtype=np.uint8))
