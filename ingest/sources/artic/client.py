"""The Art Institute of Chicago's API."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from ingest.http import pacing
from ingest.http.errors import BadResponseError, ContactMissingError
from ingest.http.session import PacedSession, Reply
from ingest.sources.artic.parse import FIELDS
from ingest.sources.base import Collection
from museum.images.decoding import MAX_BYTES

MAX_LIMIT = 100
MAX_JSON_BYTES = 64 * 1024 * 1024
BACKOFF, LOOPBACK_BACKOFF = 1.0, 0.1  # seconds before the second try
CC_BY, CC0 = "CC BY 4.0, Art Institute of Chicago", "CC0 1.0"


@dataclass(frozen=True)
class Page:
    """One page of a listing; `records` are the API's objects, not yet validated."""

    number: int
    total: int
    total_pages: int
    records: list[Any]
    collection: Collection


class ArticClient:
    """AIC's public API, or a server that speaks like it.

    Limits: 60 requests a minute for each IP, and for crawling one a second by a single thread
    (`AIC_API_INTERVAL`, `AIC_IMAGE_INTERVAL`); `limit` at most 100; search ends at 1,000 results,
    so this client only crawls the listing. Crawlers name themselves and a contact (`AIC_CONTACT`).

    Quirks: the listing is ordered by `updated_at` descending, then `id` descending, and pages
    drift while one crawls, so a record may come twice; without `fields=` records are 20 KB each;
    empty strings come as null and some arrays are null; errors are `{status, error, detail}`;
    the picture base is `config.iiif_url` and not to be hardcoded; the picture host answers some
    clients with a 403, or with a page of HTML and a 200.

    All methods raise `SourceError`.
    """

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._sessions: dict[str, PacedSession] = {}

    def page(self, number: int, limit: int, fields: Sequence[str] = FIELDS) -> Page:
        """One page of the listing, numbered from 1, of at most 100 records."""
        if not 1 <= limit <= MAX_LIMIT:
            raise ValueError(f"limit is {limit}; AIC allows 1 to {MAX_LIMIT}")
        params = {"page": number, "limit": limit, "fields": ",".join(fields)}
        url = f"{self.base_url}/artworks"
        session = self._session("AIC_API_INTERVAL", url, MAX_JSON_BYTES)
        return session.get(url, lambda reply: _page(reply, number), params)

    def of_ids(self, ids: Sequence[int], fields: Sequence[str] = FIELDS) -> Page:
        """Those of at most 100 `ids` that there are."""
        params = {
            "ids": ",".join(map(str, ids)),
            "limit": MAX_LIMIT,
            "fields": ",".join(fields),
        }
        url = f"{self.base_url}/artworks"
        session = self._session("AIC_API_INTERVAL", url, MAX_JSON_BYTES)
        return session.get(url, lambda reply: _page(reply, 1), params)

    def pages(self, limit: int = MAX_LIMIT, fields: Sequence[str] = FIELDS) -> Iterator[Page]:
        """Every page of the listing, the newest records first."""
        number = 1
        while True:
            page = self.page(number, limit, fields)
            yield page
            if number >= page.total_pages or not page.records:
                return
            number += 1

    def picture(self, iiif_url: str, image_id: str, width: int) -> bytes:
        """The picture's bytes at `width` pixels; whether they are a picture is not yet known."""
        url = f"{iiif_url.rstrip('/')}/{image_id}/full/{width},/0/default.jpg"
        return self._session("AIC_IMAGE_INTERVAL", url, MAX_BYTES).get(url, _not_html)

    def _session(self, setting: str, url: str, max_bytes: int) -> PacedSession:
        host = urlsplit(url).netloc
        if setting not in self._sessions:
            check_contact(url)
            backoff = LOOPBACK_BACKOFF if pacing.is_loopback(url) else BACKOFF
            self._sessions[setting] = PacedSession(
                pacing.pacer(host, pacing.interval(setting, url)),
                headers=_headers(),
                timeout=settings.AIC_TIMEOUT,
                max_bytes=max_bytes,
                backoff=backoff,
            )
        return self._sessions[setting]


def check_contact(url: str) -> None:
    """Refuse to speak to AIC's own hosts without a contact; raises `ContactMissingError`."""
    host = urlsplit(url).hostname or ""
    if settings.AIC_CONTACT and not settings.AIC_CONTACT.isascii():
        raise ContactMissingError(
            "AIC_CONTACT must be an e-mail address in plain letters", "contact"
        )
    if (host == "artic.edu" or host.endswith(".artic.edu")) and not settings.AIC_CONTACT:
        raise ContactMissingError(
            "The Art Institute asks every crawler for a contact: set AIC_CONTACT to an e-mail "
            "address (in .env, or AIC_CONTACT=you@example.org before the command)",
            "contact",
        )


def _headers() -> dict[str, str]:
    try:
        version = metadata.version("ekphrasis")
    except metadata.PackageNotFoundError:  # run from a plain checkout
        version = "dev"
    contact = f" ({settings.AIC_CONTACT})" if settings.AIC_CONTACT else ""
    agent = f"ekphrasis/{version}{contact}"
    return {"User-Agent": agent, "AIC-User-Agent": agent, "Accept": "application/json, image/*"}


def _not_html(reply: Reply) -> bytes:
    # Not transient: a challenge page is an answer, and asking again at once would be hammering.
    if reply.content_type == "text/html" or _looks_like_html(reply.body):
        raise BadResponseError(f"{reply.url} sent a page of HTML instead of a picture", "html")
    return reply.body


def _looks_like_html(body: bytes) -> bool:
    return body[:200].lstrip().lower().startswith((b"<!doctype", b"<html"))


def _page(reply: Reply, number: int) -> Page:
    envelope = _json(reply)
    pagination, data = envelope.get("pagination"), envelope.get("data")
    config, info = envelope.get("config"), envelope.get("info")
    iiif_url = config.get("iiif_url") if isinstance(config, dict) else None
    if not isinstance(data, list):
        raise _wrong_envelope(reply, '"data" is no list')
    if not isinstance(pagination, dict) or not isinstance(pagination.get("total_pages"), int):
        raise _wrong_envelope(reply, '"pagination" has no "total_pages"')
    if not isinstance(iiif_url, str) or urlsplit(iiif_url).scheme not in {"http", "https"}:
        raise _wrong_envelope(reply, '"config" has no "iiif_url"')
    total = pagination.get("total")
    return Page(
        number,
        total if isinstance(total, int) else 0,
        pagination["total_pages"],
        data,
        collection(info if isinstance(info, dict) else {}, iiif_url),
    )


def _json(reply: Reply) -> dict[str, Any]:
    if reply.content_type == "text/html" or _looks_like_html(reply.body):
        raise BadResponseError(
            f"{reply.url} sent a page of HTML instead of JSON: is this the API's address, or "
            "does something stand in the way (a proxy, a login page)?",
            "html",
            transient=True,
        )
    try:
        envelope = json.loads(reply.body)
    except ValueError as error:
        message = f"{reply.url} sent no JSON ({error})"
        raise BadResponseError(message, "not-json", transient=True) from error
    if not isinstance(envelope, dict):
        raise _wrong_envelope(reply, "it is no object")
    return envelope


def _wrong_envelope(reply: Reply, why: str) -> BadResponseError:
    return BadResponseError(f"{reply.url} is no answer of AIC's API: {why}", "envelope")


def collection(info: dict[str, Any], iiif_url: str) -> Collection:
    """What `info` says of the records that came with it.

    Pictures of generated records are invented as well. A server on this machine may have them;
    any other host, such as AIC's own, would be asked for what it never had, by us and by
    visitors' browsers. So the records then have no address of pictures.
    """
    is_generated = info.get("generated") is True
    if is_generated and not pacing.is_loopback(iiif_url):
        iiif_url = ""
    text = str(info.get("license_text") or "")
    # AIC's own wording: one licence for `description`, another for all other data.
    is_aic = "`description`" in text and "Attribution 4.0" in text and "CC0" in text
    return Collection(
        source="sample" if is_generated else "artic",
        is_generated=is_generated,
        licence=CC0 if is_aic else text,
        description_licence=CC_BY if is_aic else text,
        iiif_url=iiif_url.rstrip("/"),
    )
