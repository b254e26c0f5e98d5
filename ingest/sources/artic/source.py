"""The Art Institute of Chicago's API."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from ingest.http import pacing
from ingest.http.errors import BadResponseError, ContactMissingError
from ingest.http.politeness import Politeness
from ingest.http.session import Reply, json_body
from ingest.http.user_agent import user_agent
from ingest.sources.artic.parse import FIELDS, parse
from ingest.sources.base import Collection, IdPage, Item, Listing, ListingPage, Page, Rejected
from ingest.sources.record import InvalidRecordError

CC_BY, CC0 = "CC BY 4.0, Art Institute of Chicago", "CC0 1.0"


class ArticSource(Listing):
    """AIC's public API, or a server that speaks like it.

    Limits: 60 requests a minute for each IP, and for crawling one a second by a single thread
    (`AIC_API_INTERVAL`, `AIC_IMAGE_INTERVAL`); `limit` at most 100; search ends at 1,000 results,
    so only the listing is crawled. Crawlers name themselves and a contact (`AIC_CONTACT`).

    Quirks: the listing is ordered by `updated_at` descending, then `id` descending, and pages
    drift while one crawls, so a record may come twice; without `fields=` records are 20 KB each;
    empty strings come as null and some arrays are null; errors are `{status, error, detail}`;
    the picture base is `config.iiif_url` and not to be hardcoded; the picture host answers some
    clients with a 403, or with a page of HTML and a 200.
    """

    name = "artic"
    max_page_size = 100

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url.rstrip("/"))
        self._collection = collection({}, "")

    @property
    def collection(self) -> Collection:
        """As the newest page said."""
        return self._collection

    @classmethod
    def politeness(cls) -> Politeness:
        """Follow AIC's terms, by the settings `AIC_…`."""
        agent = user_agent()
        return Politeness(
            requests=pacing.from_setting("AIC_API_INTERVAL"),
            pictures=pacing.from_setting("AIC_IMAGE_INTERVAL"),
            timeout=settings.AIC_TIMEOUT,
            headers={
                "User-Agent": agent,
                "AIC-User-Agent": agent,
                "Accept": "application/json, image/*",
            },
            check=check_contact,
        )

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Take the API's address; AIC's own by default."""
        parser.add_argument(
            "address", nargs="?", default=settings.AIC_BASE_URL, help="default: %(default)s"
        )

    def page(self, number: int, size: int) -> ListingPage:
        """Return one page of the listing, numbered from 1, of at most 100 records."""
        if not 1 <= size <= self.max_page_size:
            raise ValueError(f"limit is {size}; AIC allows 1 to {self.max_page_size}")
        envelope = self._listing(number, size, FIELDS)
        return ListingPage(
            self._items(envelope.data),
            envelope.collection,
            envelope.total or 0,
            number=number,
            total_pages=envelope.total_pages or 0,
        )

    def id_pages(self) -> Iterator[IdPage]:
        """Yield the ids of the whole listing, 100 at a time."""
        number = 1
        while True:
            envelope = self._listing(number, self.max_page_size, ("id",))
            yield IdPage(_ids(envelope.data), envelope.collection, envelope.total or 0)
            if number >= (envelope.total_pages or 0) or not envelope.data:
                return
            number += 1

    def existing(self, ids: Sequence[int]) -> set[int]:
        """Return those of at most 100 `ids` that there are."""
        return _ids(self._by_id(ids, ("id",)).data)

    def records_of(self, ids: Sequence[int]) -> Page:
        """Return the records of at most 100 `ids`."""
        envelope = self._by_id(ids, FIELDS)
        return Page(self._items(envelope.data), envelope.collection)

    def _listing(self, number: int, size: int, fields: Sequence[str]) -> "_Envelope":
        params = {"page": number, "limit": size, "fields": ",".join(fields)}
        return self._get(params, _listing_envelope)

    def _by_id(self, ids: Sequence[int], fields: Sequence[str]) -> "_Envelope":
        params = {
            "ids": ",".join(map(str, ids)),
            "limit": self.max_page_size,
            "fields": ",".join(fields),
        }
        return self._get(params, _Envelope)

    def _get(
        self, params: Mapping[str, Any], envelope_of: Callable[[Reply], "_Envelope"]
    ) -> "_Envelope":
        envelope = self.session.get(f"{self.address}/artworks", envelope_of, params)
        self._collection = envelope.collection
        return envelope

    def _items(self, data: list[Any]) -> list[Item]:
        return [self._item(raw) for raw in data]

    def _item(self, raw: Any) -> Item:
        try:
            return parse(raw)
        except InvalidRecordError as error:
            place = f"{self.address}/artworks/{error.artic_id}" if error.artic_id else ""
            return Rejected.of(error, place)


def check_contact(url: str) -> None:
    """Refuse to ask AIC's own hosts without a contact; raises `ContactMissingError`."""
    host = urlsplit(url).hostname or ""
    if settings.AIC_CONTACT and not settings.AIC_CONTACT.isascii():
        message = "AIC_CONTACT must be an e-mail address in plain letters"
        raise ContactMissingError(message, "contact")
    if (host == "artic.edu" or host.endswith(".artic.edu")) and not settings.AIC_CONTACT:
        raise ContactMissingError(
            "The Art Institute asks every crawler for a contact: set AIC_CONTACT to an e-mail "
            "address (in .env, or AIC_CONTACT=you@example.org before the command)",
            "contact",
        )


class _Envelope:
    """One answer of the API: its records, not yet validated, and what comes with them.

    An answer to `?ids=` has no pagination: `total` and `total_pages` are None.
    """

    def __init__(self, reply: Reply) -> None:
        envelope = json_body(reply)
        if not isinstance(envelope, dict):
            raise _wrong_envelope(reply, "it is no object")
        pagination, data = envelope.get("pagination"), envelope.get("data")
        config, info = envelope.get("config"), envelope.get("info")
        iiif_url = config.get("iiif_url") if isinstance(config, dict) else None
        if not isinstance(data, list):
            raise _wrong_envelope(reply, '"data" is no list')
        if not isinstance(iiif_url, str) or urlsplit(iiif_url).scheme not in {"http", "https"}:
            raise _wrong_envelope(reply, '"config" has no "iiif_url"')
        pagination = pagination if isinstance(pagination, dict) else {}
        self.data: list[Any] = data
        self.total: int | None = _whole_number(pagination.get("total"))
        self.total_pages: int | None = _whole_number(pagination.get("total_pages"))
        self.collection = collection(info if isinstance(info, dict) else {}, iiif_url)


def _listing_envelope(reply: Reply) -> _Envelope:
    envelope = _Envelope(reply)
    if envelope.total_pages is None:
        raise _wrong_envelope(reply, '"pagination" has no "total_pages"')
    return envelope


def _whole_number(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def _wrong_envelope(reply: Reply, why: str) -> BadResponseError:
    return BadResponseError(f"{reply.url} is no answer of AIC's API: {why}", "envelope")


def _ids(data: list[Any]) -> set[int]:
    return {
        record["id"]
        for record in data
        if isinstance(record, dict) and isinstance(record.get("id"), int)
    }


def collection(info: dict[str, Any], iiif_url: str) -> Collection:
    """Return what `info` says of the records that came with it.

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
