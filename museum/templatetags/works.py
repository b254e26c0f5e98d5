"""Template filters that describe a work."""

from dataclasses import dataclass

from django import template
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from museum.images import frames, urls
from museum.models import Artwork, ImageStatus

register = template.Library()

# What visitors read where no picture can be shown.
NO_PICTURE = {
    ImageStatus.PENDING: gettext_lazy("Picture not available yet"),
    ImageStatus.RESTRICTED: gettext_lazy("No public picture"),
}
# The approximate width in pixels of a square frame in a grid of works (`--row` in
# static/css/base/tokens.css, stretched to a full row), by which the browser chooses a file.
FRAME_WIDTH, PHONE_FRAME_WIDTH = 330, 160


@register.filter
def picture(work: Artwork, width: int) -> str:
    """Return the URL of the picture, at least `width` pixels wide; "" where there is none."""
    return urls.picture_url(work, width) or ""


@register.filter
def srcset(work: Artwork) -> str:
    """Return the `srcset` of the picture; "" where there is none."""
    return urls.srcset(work)


@dataclass(frozen=True)
class Frame:
    """A picture in a grid of works: the attributes of its element.

    `source` is "" where there is none. `shape` has the classes of its proportions, `blur` is its
    placeholder. `width` and `height` are "" where they are not known.
    """

    source: str
    srcset: str
    sizes: str
    shape: str
    blur: str
    width: str
    height: str


@register.filter
def frame(work: Artwork) -> Frame:
    """Return the picture of `work` for a grid of works."""
    source = urls.picture_url(work, 400) or ""
    size = (work.image_width, work.image_height) if source else (None, None)
    shape = frames.proportion(*size)
    phone, screen = round(PHONE_FRAME_WIDTH * shape), round(FRAME_WIDTH * shape)
    return Frame(
        source,
        urls.srcset(work),
        f"(max-width: 40rem) min({phone}px, 92vw), {screen}px",
        frames.classes(*size),
        placeholder(work),
        *(map(str, size) if all(size) else ("", "")),
    )


@register.filter
def placeholder(work: Artwork) -> str:
    """Return the blurred picture as a data URI; "" where the record has none."""
    lqip = work.lqip or ""
    return lqip if lqip.startswith("data:image/") else ""


@register.filter
def maker(work: Artwork) -> str:
    """Return who made the work, on one line."""
    if work.artist:
        return work.artist.name
    return (work.artist_display or "").split("\n", 1)[0]


@register.filter
def alt(work: Artwork) -> str:
    """Return the alternative text of the picture.

    The work must have been through `museum.pages.descriptions.load_alt_texts`.
    """
    return next((text.text for text in work.alt_texts), "")  # type: ignore[attr-defined]


@register.filter
def no_picture(work: Artwork) -> str:
    """Return why there is no picture, for visitors."""
    return str(NO_PICTURE.get(ImageStatus(work.image_status)) or _("No picture"))


@register.filter
def summary(text: str) -> str:
    """Return the first 200 characters of `text`, for search engines and link previews."""
    return Truncator(" ".join(text.split())).chars(200)
