"""Tiles cover each level of a picture once, and are named as viewers name them."""

import numpy as np
import pytest

from museum.images import tiles

SIZES = [(1, 1), (300, 200), (512, 512), (513, 100), (843, 1200), (1025, 4097), (8000, 7999)]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_tiles_of_every_level_cover_it_once(width, height):
    factors = tiles.scale_factors(width, height)
    for factor in factors:
        size = tiles.level_size(width, height, factor)
        covered = np.zeros(size, int)
        for tile in tiles.level(width, height, factor):
            assert 0 < tile.width <= tiles.SIDE
            covered[tile.left : tile.left + tile.width, tile.top : tile.top + tile.height] += 1
        assert (covered == 1).all()
    assert len(tiles.level(width, height, factors[-1])) == 1


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_name_says_its_level(width, height):
    for factor in tiles.scale_factors(width, height):
        for tile in tiles.level(width, height, factor):
            assert tiles.factor_of(width, height, tile.name) == factor


def test_a_width_that_scales_nothing_is_called_full():
    assert tiles.canonical("0,0,512,300", "512,") == "0,0,512,300/full"
    assert tiles.canonical("0,0,1024,600", "512,") == "0,0,1024,600/512,"
    assert tiles.canonical("full", "300,") == "full/300,"
