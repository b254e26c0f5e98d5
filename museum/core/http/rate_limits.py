"""Rate limits of one visitor or API token, for pages and the API.

Requests are counted in fixed windows (each minute, each day) in the cache "throttles": in Redis for
all processes together, without Redis in each process separately. While the cache is down, nobody is
refused.

Not the library `limits`: it sends Redis six messages for two rates (1.2 ms; one message and 0.5 ms
here), and raises when Redis does not answer.
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

RATE_NAMES = ("burst", "sustained")
VOTE_RATES = ((20, 60), (500, 24 * 3600))  # (requests, seconds)
IPV6_PREFIX_BITS = 64  # the network that one household gets


@dataclass(frozen=True)
class Quota:
    """The state of one rate: `used` of `requests` in `seconds`, counted anew in `reset` seconds."""

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
        """How many more requests are allowed before `reset`."""
        return max(self.requests - self.used, 0)


def consume(client: str, rates: Sequence[tuple[int, int]]) -> list[Quota]:
    """Count one request of `client` against `rates` (requests, seconds), shortest span first.

    Return the quota of each rate up to the first that is exceeded: a request that one rate refuses
    is not counted against the longer ones.
    """
    now = time.time()
    keys = [f"{client}:{seconds}:{int(now // seconds)}" for _, seconds in rates]
    return [
        Quota(name, requests, seconds, used, math.ceil(seconds - now % seconds))
        for name, (requests, seconds), used in zip(
            RATE_NAMES, rates, _count(keys, rates), strict=False
        )
    ]


def headers(quotas: Sequence[Quota]) -> dict[str, str]:
    """Return the headers `RateLimit-Policy` and `RateLimit`, and `Retry-After` for a refusal.

    Source: draft-ietf-httpapi-ratelimit-headers-10.
    """
    if not quotas:
        return {}
    fields = {
        "RateLimit-Policy": ", ".join(f'"{q.name}";q={q.requests};w={q.seconds}' for q in quotas),
        "RateLimit": ", ".join(f'"{q.name}";r={q.remaining};t={q.reset}' for q in quotas),
    }
    if quotas[-1].is_exceeded:
        fields["Retry-After"] = str(quotas[-1].reset)
    return fields


def client_address(request: HttpRequest) -> str:
    """Return the client's IPv4 address, or the network of its IPv6 address.

    The last `NUM_PROXIES` addresses of `X-Forwarded-For` come from trusted proxies; the client may
    have made up those before them.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    if settings.NUM_PROXIES:
        hops = request.headers.get("X-Forwarded-For", "").split(",")
        address = hops[-min(settings.NUM_PROXIES, len(hops))].strip() or address
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:  # a Unix socket or nonsense; all of these share one count
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((int(ip), IPV6_PREFIX_BITS), strict=False))
    return str(ip)


def throttled(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer 429 to a client that exceeds `THROTTLE_PAGES`: a decorator for views."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        quotas = consume(f"pages:{client_address(request)}", settings.THROTTLE_PAGES)
        return _refusal(request, quotas) or view(request, *args, **kwargs)

    return wrapper


def vote_refusal(request: HttpRequest) -> HttpResponse | None:
    """Count a vote; return a 429 answer where one visitor votes faster than anyone can look."""
    return _refusal(request, consume(f"votes:{client_address(request)}", VOTE_RATES))


def sign_in_refusal(request: HttpRequest) -> HttpResponse | None:
    """Count an attempt to sign in; return a 429 answer where there were too many.

    Attempts count against the address, and in a burst against the name as well, so that many
    addresses together cannot guess faster. A name has no sustained rate: anyone could use it to
    lock a curator out for a day.
    """
    name = request.POST.get("username", "").strip().casefold()
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    rates = settings.THROTTLE_SIGN_IN
    return _refusal(request, consume(f"sign-in:{client_address(request)}", rates)) or _refusal(
        request, consume(f"name:{digest}", rates[:1])
    )


def _refusal(request: HttpRequest, quotas: Sequence[Quota]) -> HttpResponse | None:
    if not (quotas and quotas[-1].is_exceeded):
        return None
    context = {"seconds": quotas[-1].reset, "q": request.GET.get("q", "")}
    response = render(request, "429.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(quotas[-1].reset)
    response["Cache-Control"] = "no-store"
    return response


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
    except ValueError:  # a full cache dropped the key after `add`
        return [0] * len(keys)
    return used


def _increment(counts: BaseCache, key: str, seconds: int) -> int:
    counts.add(key, 0, seconds)
    return counts.incr(key)
