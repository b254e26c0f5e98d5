"""Fetch a picture from a URL that a visitor gives, without reaching anything on this network.

A host name is resolved once, all its addresses must be public, and the connection goes to the
address that was checked: a second look-up could give another one (DNS rebinding). Each redirect is
checked in the same way. Source: OWASP, "Server-Side Request Forgery Prevention Cheat Sheet".
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
TOTAL_TIMEOUT_SECONDS = 10.0  # redirects included
NETWORK_TIMEOUT_SECONDS = 5.0  # of one read or connection
MAX_REDIRECTS = 3
USER_AGENT = "Ekphrasis (picture search)"
_CHUNK_BYTES = 64 * 1024
_PORTS = {"http": 80, "https": 443}


class FetchRefusedError(Exception):
    """The URL may not be fetched, or the answer is no use; the message says why."""


def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of `host`. Raises `OSError`."""
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in entries]


def is_public(address: str, port: int) -> bool:
    """Return whether `address` belongs to the open Internet and `port` to the Web."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        # A gateway leads from such an address to the IPv4 address in it.
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner), port)
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            return False
    return port in _PORTS.values() and ip.is_global and not ip.is_multicast


@dataclass(frozen=True)
class Policy:
    """How to resolve names and which addresses to allow; tests use their own."""

    resolve: Callable[[str, int], list[str]] = resolve
    allows: Callable[[str, int], bool] = is_public
    max_bytes: int = MAX_BYTES
    seconds: float = TOTAL_TIMEOUT_SECONDS


PUBLIC = Policy()


def fetch(url: str, policy: Policy = PUBLIC) -> bytes:
    """Return the bytes at `url`, at most `policy.max_bytes`. Raises `FetchRefusedError`."""
    deadline = time.monotonic() + policy.seconds
    for _ in range(MAX_REDIRECTS + 1):
        try:
            location, body = _request(url, policy, deadline)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise FetchRefusedError(f"{_host(url)} could not be read") from error
        if location is None:
            return body
        url = urljoin(url, location)
    raise FetchRefusedError(f"more than {MAX_REDIRECTS} redirects")


def _request(url: str, policy: Policy, deadline: float) -> tuple[str | None, bytes]:
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname or parts.username or parts.password:
        raise FetchRefusedError(
            "only addresses such as https://museum.example/picture.jpg are fetched"
        )
    connection = _connection(parts, _allowed_address(parts, policy), deadline)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"User-Agent": USER_AGENT, "Accept": "image/*", "Accept-Encoding": "identity"}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        if answer.status in {301, 302, 303, 307, 308} and answer.headers["Location"]:
            return answer.headers["Location"], b""
        if answer.status != 200:
            raise FetchRefusedError(f"{parts.hostname} answered {answer.status}")
        return None, _read(answer, connection, policy, deadline)
    finally:
        connection.close()


def _allowed_address(parts: SplitResult, policy: Policy) -> str:
    """Return the IP address to connect to, if every address of the host is allowed."""
    host, port = str(parts.hostname), parts.port or _PORTS[parts.scheme]
    addresses = policy.resolve(host, port)
    if not addresses or not all(policy.allows(address, port) for address in addresses):
        raise FetchRefusedError(f"{host}:{port} is not a public address")
    return addresses[0]


def _connection(parts: SplitResult, address: str, deadline: float) -> http.client.HTTPConnection:
    host, port = str(parts.hostname), parts.port or _PORTS[parts.scheme]
    connection = http.client.HTTPConnection(host, port)
    connection.sock = socket.create_connection((address, port), _remaining_seconds(deadline))
    if parts.scheme == "https":
        # The certificate must be valid for the name, although the connection is to an address.
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
    while chunk := answer.read1(_CHUNK_BYTES):
        body += chunk
        if len(body) > policy.max_bytes:
            raise FetchRefusedError(f"the picture has more than {policy.max_bytes // 1024**2} MB")
        if connection.sock is not None:
            connection.sock.settimeout(_remaining_seconds(deadline))
    return bytes(body)


def _remaining_seconds(deadline: float) -> float:
    """Return how long to wait for the network. Raises `TimeoutError` after the deadline."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("time is up")
    return min(left, NETWORK_TIMEOUT_SECONDS)


def _host(url: str) -> str:
    return (urlsplit(url).hostname or url)[:100] if "[" not in url else "the address"
