"""Woodblock prints and posters: few flat colours on paper."""

from __future__ import annotations

import random

import numpy as np
from PIL import Image

from ingest.sample.render.noise import field

from .surface import grained, luminance, sheet, to_array, to_picture, warped


def woodblock(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Flat inks with the grain of the block, on cream paper with a margin."""
    width, height = picture.size
    array = warped(to_array(picture), rng, 0.0016, "cloud", 1.0)
    # Step lightness only: stepping each channel would leave bands of strange hues.
    light = np.maximum(luminance(array), 0.02)
    hand = (field("cloud", (width, height), rng, 0.5) - 0.5) * 0.07
    array = array * (0.45 + 0.55 * np.round((light + hand) * 11) / 11 / light)[..., None]
    grain = field("fibre", (width, height), rng, 0.9)
    paper = np.array([240, 228, 202], np.float32)
    # Ink on paper: light inks let the sheet through, and the block's grain prints a little paler.
    array = array * (paper / 255) ** 0.55
    array = array + (paper - array) * (np.clip(grain - 0.5, 0, 1) * 0.22)[..., None]
    framed = sheet(array, rng, (44, 38, 40), 0.033)
    return to_picture(grained(sheet(framed, rng, (240, 228, 202), 0.029), rng, 0.035))


def poster(picture: Image.Image, rng: random.Random) -> Image.Image:
    """A lithographed poster: a dozen inks, clean edges, a wide pale border."""
    flat = picture.quantize(14, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    array = to_array(flat.convert("RGB"))
    array = array * 0.7 + to_array(picture) * 0.3
    grey = luminance(array)[..., None] * 255
    array = grey + (array - grey) * 1.06
    array = 128 + (array - 128) * 1.06 + 4
    array = grained(array, rng, 0.05)
    return to_picture(sheet(array, rng, (246, 238, 220), 0.042))
