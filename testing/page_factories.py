"""Works for the tests of pages."""

import io
import itertools

from PIL import Image

from museum.images import storage
from museum.models import Artist, Artwork, Description, ImageStatus

_numbers = itertools.count(1)


def picture(width: int = 300, height: int = 200, shade: int = 0) -> bytes:
    """A JPEG of this size; another `shade` makes another picture."""
    buffer = io.BytesIO()
    gradient = Image.linear_gradient("L").resize((width, height))
    Image.merge("RGB", (gradient, gradient, gradient.point(lambda p: (p + shade) % 256))).save(
        buffer, "JPEG"
    )
    return buffer.getvalue()


def placeholder() -> str:
    """A tiny blurred picture, as AIC's records carry them."""
    return (
        "data:image/gif;base64,R0lGODlhBAAFAPQAAJuRd6GYfcW+qsrCr83Er87Gsd3Xxd/ZyOHayeLczOPdzuXg"
        "0ebh1Obh1ebi1enk1+rl2e3o3O3p3QAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACH5"
        "BAAAAAAALAAAAAAEAAUAAAURIPNADUIUixEARzIIihNJTggAOw=="
    )


def work(title: str = "Untitled", size: tuple[int, int] | None = None, **fields) -> Artwork:
    """A work; with `size` it has a stored picture, with `text` and `alt` those descriptions."""
    number = next(_numbers)
    texts = {"description": fields.pop("text", ""), "alt_text": fields.pop("alt", "")}
    if name := fields.pop("artist", ""):
        fields["artist"] = Artist.objects.get_or_create(name=name)[0]
    if size:
        fields |= {
            "image_status": ImageStatus.STORED,
            "image_sha256": storage.store(picture(*size, shade=number)),
            "image_width": size[0],
            "image_height": size[1],
            "lqip": placeholder(),
        }
    fields = {"artic_id": number, "is_generated": True, "record_hash": "-", **fields}
    made = Artwork.objects.create(title=title, **fields)
    for source, text in texts.items():
        if text:
            Description.objects.create(artwork=made, source=source, text=text)
    return made
