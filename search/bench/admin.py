"""How long the admin's pages take the server, over a large made-up collection.

Every list that is registered is measured without being named here; actions are sent as a browser
sends them. A page is answered in this process, through all of its middleware, with no network.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle
from statistics import median
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from museum.admin.lists import BOUND
from museum.models import Artwork, Description, Theme, ThemeWork
from search import synthetic
from search.bench import admin_searches

WORKS = "/admin/museum/artwork/"
TEXTS = "/admin/museum/description/"
REVIEW = f"{TEXTS}review/"
GENERATED = 2_000
IN_A_THEME = 24
CHOSEN = 50  # works of one bulk action: all of a page
# What is not timed (finding out what to send), and then what is: the request itself.
Request = Callable[[], Any]
Page = Callable[[], Request]


def furnish() -> None:
    """Add to a made-up collection what curators have to do with: alternative texts, half of which
    say nothing, pictures, captions by a model, a theme and an account."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE museum_artwork SET image_status = 'stored', image_sha256 = md5(id::text) || "
            "md5((-id)::text), image_width = 843, image_height = 600 WHERE id % 3 > 0"
        )
        cursor.execute(
            "INSERT INTO museum_description (artwork_id, source, language, text, html, licence, "
            "is_approved, is_boilerplate, created_at, updated_at) SELECT id, 'alt_text', 'en', "
            "title, '', '', true, id % 2 = 0, now(), now() FROM museum_artwork WHERE id % 5 > 0"
        )
        cursor.execute(
            "INSERT INTO museum_description (artwork_id, source, language, text, html, licence, "
            "is_approved, is_boilerplate, created_at, updated_at) SELECT id, 'generated', 'en', "
            "title, '', '', false, false, now(), now() FROM museum_artwork ORDER BY id LIMIT %s",
            [GENERATED],
        )
        cursor.execute("VACUUM ANALYZE museum_artwork, museum_description")
    theme = Theme.objects.create(title="Theme", slug="theme")
    ThemeWork.objects.bulk_create(
        ThemeWork(theme=theme, artwork=work, position=place)
        for place, work in enumerate(Artwork.objects.all()[:IN_A_THEME])
    )
    User.objects.create_superuser("bench")


def measure(words: list[str], times: int) -> dict[str, dict[str, float]]:
    """Return the median of `times` answers in milliseconds, and the queries of each page."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.get(username="bench"))
    searches = admin_searches.pages(client, words)
    pages = {**_lists(client), **_pages(client, words), **searches, **_actions(client)}
    return {name: _timed(page, times) for name, page in pages.items()}


def _timed(page: Page, times: int) -> dict[str, float]:
    cache.clear()
    request = page()
    with CaptureQueriesContext(connection) as captured:
        # The first pays for what is kept for a while, and is counted with it.
        _check(request())
        queries = len(captured)
    spent = []
    for _ in range(times):
        request = page()
        began = time.perf_counter()
        response = request()
        spent.append(time.perf_counter() - began)
        _check(response)
    return {"p50_ms": round(1000 * median(spent), 1), "queries": queries}


def _check(response: Any) -> None:
    if response.status_code not in {200, 302}:
        path = response.request["PATH_INFO"]
        raise RuntimeError(f"{path} answers {response.status_code}: {response.content[:500]!r}")


def _lists(client: Client) -> dict[str, Page]:
    lists = {"first page": _visit(client, "/admin/")}
    for model in admin.site._registry:
        opts = model._meta
        address = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
        lists[f"list of {opts.verbose_name_plural}"] = _visit(client, address)
    return lists


def _visit(client: Client, address: str, **parameters: Any) -> Page:
    return lambda: partial(client.get, address, parameters)


def _pages(client: Client, words: list[str]) -> dict[str, Page]:
    asked = cycle(words[10:500:7])
    visit = partial(_visit, client)

    def search(**parameters: Any) -> Page:
        return lambda: partial(
            client.get, WORKS, {"q": f"{next(asked)} {next(asked)}"} | parameters
        )

    work = Artwork.objects.order_by("pk")[10]
    text = Description.objects.latest("pk")
    theme = Theme.objects.get()
    return {
        "works: last page": visit(WORKS, p=min(Artwork.objects.count(), BOUND) // 50),
        "works: searched by words": search(),
        "works: searched by a common word": visit(WORKS, q=words[0]),
        "works: searched by meaning": search(by="meaning"),
        "works: hidden": visit(WORKS, is_hidden__exact="1"),
        "works: of a type": visit(WORKS, artwork_type=synthetic.TYPES[0]),
        "works: picture stored": visit(WORKS, image_status__exact="stored"),
        "works: without alternative text": visit(WORKS, alt="missing"),
        "works: corrected": visit(WORKS, corrected="yes"),
        "work: form": visit(f"{WORKS}{work.pk}/change/"),
        "work: history": visit(f"{WORKS}{work.pk}/history/"),
        "texts: searched": visit(TEXTS, q=words[200]),
        "texts: of models": visit(TEXTS, source__exact="generated"),
        "text: form": visit(f"{TEXTS}{text.pk}/change/"),
        "review: generated": visit(REVIEW, queue="generated"),
        "review: alternative texts": visit(REVIEW, queue="alt"),
        "review: missing": visit(REVIEW, queue="missing"),
        "theme: form": visit(f"/admin/museum/theme/{theme.pk}/change/"),
    }


def _actions(client: Client) -> dict[str, Page]:
    keys = list(Artwork.objects.order_by("pk").values_list("pk", flat=True)[:CHOSEN])

    def act(action: Iterator[str], boost: Iterator[str] = cycle([""])) -> Page:  # noqa: B008
        def page() -> Request:
            sent = {"action": next(action), "boost": next(boost), "_selected_action": keys}
            return partial(client.post, WORKS, sent)

        return page

    return {
        f"hide or show {CHOSEN} works": act(cycle(["hide", "show"])),
        f"raise {CHOSEN} works": act(cycle(["raise_by"]), cycle(["0.5", "0"])),
        f"make a theme of {CHOSEN} works": act(cycle(["make_theme"])),
        f"embed {CHOSEN} works again": act(cycle(["embed_again"])),
        f"fetch {CHOSEN} pictures again": act(cycle(["fetch_pictures"])),
        "save a work": _save(client, f"{WORKS}{keys[0]}/change/"),
        "approve a text": _approve(client),
    }


def _save(client: Client, address: str) -> Page:
    titles = cycle(["One title", "Another title"])

    def page() -> Request:
        shown = _shown(client.get(address))
        data = {"_as_seen": shown["as_seen"]}
        for bound in shown["adminform"].form:
            if bound.value() not in (False, None):
                data[bound.html_name] = bound.value()
        return partial(client.post, address, {**data, "title": next(titles)})

    return page


def _approve(client: Client) -> Page:
    def page() -> Request:
        shown = _shown(client.get(REVIEW, {"queue": "alt"}))
        card = shown["cards"][0]
        sent = {"id": card["text"].pk, "seen": card["seen"], "decision": "approve", "queue": "alt"}
        return partial(client.post, REVIEW, sent)

    return page


def _shown(response: Any) -> dict[str, Any]:
    shown: dict[str, Any] = response.context_data
    return shown
