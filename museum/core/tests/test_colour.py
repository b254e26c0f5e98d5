import numpy as np
import pytest

from museum.core import colour


# Values of the sRGB corners after Lindbloom's calculator (D65).
@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((0, 0, 0), (0, 0, 0)),
        ((255, 255, 255), (100, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((128, 128, 128), (53.59, 0, 0)),
    ],
)
def test_known_colours(rgb, lab):
    found = colour.lab(np.array(rgb, dtype=np.uint8))
    assert found == pytest.approx(lab, abs=0.05)


def test_there_and_back_changes_nothing():
    steps = np.arange(0, 256, 15, dtype=np.uint8)
    every = np.stack(np.meshgrid(steps, steps, steps), axis=-1)
    assert np.array_equal(colour.rgb(colour.lab(every)), every)


def test_colours_beyond_the_screen_are_clipped():
    assert colour.rgb(np.array([60, 200, -200], dtype=np.float32)).dtype == np.uint8


def test_a_colour_in_hexadecimal():
    assert colour.from_hex("#ff0000") == pytest.approx((53.24, 80.09, 67.20), abs=0.05)


@pytest.mark.parametrize("text", ["", "#fff", "#gggggg", "red"])
def test_what_is_no_colour_is_refused(text):
    with pytest.raises(ValueError, match=r"not a colour|hexadecimal"):
        colour.from_hex(text)
