"""How many requests one visitor may make in a span of time, for pages and the API alike.

Counts are kept for fixed spans (each minute, each day) in the cache "throttles": in Redis for all
processes together, without Redis in each process for itself. A cache that is down refuses nobody.

Not the library `limits`: it sends Redis six messages for two rates (1.2 ms; here one, 0.5 ms), and
raises where Redis is away.
"""

import hashlib
import ipaddress
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from museum.core.caching.redis_cache import SharedCache

NAMES = ("burst", "sustained")
VOTES = ((20, 60), (500, 24 * 3600))  # (requests, seconds)
IPV6_PREFIX = 64  # bits; what one household or machine is given


@dataclass(frozen=True)
class Quota:
    """What is left of one rate: of `requests` in `seconds`, `used`; none is before `reset` s."""

    name: str
    requests: int
    seconds: int
    used: int
    reset: int

    @property
    def is_exceeded(self) -> bool:
        """Whether this request was one too many."""
        return self.used > self.requests

    @property
    def remaining(self) -> int:
        """How many more requests there may be before `reset`."""
        return max(self.requests - self.used, 0)


def take(who: str, rates: Sequence[tuple[int, int]]) -> list[Quota]:
    """Count one request of `who` against `rates` (requests, seconds), shortest first.

    A request that one rate refuses is not counted against the longer ones.
    """
    now = time.time()
    keys = [f"{who}:{seconds}:{int(now // seconds)}" for _, seconds in rates]
    return [
        Quota(name, requests, seconds, used, math.ceil(seconds - now % seconds))
        for name, (requests, seconds), used in zip(NAMES, rates, _count(keys, rates), strict=False)
    ]


def headers(quotas: Sequence[Quota]) -> dict[str, str]:
    """Return `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10), and
    `Retry-After` where a request was refused."""
    if not quotas:
        return {}
    said = {
        "RateLimit-Policy": ", ".join(f'"{q.name}";q={q.requests};w={q.seconds}' for q in quotas),
        "RateLimit": ", ".join(f'"{q.name}";r={q.remaining};t={q.reset}' for q in quotas),
    }
    if quotas[-1].is_exceeded:
        said["Retry-After"] = str(quotas[-1].reset)
    return said


def address(request: HttpRequest) -> str:
    """Return whose request this is: an IPv4 address, or the network of an IPv6 one.

    `X-Forwarded-For` is believed as far as our own `NUM_PROXIES` proxies wrote it, from the right;
    what stands before that is the client's own claim.
    """
    found = str(request.META.get("REMOTE_ADDR", ""))
    if settings.NUM_PROXIES:
        hops = request.headers.get("X-Forwarded-For", "").split(",")
        found = hops[-min(settings.NUM_PROXIES, len(hops))].strip() or found
    try:
        ip = ipaddress.ip_address(found)
    except ValueError:  # a Unix socket, or nonsense: all of these share one count
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((int(ip), IPV6_PREFIX), strict=False))
    return str(ip)


def throttled(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Refuse a page to who asks for more than `THROTTLE_PAGES` allows, with status 429."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        quotas = take(f"pages:{address(request)}", settings.THROTTLE_PAGES)
        return _refusal(request, quotas) or view(request, *args, **kwargs)

    return wrapped


def vote_refusal(request: HttpRequest) -> HttpResponse | None:
    """Count a vote; return what to answer where one visitor votes too often to have looked."""
    return _refusal(request, take(f"votes:{address(request)}", VOTES))


def sign_in_refusal(request: HttpRequest) -> HttpResponse | None:
    """Count an attempt to sign in; return what to answer where there were too many.

    Attempts count for the address, and in a burst for the name as well, so that many addresses
    together guess no faster. Names have no sustained rate: it would let anyone keep a curator out
    for a day.
    """
    name = request.POST.get("username", "").strip().casefold()
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    rates = settings.THROTTLE_SIGN_IN
    return _refusal(request, take(f"sign-in:{address(request)}", rates)) or _refusal(
        request, take(f"name:{digest}", rates[:1])
    )


def _refusal(request: HttpRequest, quotas: Sequence[Quota]) -> HttpResponse | None:
    if not (quotas and quotas[-1].is_exceeded):
        return None
    context = {"seconds": quotas[-1].reset, "q": request.GET.get("q", "")}
    refused = render(request, "429.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
    refused["Retry-After"] = str(quotas[-1].reset)
    refused["Cache-Control"] = "no-store"
    return refused


def _count(keys: Sequence[str], rates: Sequence[tuple[int, int]]) -> list[int]:
    counts = caches["throttles"]
    if isinstance(counts, SharedCache):
        return counts.count(keys, rates)
    used: list[int] = []
    try:
        for key, (requests, seconds) in zip(keys, rates, strict=True):
            used.append(_increment(counts, key, seconds))
            if used[-1] > requests:
                break
    except ValueError:  # gone between two lines, from a full cache
        return [0] * len(keys)
    return used


def _increment(counts: BaseCache, key: str, seconds: int) -> int:
    counts.add(key, 0, seconds)
    return counts.incr(key)
