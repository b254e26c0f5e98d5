import base64
import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from museum.core import colour
from museum.images import features


def scene(seed: int, size=(400, 300)) -> Image.Image:
    """A smooth picture of random patches, another one for each seed."""
    patches = np.random.default_rng(seed).integers(0, 255, (5, 6, 3), dtype=np.uint8)
    return Image.fromarray(patches).resize(size, Image.Resampling.BICUBIC)


def flags(*stripes: tuple[tuple[int, int, int], int]) -> Image.Image:
    """Stripes of the given colours and widths, 100 pixels high."""
    picture = Image.new("RGB", (sum(width for _, width in stripes), 100))
    left = 0
    for paint, width in stripes:
        picture.paste(paint, (left, 0, left + width, 100))
        left += width
    return picture


RED, WHITE, BLUE = (220, 30, 30), (255, 255, 255), (20, 40, 200)


class TestPerceptualHash:
    def test_another_scan_of_one_plate_is_near(self):
        first = scene(1)
        darker = ImageEnhance.Brightness(first).enhance(0.7)
        buffer = io.BytesIO()
        darker.resize((843, 632)).save(buffer, "JPEG", quality=40)
        again = Image.open(buffer)
        one, other = features.perceptual_hash(first), features.perceptual_hash(again)
        assert features.distance(one, other) <= 6

    def test_other_pictures_are_far(self):
        hashes = [features.perceptual_hash(scene(seed)) for seed in range(30)]
        gaps = [features.distance(a, b) for i, a in enumerate(hashes) for b in hashes[:i]]
        assert min(gaps) >= 10
        assert 28 < sum(gaps) / len(gaps) < 36

    def test_it_fits_a_signed_bigint(self):
        hashes = [features.perceptual_hash(scene(seed)) for seed in range(50)]
        assert all(-(2**63) <= each < 2**63 for each in hashes)

    def test_it_agrees_with_the_transform_written_out(self):
        picture = scene(3)
        small = picture.convert("L").resize((32, 32), Image.Resampling.LANCZOS)
        grey = np.asarray(small, dtype=float)
        n = np.arange(32)
        found = []
        for v in range(8):
            for u in range(8):
                wave = np.outer(
                    np.cos((2 * n + 1) * v * np.pi / 64), np.cos((2 * n + 1) * u * np.pi / 64)
                )
                scale = (0.5**0.5 if v == 0 else 1) * (0.5**0.5 if u == 0 else 1) / 16
                found.append((grey * wave).sum() * scale)
        middle = np.median(found[1:])
        bits = "0" + "".join(str(int(value > middle)) for value in found[1:])
        assert features.perceptual_hash(picture) & (2**64 - 1) == int(bits, 2)

    def test_pictures_of_one_colour_have_one_hash(self):
        hashes = {
            features.perceptual_hash(Image.new("RGB", (99, 70), (v, v, v)))
            for v in range(0, 256, 5)
        }
        assert hashes == {0}

    @pytest.mark.parametrize(("one", "other", "bits"), [(0, 0, 0), (0, -1, 64), (5, 6, 2)])
    def test_distance_counts_differing_bits(self, one, other, bits):
        assert features.distance(one, other) == bits


def spread(points: np.ndarray, centres: np.ndarray) -> float:
    return (np.linalg.norm(points[:, None] - centres[None], axis=2).min(axis=1) ** 2).mean()


def naive_k_means(points: np.ndarray, rng: np.random.Generator) -> float:
    centres = points[rng.choice(len(points), features.PALETTE_SIZE, replace=False)]
    for _ in range(20):
        nearest = np.linalg.norm(points[:, None] - centres[None], axis=2).argmin(axis=1)
        found = [
            points[nearest == i].mean(axis=0) for i in range(len(centres)) if (nearest == i).any()
        ]
        centres = np.array(found)
    return spread(points, centres)


class TestPalette:
    def test_it_finds_the_colours_and_their_shares(self):
        found = features.palette(flags((WHITE, 50), (RED, 30), (BLUE, 20)))
        hexes = [swatch["hex"] for swatch in found[:3]]
        assert hexes == ["#ffffff", "#dc1e1e", "#1428c8"]
        weights = [swatch["weight"] for swatch in found[:3]]
        assert weights == pytest.approx([0.5, 0.3, 0.2], abs=0.03)

    @pytest.mark.parametrize("seed", range(12))
    def test_weights_sum_to_one_and_the_largest_comes_first(self, seed):
        found = features.palette(scene(seed))
        weights = [swatch["weight"] for swatch in found]
        assert sum(weights) == pytest.approx(1, abs=1e-9)
        assert weights == sorted(weights, reverse=True)
        assert 1 <= len(found) <= features.PALETTE_SIZE
        assert all(weight >= 0 for weight in weights)

    def test_the_same_picture_has_the_same_palette(self):
        assert features.palette(scene(1)) == features.palette(scene(1))

    def test_one_colour_is_one_swatch(self):
        found = features.palette(Image.new("RGB", (300, 200), RED))
        assert [(swatch["hex"], swatch["weight"]) for swatch in found] == [("#dc1e1e", 1.0)]

    def test_colours_that_hardly_differ_count_as_one(self):
        found = features.palette(flags((RED, 50), ((223, 32, 33), 50)))
        assert len(found) == 1

    def test_a_small_accent_is_kept(self):
        found = features.palette(flags((WHITE, 95), (RED, 5)))
        assert len(found) >= 2
        assert found[1]["lab"][1] > 30  # reddish

    @pytest.mark.parametrize("seed", range(4))
    def test_it_is_about_as_good_as_k_means_over_every_pixel(self, seed):
        pixels = np.asarray(scene(seed).resize((64, 64), Image.Resampling.BOX)).reshape(-1, 3)
        points = colour.lab(pixels).astype(float)
        ours = np.array([swatch["lab"] for swatch in features.palette(scene(seed))])
        rng = np.random.default_rng(0)
        best = min(naive_k_means(points, rng) for _ in range(5))
        assert spread(points, ours) < 1.25 * best

    @pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (3, 2)])
    def test_tiny_and_thin_pictures_have_one_too(self, size):
        assert features.palette(Image.new("RGB", size, BLUE))[0]["hex"] == "#1428c8"


class TestLqip:
    @pytest.mark.parametrize("size", [(400, 300), (300, 400), (1, 1), (1000, 3), (3, 1000)])
    def test_it_is_a_small_picture_of_the_same_shape(self, size):
        uri = features.lqip(scene(1, size))
        kind, _, data = uri.partition(";base64,")
        assert kind == "data:image/webp"
        assert len(uri) <= features.MAX_LQIP_CHARS
        small = Image.open(io.BytesIO(base64.b64decode(data)))
        assert max(small.size) <= 16
        assert small.width >= small.height if size[0] > size[1] else small.width <= small.height

    def test_noise_is_small_too(self):
        noise = np.random.default_rng(1).integers(0, 255, (300, 400, 3), dtype=np.uint8)
        assert len(features.lqip(Image.fromarray(noise))) <= features.MAX_LQIP_CHARS
