"""What templates say about a work."""

from dataclasses import dataclass

from django import template
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from museum.images import frames, urls
from museum.models import Artwork, ImageStatus

register = template.Library()

# What a visitor is told where no picture can be shown.
NO_PICTURE = {
    ImageStatus.PENDING: gettext_lazy("Picture not available yet"),
    ImageStatus.RESTRICTED: gettext_lazy("No public picture"),
}
# About how wide a frame of proportion 1 is on a wall, in pixels (`--row` in css/base/tokens.css and
# the share that a full row adds): the browser picks the file by it.
FRAME_WIDTH, FRAME_WIDTH_PHONE = 330, 160


@register.filter
def picture(work: Artwork, width: int) -> str:
    """Address of the picture, `width` pixels wide or a little more."""
    return urls.picture_url(work, width) or ""


@register.filter
def srcset(work: Artwork) -> str:
    """Every width of the picture."""
    return urls.srcset(work)


@dataclass(frozen=True)
class Frame:
    """A picture on a wall. `source` is "" where there is none; `sizes` says how wide it will be,
    `shape` are the classes of its proportions, `blur` is its placeholder; `width` and `height`
    are "" where they are not known."""

    source: str
    srcset: str
    sizes: str
    shape: str
    blur: str
    width: str
    height: str


@register.filter
def frame(work: Artwork) -> Frame:
    """The picture of `work` as it hangs on a wall."""
    source = urls.picture_url(work, 400) or ""
    size = (work.image_width, work.image_height) if source else (None, None)
    shape = frames.proportion(*size)
    phone, screen = round(FRAME_WIDTH_PHONE * shape), round(FRAME_WIDTH * shape)
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
    """The blurred picture as a data URI; "" where the record carries none."""
    lqip = work.lqip or ""
    return lqip if lqip.startswith("data:image/") else ""


@register.filter
def maker(work: Artwork) -> str:
    """Who made it, on one line."""
    if work.artist:
        return work.artist.name
    return (work.artist_display or "").split("\n", 1)[0]


@register.filter
def alt(work: Artwork) -> str:
    """Alternative text of the picture; the work must come from `texts.with_texts`."""
    return next((text.text for text in work.alt_texts), "")  # type: ignore[attr-defined]


@register.filter
def no_picture(work: Artwork) -> str:
    """Why there is no picture, in a visitor's words."""
    return str(NO_PICTURE.get(ImageStatus(work.image_status)) or _("No picture"))


@register.filter
def summary(text: str) -> str:
    """One or two sentences' worth of `text`, for search engines and link previews."""
    return Truncator(" ".join(text.split())).chars(200)
