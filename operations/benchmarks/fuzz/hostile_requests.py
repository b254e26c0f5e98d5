"""Hostile requests, repeatable by seed: addresses, forms, uploads and picture URLs."""

import io
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from PIL import Image

from search.query.forms import SearchForm

TEXTS = (
    "'; DROP TABLE museum_artwork; --", "' OR 1=1 --", "<script>alert(1)</script>", "{{7*7}}",
    "${jndi:ldap://x}", "%s%s%s%n", "../../../../etc/passwd", "\x00", "\x00boat", "\ufeff",
    "\u202e", "👩‍👩‍👧‍👦" * 40, "a" * 5000, "\\", "\"", "\"unclosed", "-", "--", "- -a -",
    "~!@#$%^&*()", "NULL", "NaN", "inf", "-1", "0", "1e309", "99999999999999999999", "0x10", "٣",
    "½", "true", "[]", "{}", "[object Object]", "\r\nSet-Cookie: a=b", "ﷺ" * 200, "İ", "ß",
    "a:b&c|d!e", "<->", ":*", "\ud800", "\"a\" \"b\" -\"c\"", "red boat", "", " ", "\t", "😀",
    "%", "_", "%00", "..%2f", "#", "?q=", "\x7f",
)  # fmt: skip
PLACES = (
    "http://127.0.0.1/", "http://localhost:6379/", "http://[::1]/", "http://0/",
    "http://0x7f.1/", "http://2130706433/", "http://127.1/", "http://[::ffff:127.0.0.1]/",
    "http://169.254.169.254/", "http://10.0.0.1/a.png", "http://192.168.1.1/",
    "http://[fe80::1%25lo]/", "file:///etc/passwd", "gopher://127.0.0.1/_x", "ftp://127.0.0.1/",
    "http://", "http:///a", "//127.0.0.1", "http://[", "http://a:b@127.0.0.1/",
    "http://127.0.0.1:99999/", "http://127.0.0.1:-1/", "http://\x00/", "javascript:alert(1)",
    "data:image/png;base64,AAAA", "http://" + "a" * 300 + "/", "http://ä.invalid",
    "http://a..invalid/", "http://.invalid/", "http://xn--/", "http://127.0.0.1\r\nX: y/",
    "https://[::1]:443/", "http://192.0.2.1/", "http://224.0.0.1/", "http://255.255.255.255/",
    "http://[64:ff9b::7f00:1]/",
)  # fmt: skip
PAGES = (
    "/", "/search", "/search/refine", "/saved", "/saved.csv", "/saved.json",
    "/saved/manifest.json", "/about", "/themes", "/themes/x", "/artists/1", "/artworks/1",
    "/artworks/1/manifest.json", "/api/search", "/api/suggest", "/api/facets", "/api/models",
    "/api/collections", "/api/artworks/1", "/api/artworks/1/similar", "/api/schema",
    "/sitemap.xml", "/robots.txt", "/language", "/admin/login/",
)  # fmt: skip
METHODS = ("GET", "GET", "GET", "GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH")
_BOUNDARY = "hostile"


@dataclass(frozen=True)
class Hostile:
    """One request; `kind` names its part of the corpus."""

    kind: str
    method: str
    path: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def requests(number: int, seed: int = 1) -> Iterator[Hostile]:
    """Yield `number` requests of all kinds in turn."""
    chance = random.Random(seed)  # noqa: S311 - the same each time, on purpose
    kinds = (_query, _query, _upload, _place, _path, _body, _token)
    names = sorted(SearchForm({}, {}).fields)
    pictures = _pictures()
    for n in range(number):
        yield kinds[n % len(kinds)](chance, names, pictures)


def _query(chance: random.Random, names: list[str], pictures: list[bytes]) -> Hostile:
    given = [(chance.choice([*names, "fields", "format", "ids", "by"]), _text(chance))
             for _ in range(chance.randint(1, 5))]  # fmt: skip
    path = f"{chance.choice(PAGES)}?{_encoded(given)}"
    return Hostile("query", chance.choice(METHODS), path, headers=_headers(chance))


def _upload(chance: random.Random, names: list[str], pictures: list[bytes]) -> Hostile:
    data = bytearray(chance.choice(pictures))
    for _ in range(chance.choice((0, 1, 1, 4, 40))):
        data[chance.randrange(len(data))] = chance.randrange(256)
    if chance.random() < 0.3:
        data = data[: chance.randrange(len(data))]
    if chance.random() < 0.1:
        data *= 2
    kind = chance.choice(("image/png", "text/html", "", "image/svg+xml", "../../x"))
    others = [(chance.choice(names), _text(chance))] if chance.random() < 0.3 else []
    return _form("upload", chance, [("image", bytes(data), kind)], others)


def _place(chance: random.Random, names: list[str], pictures: list[bytes]) -> Hostile:
    place = chance.choice(PLACES)
    if chance.random() < 0.3:
        place += _text(chance)
    body = _encoded([("image_url", place), ("q", "boat")]).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return Hostile("place", "POST", chance.choice(("/search", "/api/search")), body, headers)


def _path(chance: random.Random, names: list[str], pictures: list[bytes]) -> Hostile:
    text = quote(_text(chance)[:500], safe=chance.choice(("", "/", "/%")), errors="surrogatepass")
    before = chance.choice(
        ("/", "/artworks/", "/api/", "/api/artworks/", "/themes/", "/iiif/2/" + "a" * 64 + "/",
         "/static/", "/admin/", "/sitemap-", "/artists/", "/api/collections/")
    )  # fmt: skip
    return Hostile("path", chance.choice(METHODS), before + text, headers=_headers(chance))


def _body(chance: random.Random, names: list[str], pictures: list[bytes]) -> Hostile:
    value: object = chance.choice(
        (None, 1, [], {}, "x", [[[]]], {"q": None}, {"q": [1]}, {"q": {"a": 1}}, {"limit": 1e400},
         {chance.choice(names): _text(chance)}, {"q": "x" * 100_000})
    )  # fmt: skip
    text = json.dumps(value).encode("utf-8", "surrogatepass")
    if chance.random() < 0.3:
        text = text[: chance.randrange(len(text) + 1)] + bytes([chance.randrange(256)])
    kind = chance.choice(
        ("application/json", "application/json; charset=utf-7", "text/plain", "multipart/form-data",
         "multipart/form-data; boundary=", "application/x-www-form-urlencoded; charset=none", "")
    )  # fmt: skip
    path = chance.choice(("/api/search", "/search", "/api/facets", "/language", "/admin/login/"))
    return Hostile("body", "POST", path, text, {"Content-Type": kind} if kind else {})


def _token(chance: random.Random, names: list[str], pictures: list[bytes]) -> Hostile:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_="
    token = "".join(chance.choice(letters) for _ in range(chance.choice((1, 8, 40, 352, 353, 700))))
    name = chance.choice(("picture", "cursor", "box", "color", "like", "ids"))
    return Hostile("token", "GET", f"/api/search?q=boat&{_encoded([(name, token)])}")


def _form(
    kind: str,
    chance: random.Random,
    files: list[tuple[str, bytes, str]],
    fields: list[tuple[str, str]],
) -> Hostile:
    parts = []
    for name, data, media in files:
        filename = chance.choice(("a.png", "", "../x", "a" * 300))
        head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"'
        parts.append(f"{head}\r\nContent-Type: {media}\r\n\r\n".encode() + data)
    for name, text in fields:
        parts.append(
            f'Content-Disposition: form-data; name="{name}"\r\n\r\n{text}'.encode(
                "utf-8", "surrogatepass"
            )
        )
    mark = f"--{_BOUNDARY}".encode()
    body = b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts)
    body += mark + chance.choice((b"--\r\n", b"--\r\n", b"--\r\n", b""))
    path = chance.choice(("/search", "/api/search"))
    return Hostile(
        kind, "POST", path, body, {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
    )


def _text(chance: random.Random) -> str:
    if chance.random() < 0.6:
        return chance.choice(TEXTS)
    return "".join(chr(chance.choice((chance.randrange(32, 127), chance.randrange(0x10000))))
                   for _ in range(chance.randint(1, 60)))  # fmt: skip


def _encoded(pairs: list[tuple[str, str]]) -> str:
    return urlencode(pairs, errors="surrogatepass")


def _headers(chance: random.Random) -> dict[str, str]:
    if chance.random() < 0.7:
        return {}
    name = chance.choice(
        ("Accept", "Accept-Language", "Cookie", "If-None-Match", "Authorization", "X-Forwarded-For",
         "X-Request-ID", "Range", "Origin", "Accept-Encoding", "If-Modified-Since", "Host")
    )  # fmt: skip
    text = _text(chance).encode("latin-1", "ignore").decode("latin-1")
    return {name: "".join(each for each in text if each.isprintable())[:2000]}


def _pictures() -> list[bytes]:
    """Return small pictures in all accepted formats."""
    made = []
    gradient = Image.linear_gradient("L").resize((40, 30))
    for kind in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "AVIF", "JPEG2000"):
        for mode in ("L", "RGB", "RGBA", "CMYK", "I;16"):
            file = io.BytesIO()
            try:
                gradient.convert(mode).save(file, kind)
            except (OSError, ValueError, KeyError):
                continue  # not every format has every mode
            made.append(file.getvalue())
    return made
