"""A visitor's address is fetched from the open Internet or not at all."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from museum.core.http import safe_fetch
from museum.core.http.safe_fetch import FetchRefusedError, Policy, is_public


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, self.headers["Host"]))
        status, headers, body = self.server.pages.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.pages, made.asked = {}, []
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def policy(server):
    """museum.example is the local server, and nothing else may be asked."""
    port = server.server_address[1]

    def resolve(host, _):
        return {"museum.example": ["127.0.0.1"], "both.example": ["127.0.0.1", "10.0.0.1"]}.get(
            host, [host]
        )

    return Policy(resolve, lambda address, asked: (address, asked) == ("127.0.0.1", port), 1000, 5)


@pytest.fixture
def base(server):
    return f"http://museum.example:{server.server_address[1]}"


def test_the_bytes_are_returned_and_the_host_is_named(server, policy, base):
    server.pages["/a?b=c"] = (200, {}, b"picture")
    assert safe_fetch.fetch(f"{base}/a?b=c", policy) == b"picture"
    assert server.asked == [("/a?b=c", base.removeprefix("http://"))]


def test_redirects_are_followed_and_each_is_checked(server, policy, base):
    server.pages["/a"] = (302, {"Location": "/b"}, b"")
    server.pages["/b"] = (200, {}, b"picture")
    assert safe_fetch.fetch(f"{base}/a", policy) == b"picture"
    for inside in ("http://10.0.0.1/", "http://169.254.169.254/latest", "file:///etc/passwd"):
        server.pages["/a"] = (302, {"Location": inside}, b"")
        with pytest.raises(FetchRefusedError):
            safe_fetch.fetch(f"{base}/a", policy)


def test_redirects_end(server, policy, base):
    server.pages["/a"] = (302, {"Location": "/a"}, b"")
    with pytest.raises(FetchRefusedError, match="redirects"):
        safe_fetch.fetch(f"{base}/a", policy)
    assert len(server.asked) == safe_fetch.MAX_REDIRECTS + 1


def test_one_private_address_of_several_is_enough_to_refuse(server, policy, base):
    with pytest.raises(FetchRefusedError, match="public"):
        safe_fetch.fetch(base.replace("museum", "both"), policy)
    assert server.asked == []


def test_too_many_bytes_end_it(server, policy, base):
    server.pages["/a"] = (200, {}, b"x" * 1001)
    with pytest.raises(FetchRefusedError, match="MB"):
        safe_fetch.fetch(f"{base}/a", policy)


def test_an_error_of_the_host_is_said(server, policy, base):
    with pytest.raises(FetchRefusedError, match="404"):
        safe_fetch.fetch(f"{base}/nothing", policy)


@pytest.mark.parametrize(
    "url",
    ["", "picture.jpg", "ftp://museum.example/a", "file:///etc/passwd", "http://", "http://[",
     "http://user:word@museum.example/", "http://museum.example:99999/", "gopher://127.0.0.1:70/",
     "http://museum.example/a b\r\nX: y", "data:image/png;base64,AAAA"],
)  # fmt: skip
def test_other_addresses_are_refused(server, policy, url):
    with pytest.raises(FetchRefusedError):
        safe_fetch.fetch(url, policy)
    assert server.asked == []


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0",  # noqa: S104
     "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1",
     "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"],
)  # fmt: skip
def test_addresses_that_are_not_public(address):
    assert not is_public(address, 443)


def test_public_addresses_and_the_ports_of_the_web():
    assert is_public("93.184.215.14", 443)
    assert is_public("2606:2800:21f:cb07:6820:80da:af6b:8b2c", 80)
    assert not is_public("93.184.215.14", 22)
