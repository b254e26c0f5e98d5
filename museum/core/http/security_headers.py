"""Headers that every answer carries, beside those of Django and django-csp."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# What no page here has any use for.
REFUSED = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media",
    "geolocation", "gyroscope", "magnetometer", "microphone", "midi", "payment",
    "picture-in-picture", "publickey-credentials-get", "screen-wake-lock", "usb",
    "xr-spatial-tracking",
)  # fmt: skip
PERMISSIONS = ", ".join(f"{feature}=()" for feature in REFUSED)


class HeadersMiddleware:
    """Says what pages may use, and whose pages may show what is here.

    What any origin may read (the API, pictures, static files) any origin may also embed; pages and
    the admin none but this site's own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", PERMISSIONS)
        is_open = response.get("Access-Control-Allow-Origin") == "*"
        response.setdefault(
            "Cross-Origin-Resource-Policy", "cross-origin" if is_open else "same-origin"
        )
        return response
