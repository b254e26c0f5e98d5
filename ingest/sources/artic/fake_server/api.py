"""The API's answers: routes, envelope, limits and errors, without the HTTP around them."""

import math
import re
import threading
import time
from collections import deque
from typing import Any
from urllib.parse import urlencode

from ingest.sources.artic.fake_server.catalog import Catalog, Entry
from ingest.sources.artic.fake_server.manifest import manifest

DEFAULT_LIMIT, MAX_LIMIT = 12, 100
SEARCH_FIELDS = ["_score", "thumbnail", "api_model", "api_link", "id", "title", "timestamp"]


class ApiError(Exception):
    """An error that the API answers, in its own words."""

    def __init__(self, status: int, error: str, detail: str, retry_after: int = 0) -> None:
        super().__init__(detail)
        self.status, self.error, self.detail = status, error, detail
        self.retry_after = retry_after


class RateLimit:
    """At most `per_minute` requests in any window; any other is told how long to wait."""

    def __init__(self, per_minute: int, window: float) -> None:
        self.per_minute, self.window = per_minute, window
        self._times: deque[float] = deque()
        self._lock = threading.Lock()

    def check(self) -> None:
        if not self.per_minute:
            return
        with self._lock:
            now = time.monotonic()
            while self._times and self._times[0] <= now - self.window:
                self._times.popleft()
            if len(self._times) >= self.per_minute:
                wait = math.ceil(self._times[0] + self.window - now)
                raise ApiError(429, "Too Many Requests", "Too Many Attempts.", max(1, wait))
            self._times.append(now)


class Api:
    """The API over `catalog`; `base_url` and `iiif_url` are the addresses that it names."""

    def __init__(
        self, catalog: Catalog, *, base_url: str, iiif_url: str, limit: RateLimit, search_depth: int
    ) -> None:
        self.catalog, self.limit, self.search_depth = catalog, limit, search_depth
        self.base_url, self.iiif_url = base_url, iiif_url

    def answer(self, path: str, query: dict[str, list[str]]) -> dict[str, Any]:
        """Return the JSON answer to one API request; raises `ApiError`."""
        self.limit.check()
        if path == "/artworks":
            return self._by_ids(query) if _get(query, "ids") else self._listing(query)
        if path == "/artworks/search":
            return self._search(query)
        if path == "/deaccessions":
            limit, page = _paging(query)
            return self._envelope([], self._pagination(path, 0, limit, page))
        match = re.fullmatch(r"/artworks/([^/]+)(/manifest\.json)?", path)
        if not match:
            raise not_found()
        entry = self._entry(match[1])
        if match[2]:
            licence = self.catalog.info.get("license_text", "")
            return manifest(entry.read(), self.base_url, self.iiif_url, licence)
        return self._envelope(_only(entry.read(), _fields(query)))

    def _listing(self, query: dict[str, list[str]]) -> dict[str, Any]:
        limit, page = _paging(query)
        offset = (page - 1) * limit
        entries = self.catalog.entries[offset : offset + limit]
        fields = _fields(query)
        return self._envelope(
            [_only(entry.read(), fields) for entry in entries],
            self._pagination("/artworks", len(self.catalog), limit, page, query),
        )

    def _by_ids(self, query: dict[str, list[str]]) -> dict[str, Any]:
        ids = _get(query, "ids").split(",")
        if len(ids) > MAX_LIMIT:
            raise ApiError(
                403,
                "Invalid number of ids",
                "You have requested too many ids. Please send a smaller amount.",
            )
        if not all(id_.strip().isdecimal() for id_ in ids):
            raise _bad_syntax()
        entries = [self.catalog.by_id.get(int(id_)) for id_ in ids]
        fields = _fields(query)
        # As AIC does, without pagination.
        return self._envelope([_only(entry.read(), fields) for entry in entries if entry])

    def _search(self, query: dict[str, list[str]]) -> dict[str, Any]:
        limit, page = _paging(query, default=10)
        first = _get(query, "from") or str((page - 1) * limit)
        if not first.isdecimal():
            raise _bad_syntax()
        start = int(first)
        if start + limit > self.search_depth:
            raise ApiError(
                403,
                "Invalid number of results",
                "You have requested too many results. Please refine your parameters.",
            )
        hits = self.catalog.search(_get(query, "q"))
        fields = _fields(query) or SEARCH_FIELDS
        data = [
            _only({"_score": score, **entry.read()}, ["_score", *fields])
            for score, entry in hits[start : start + limit]
        ]
        pagination = self._pagination("/artworks/search", len(hits), limit, page)
        return {"preference": None, **self._envelope(data, pagination)}

    def _entry(self, text: str) -> Entry:
        if not text.isdecimal():
            raise _bad_syntax()
        entry = self.catalog.by_id.get(int(text))
        if entry is None:
            raise not_found()
        return entry

    def _envelope(self, data: Any, pagination: dict[str, Any] | None = None) -> dict[str, Any]:
        head = {"pagination": pagination} if pagination else {}
        config = {"iiif_url": self.iiif_url, "website_url": self.base_url.partition("/api/")[0]}
        return {**head, "data": data, "info": self.catalog.info, "config": config}

    def _pagination(
        self,
        path: str,
        total: int,
        limit: int,
        page: int,
        query: dict[str, list[str]] | None = None,
    ) -> dict[str, Any]:
        pages = math.ceil(total / limit)
        rest = {name: values[0] for name, values in (query or {}).items() if name != "page"}

        def address(number: int) -> str:
            return f"{self.base_url}{path}?{urlencode({'page': number, 'limit': limit, **rest})}"

        return {
            "total": total,
            "limit": limit,
            "offset": (page - 1) * limit,
            "total_pages": pages,
            "current_page": page,
            **({"prev_url": address(page - 1)} if page > 1 else {}),
            **({"next_url": address(page + 1)} if page < pages else {}),
        }


def _get(query: dict[str, list[str]], name: str) -> str:
    return ",".join(query.get(name) or query.get(f"{name}[]") or [])


def _fields(query: dict[str, list[str]]) -> list[str]:
    return [name.strip() for name in _get(query, "fields").split(",") if name.strip()]


def _only(record: dict[str, Any], fields: list[str]) -> dict[str, Any]:
    return {name: record[name] for name in fields if name in record} if fields else record


def _paging(query: dict[str, list[str]], default: int = DEFAULT_LIMIT) -> tuple[int, int]:
    limit, page = _get(query, "limit") or str(default), _get(query, "page") or "1"
    if not (limit.isdecimal() and page.isdecimal() and int(limit) and int(page)):
        raise ApiError(400, "Invalid syntax", "`limit` and `page` must be whole numbers from 1 up.")
    if int(limit) > MAX_LIMIT:
        raise ApiError(
            403,
            "Invalid limit",
            "You have requested too many resources per page. Please set a smaller limit.",
        )
    return int(limit), int(page)


def not_found() -> ApiError:
    return ApiError(404, "Not found", "The item you requested cannot be found.")


def _bad_syntax() -> ApiError:
    return ApiError(400, "Invalid syntax", "The identifier syntax is invalid.")
