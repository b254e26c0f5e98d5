import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from museum.images import decoding, storage

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
RED, WHITE = (255, 0, 0), (255, 255, 255)


def packed(picture: Image.Image, form: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def near(found, wanted, tolerance=6) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(found, wanted, strict=True))


def halves(mode="RGB", left=RED, right=(0, 0, 255)) -> Image.Image:
    """40 x 20 pixels, one colour on the left and another on the right."""
    picture = Image.new(mode, (40, 20), right)
    picture.paste(left, (0, 0, 20, 20))
    return picture


@pytest.mark.parametrize(
    "form", ["JPEG", "PNG", "BMP", "WEBP", "TIFF", "GIF", "AVIF", "JPEG2000", "MPO"]
)
def test_it_decodes_each_format(form):
    picture = decoding.decode(packed(halves(), form))
    assert (picture.mode, picture.size) == ("RGB", (40, 20))
    assert near(picture.getpixel((5, 10)), RED, 12)
    assert near(picture.getpixel((35, 10)), (0, 0, 255), 12)


@pytest.mark.parametrize("form", ["EPS", "PPM", "ICO", "PCX"])
def test_it_refuses_other_formats(form):
    with pytest.raises(decoding.InvalidPictureError, match="none of JPEG"):
        decoding.decode(packed(halves(), form))


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
def test_inks_become_colours(form):
    cyan = decoding.decode(packed(Image.new("CMYK", (8, 8), (255, 0, 0, 0)), form))
    assert near(cyan.getpixel((4, 4)), (0, 255, 255))
    black = decoding.decode(packed(Image.new("CMYK", (8, 8), (0, 0, 0, 255)), form))
    assert near(black.getpixel((4, 4)), (0, 0, 0))


def test_an_unusable_ink_profile_is_passed_over():
    for profile in (b"no profile", SRGB):
        inks = Image.new("CMYK", (8, 8), (255, 0, 0, 0))
        found = decoding.decode(packed(inks, "TIFF", icc_profile=profile))
        assert near(found.getpixel((4, 4)), (0, 255, 255))


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_16_bit_greys_are_scaled_and_not_clipped(form):
    ramp = np.array([[0, 257, 32768, 65535]], dtype=np.uint16)
    found = decoding.decode(packed(Image.fromarray(ramp), form))
    assert [found.getpixel((x, 0))[0] for x in range(4)] == [0, 1, 128, 255]


def test_a_dark_16_bit_picture_stays_dark():
    found = decoding.decode(packed(Image.fromarray(np.full((4, 4), 700, dtype=np.uint16))))
    assert found.getpixel((0, 0)) == (3, 3, 3)


@pytest.mark.parametrize(
    ("greys", "wanted"),
    [([0.0, 0.5, 1.0], [0, 128, 255]), ([0, 100, 255], [0, 100, 255]), ([-5, 0, 5], [0, 128, 255])],
)
def test_floating_point_greys_are_scaled(greys, wanted):
    found = decoding.decode(packed(Image.fromarray(np.array([greys], dtype=np.float32)), "TIFF"))
    assert [found.getpixel((x, 0))[0] for x in range(3)] == wanted


def test_greys_that_are_no_numbers_are_refused():
    greys = np.full((4, 4), np.inf, dtype=np.float32)
    with pytest.raises(decoding.InvalidPictureError, match="no numbers"):
        decoding.decode(packed(Image.fromarray(greys), "TIFF"))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_ordinary_modes_become_rgb(mode):
    found = decoding.decode(packed(Image.new("RGB", (4, 4), "white").convert(mode)))
    assert (found.mode, found.getpixel((0, 0))) == ("RGB", WHITE)


@pytest.mark.parametrize(
    ("mode", "clear"), [("RGBA", (0, 0, 0, 0)), ("LA", (0, 0)), ("RGBA", (9, 9, 9, 0))]
)
def test_what_is_transparent_becomes_white(mode, clear):
    assert decoding.decode(packed(Image.new(mode, (4, 4), clear))).getpixel((0, 0)) == WHITE


def test_what_is_half_transparent_is_mixed_with_white():
    found = decoding.decode(packed(Image.new("RGBA", (4, 4), (255, 0, 0, 128))))
    assert near(found.getpixel((0, 0)), (255, 127, 127), 1)


@pytest.mark.parametrize("mode", ["P", "L", "RGB"])
def test_a_colour_that_is_declared_transparent_becomes_white(mode):
    black = 0 if mode in {"P", "L"} else (0, 0, 0)
    data = packed(Image.new(mode, (4, 4), black), transparency=black)
    assert decoding.decode(data).getpixel((0, 0)) == WHITE


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_the_first_frame_counts(form):
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("blue", "red", "red")]
    data = packed(frames[0], form, save_all=True, append_images=frames[1:])
    assert near(decoding.decode(data).getpixel((0, 0)), (0, 0, 255))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize(
    ("orientation", "size", "red_at"),
    [
        (1, (40, 20), (5, 10)),
        (3, (40, 20), (35, 10)),
        (6, (20, 40), (10, 5)),
        (8, (20, 40), (10, 35)),
    ],
)
def test_it_is_turned_as_the_camera_was_held(form, orientation, size, red_at):
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = decoding.decode(packed(halves(), form, exif=exif))
    assert found.size == size
    assert near(found.getpixel(red_at), RED, 12)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_exif_does_not_lose_the_picture():
    data = packed(halves(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\xff" * 40)
    assert decoding.decode(data).size == (40, 20)


def test_a_bomb_is_refused_by_its_size_alone():
    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    with pytest.raises(decoding.InvalidPictureError, match=r"3600000000 pixels|60000 x 60000"):
        decoding.decode(bomb)


def test_too_many_bytes_are_refused():
    data = packed(halves())
    with pytest.raises(decoding.InvalidPictureError, match="more than the 10 allowed"):
        decoding.decode(data, max_bytes=10)


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", b"\xff\xd8\xff\xe0 no more", b"\x89PNG\r\n\x1a\n"]
)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(decoding.InvalidPictureError):
        decoding.decode(data)


def test_a_page_of_html_is_called_that():
    with pytest.raises(decoding.InvalidPictureError, match="an HTML page"):
        decoding.decode(b"<!DOCTYPE html><title>Just a moment</title>")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "GIF"])
def test_a_truncated_picture_is_refused(form):
    noise = np.random.default_rng(1).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    data = packed(Image.fromarray(noise), form)
    with pytest.raises(decoding.InvalidPictureError):
        decoding.decode(data[: len(data) // 2])


class TestForTheWeb:
    @pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
    def test_what_browsers_show_stays_as_it_is(self, form):
        data = packed(halves(), form)
        assert decoding.to_web_format(data) == data

    def test_everything_else_becomes_an_upright_jpeg(self):
        exif = Image.Exif()
        exif[0x0112] = 6
        for data in (
            packed(halves(), "TIFF"),
            packed(halves(), "BMP"),
            packed(Image.new("CMYK", (40, 20)), "JPEG"),
            packed(Image.new("RGBA", (40, 20)), "PNG"),
            packed(Image.new("I;16", (40, 20)), "PNG"),
            packed(halves(), "JPEG", exif=exif),
        ):
            made = Image.open(io.BytesIO(decoding.to_web_format(data)))
            assert (made.format, made.mode, made.getexif().get(0x0112)) == ("JPEG", "RGB", None)
            assert made.size == decoding.decode(data).size

    @pytest.mark.parametrize("mode", ["RGB", "RGBA"])
    def test_a_colour_profile_stays_with_its_picture(self, mode):
        data = packed(Image.new(mode, (40, 20)), "TIFF", icc_profile=SRGB)
        made = Image.open(io.BytesIO(decoding.to_web_format(data)))
        assert made.info["icc_profile"] == SRGB

    def test_a_profile_that_fits_no_longer_is_dropped(self):
        grey = SRGB[:16] + b"GRAY" + SRGB[20:]
        data = packed(Image.new("L", (40, 20)), "TIFF", icc_profile=grey)
        assert "icc_profile" not in Image.open(io.BytesIO(decoding.to_web_format(data))).info

    def test_large_pictures_are_made_smaller(self):
        made = decoding.to_web_format(packed(Image.new("RGB", (4000, 2000), "red"), "JPEG"))
        assert Image.open(io.BytesIO(made)).size == (1686, 843)

    def test_the_same_bytes_give_the_same_bytes(self):
        data = packed(halves(), "TIFF")
        assert decoding.to_web_format(data) == decoding.to_web_format(data)

    def test_what_is_no_picture_is_refused(self):
        with pytest.raises(decoding.InvalidPictureError):
            decoding.to_web_format(b"text")


def test_storing_twice_gives_one_file(media_folder):
    data = packed(halves())
    assert storage.store(data) == storage.store(data)
    assert storage.read(storage.store(data)) == data
    assert sum(path.is_file() for path in media_folder.rglob("*")) == 1


def test_nothing_is_stored_of_what_is_no_picture(media_folder):
    with pytest.raises(decoding.InvalidPictureError):
        storage.store(b"<html>")
    assert not media_folder.exists()
