"""Admin pages about works, texts and themes, for `bench_admin`."""

from collections.abc import Iterator
from functools import partial
from itertools import count, cycle
from typing import Any

from django.db import connection
from django.test import Client

from museum.admin.large_lists import BOUND
from museum.models import Artist, Artwork, Description, Theme, ThemeWork
from operations.benchmarks import collection
from operations.benchmarks.search.admin_requests import Page, post, saved, visit

WORKS, TEXTS, THEMES, ARTISTS = (
    f"/admin/museum/{name}/" for name in ("artwork", "description", "theme", "artist")
)
REVIEW = f"{TEXTS}review/"
GENERATED_TEXTS = 2_000
THEME_SIZE = 24
BULK_ROWS = 50  # rows of one bulk action: all of a page
HISTORY_VERSIONS = 100_000  # of works, and as many entries in the trail: years of curation


def fill() -> None:
    """Add alternative texts, half of them boilerplate, pictures, generated captions, versions of
    works and a theme."""
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
            [GENERATED_TEXTS],
        )
        cursor.execute(
            "INSERT INTO museum_historicalartwork (id, title, is_hidden, boost, curated_fields, "
            "history_date, history_type) SELECT id, title, false, 0, '{}', now(), '~' "
            "FROM museum_artwork LIMIT %s",
            [HISTORY_VERSIONS],
        )
        cursor.execute(
            "VACUUM ANALYZE museum_artwork, museum_description, museum_historicalartwork"
        )
    theme = Theme.objects.create(title="Theme", slug="theme")
    ThemeWork.objects.bulk_create(
        ThemeWork(theme=theme, artwork=work, position=place)
        for place, work in enumerate(Artwork.objects.all()[:THEME_SIZE])
    )


def pages(client: Client, words: list[str]) -> dict[str, Page]:
    """Return what to visit and to send, by name."""
    return {**_visits(client, words), **_bulk(client), **_review(client), **_forms(client)}


def _visits(client: Client, words: list[str]) -> dict[str, Page]:
    queries = cycle(words[10:500:7])

    def search(**more: Any) -> Page:
        return lambda: partial(client.get, WORKS, {"q": f"{next(queries)} {next(queries)}", **more})

    def works(**parameters: Any) -> Page:
        return visit(client, WORKS, **parameters)

    work = Artwork.objects.order_by("pk")[10]
    text, theme = Description.objects.latest("pk"), Theme.objects.get()
    return {
        "works: last page": works(p=min(Artwork.objects.count(), BOUND) // 50),
        "works: searched by words": search(),
        "works: searched by a common word": works(q=words[0]),
        "works: searched by meaning": search(by="meaning"),
        "works: hidden": works(is_hidden__exact="1"),
        "works: of a type": works(artwork_type=collection.TYPES[0]),
        "works: picture stored": works(image_status__exact="stored"),
        "works: without alternative text": works(alt="missing"),
        "works: corrected": works(corrected="yes"),
        "works: never found": works(found="never"),
        "work: form": visit(client, f"{WORKS}{work.pk}/change/"),
        "work: history": visit(client, f"{WORKS}{work.pk}/history/"),
        "texts: searched": visit(client, TEXTS, q=words[200]),
        "texts: searched by a common word": visit(client, TEXTS, q=words[0]),
        "texts: of models": visit(client, TEXTS, source__exact="generated"),
        "text: form": visit(client, f"{TEXTS}{text.pk}/change/"),
        "text: history": visit(client, f"{TEXTS}{text.pk}/history/"),
        "review: generated": visit(client, REVIEW, queue="generated"),
        "review: alternative texts": visit(client, REVIEW, queue="alt"),
        "review: missing": visit(client, REVIEW, queue="missing"),
        "theme: form": visit(client, f"{THEMES}{theme.pk}/change/"),
        "theme: history": visit(client, f"{THEMES}{theme.pk}/history/"),
    }


def _bulk(client: Client) -> dict[str, Page]:
    keys = list(Artwork.objects.order_by("pk").values_list("pk", flat=True)[: 200 * BULK_ROWS])
    works = [keys[:BULK_ROWS]]
    # Updating a vector's row again is cheaper than the first time, so use other works each time.
    others = [keys[n : n + BULK_ROWS] for n in range(0, len(keys), BULK_ROWS)]
    texts = [list(Description.objects.order_by("-pk").values_list("pk", flat=True)[:BULK_ROWS])]

    def act(
        address: str, pages: list[list[int]], *actions: str, boosts: tuple[str, ...] = ("",)
    ) -> Page:
        page, action, boost = cycle(pages), cycle(actions), cycle(boosts)

        def make() -> dict[str, Any]:
            return {"action": next(action), "boost": next(boost), "_selected_action": next(page)}

        return post(client, address, make)

    return {
        f"hide or show {BULK_ROWS} works": act(WORKS, works, "hide", "show"),
        f"raise {BULK_ROWS} works": act(WORKS, works, "raise_by", boosts=("0.5", "0")),
        f"give up corrections of {BULK_ROWS} works": act(WORKS, works, "forget_corrections"),
        f"make a theme of {BULK_ROWS} works": act(WORKS, works, "make_theme"),
        f"embed {BULK_ROWS} works again": act(WORKS, others, "embed_again"),
        f"fetch {BULK_ROWS} pictures again": act(WORKS, others, "fetch_pictures"),
        f"approve or reject {BULK_ROWS} texts": act(TEXTS, texts, "approve", "reject"),
        f"delete {BULK_ROWS} texts: asked": act(TEXTS, texts, "delete_selected"),
    }


def _review(client: Client) -> dict[str, Page]:
    new = count()

    def decide(decision: str, queue: str) -> Page:
        def make() -> dict[str, Any]:
            shown: Any = client.get(REVIEW, {"queue": queue})
            card = shown.context_data["cards"][0]
            sent = {"decision": decision, "queue": queue, "text": f"Words {next(new)}."}
            if card["text"] is None:
                return {**sent, "work": card["work"].pk}
            return {**sent, "id": card["text"].pk, "seen": card["seen"]}

        return post(client, REVIEW, make)

    return {
        "approve a text": decide("approve", "alt"),
        "reject a text": decide("reject", "alt"),
        "write a text anew": decide("edit", "alt"),
        "write a missing text": decide("write", "missing"),
    }


def _forms(client: Client) -> dict[str, Page]:
    numbers: Iterator[int] = count()

    def new() -> str:
        return f"Words {next(numbers)}"

    work, artist = Artwork.objects.order_by("pk")[0], Artist.objects.order_by("pk")[0]
    text, theme = Description.objects.latest("pk"), Theme.objects.get()
    others = cycle(Artwork.objects.order_by("-pk").values_list("artic_id", flat=True)[:200])
    return {
        "save a work": saved(client, f"{WORKS}{work.pk}/change/", title=new),
        "save an artist": saved(client, f"{ARTISTS}{artist.pk}/change/", name=new),
        "save a text": saved(client, f"{TEXTS}{text.pk}/change/", licence=new, text=new),
        "save a theme": saved(
            client,
            f"{THEMES}{theme.pk}/change/",
            **{"text": new, "places-0-position": lambda: next(numbers)},
        ),
        "add works to a theme": saved(
            client, f"{THEMES}{theme.pk}/change/", add_works=lambda: next(others)
        ),
    }
