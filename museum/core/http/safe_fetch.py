"""A picture at an address that a visitor gives, fetched so that it reaches nothing inside.

An address is resolved once, every address it resolves to must be public, and the connection goes
to the one that was checked (a name that is resolved again may say something else: DNS rebinding).
Each redirect begins anew. See OWASP, "Server-Side Request Forgery Prevention Cheat Sheet".
"""

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

MAX_BYTES = 16 * 1024 * 1024
SECONDS = 10.0  # for all of it
WAIT = 5.0  # for one answer of the network
REDIRECTS = 3
AGENT = "Ekphrasis (picture search)"
_CHUNK = 64 * 1024
_PORTS = {"http": 80, "https": 443}


class Refused(Exception):  # noqa: N818 - reads as what it is
    """The address may not be fetched, or nothing usable came; the message says why."""


def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of `host`; raises `OSError`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


def is_public(address: str, port: int) -> bool:
    """Whether `address` is one of the open Internet and `port` one of the Web."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        # Addresses that carry an IPv4 address lead there through a gateway.
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner), port)
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            return False
    return port in _PORTS.values() and ip.is_global and not ip.is_multicast


@dataclass(frozen=True)
class Policy:
    """How names are resolved and which addresses may be asked; tests bring their own."""

    resolve: Callable[[str, int], list[str]] = resolve
    allows: Callable[[str, int], bool] = is_public
    max_bytes: int = MAX_BYTES
    seconds: float = SECONDS


PUBLIC = Policy()


def fetch(url: str, policy: Policy = PUBLIC) -> bytes:
    """Return the bytes at `url`, at most `policy.max_bytes`. Raises `Refused`."""
    deadline = time.monotonic() + policy.seconds
    for _ in range(REDIRECTS + 1):
        try:
            location, body = _ask(url, policy, deadline)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Refused(f"{_host(url)} could not be read") from error
        if location is None:
            return body
        url = urljoin(url, location)
    raise Refused(f"more than {REDIRECTS} redirects")


def _ask(url: str, policy: Policy, deadline: float) -> tuple[str | None, bytes]:
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname or parts.username or parts.password:
        raise Refused("only addresses such as https://museum.example/picture.jpg are fetched")
    connection = _connection(parts, _checked(parts, policy), deadline)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"User-Agent": AGENT, "Accept": "image/*", "Accept-Encoding": "identity"}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        if answer.status in {301, 302, 303, 307, 308} and answer.headers["Location"]:
            return answer.headers["Location"], b""
        if answer.status != 200:
            raise Refused(f"{parts.hostname} answered {answer.status}")
        return None, _read(answer, connection, policy, deadline)
    finally:
        connection.close()


def _checked(parts: SplitResult, policy: Policy) -> str:
    """Return the one IP address to connect to, if all that the name stands for are allowed."""
    host, port = str(parts.hostname), parts.port or _PORTS[parts.scheme]
    addresses = policy.resolve(host, port)
    if not addresses or not all(policy.allows(address, port) for address in addresses):
        raise Refused(f"{host}:{port} is not a public address")
    return addresses[0]


def _connection(parts: SplitResult, address: str, deadline: float) -> http.client.HTTPConnection:
    host, port = str(parts.hostname), parts.port or _PORTS[parts.scheme]
    connection = http.client.HTTPConnection(host, port)
    connection.sock = socket.create_connection((address, port), _left(deadline))
    if parts.scheme == "https":
        # The certificate is checked against the name, though the address was pinned.
        context = ssl.create_default_context()
        connection.sock = context.wrap_socket(connection.sock, server_hostname=host)
    return connection


def _read(
    answer: http.client.HTTPResponse,
    connection: http.client.HTTPConnection,
    policy: Policy,
    deadline: float,
) -> bytes:
    body = bytearray()
    while chunk := answer.read1(_CHUNK):
        body += chunk
        if len(body) > policy.max_bytes:
            raise Refused(f"the picture has more than {policy.max_bytes // 1024**2} MB")
        if connection.sock is not None:
            connection.sock.settimeout(_left(deadline))
    return bytes(body)


def _left(deadline: float) -> float:
    """Return how long to wait for the network; raises `TimeoutError` when time is up."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("time is up")
    return min(left, WAIT)


def _host(url: str) -> str:
    return (urlsplit(url).hostname or url)[:100] if "[" not in url else "the address"
