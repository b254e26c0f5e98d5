import re
from pathlib import Path

import pytest
from django.conf import settings

from museum.images import frames

STYLESHEET = settings.BASE_DIR / "static" / "css" / "shapes.css"


def rules() -> dict[str, float]:
    found = re.findall(r"\.(r-\d+)\{--shape:([\d.]+)\}", Path(STYLESHEET).read_text())
    return {name: float(value) for name, value in found}


def test_the_stylesheet_is_the_one_that_the_program_makes():
    assert STYLESHEET.read_text() == frames.stylesheet()


@pytest.mark.parametrize("width", range(500, 2501, 7))
def test_each_shape_has_a_class_within_two_per_cent(width):
    name = frames.classes(width, 1000)
    assert rules()[name] == pytest.approx(width / 1000, rel=0.02)


@pytest.mark.parametrize("size", [(100, 5000), (5000, 100), (None, None), (100, None), (0, 0)])
def test_what_does_not_fit_is_shown_whole(size):
    name, whole = frames.classes(*size).split()
    assert name in rules()
    assert whole == "is-whole"
