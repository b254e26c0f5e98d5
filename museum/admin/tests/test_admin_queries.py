"""What the admin's pages ask of the database, which must not grow with the collection."""

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from museum.admin import large_lists
from museum.models import Artwork, Description, Theme, ThemeWork, lookups
from testing.factories import work

pytestmark = pytest.mark.django_db
# Session and user are two, and a form locks nothing while it is only shown.
PAGES = {
    "artwork/": 9,
    "artwork/?alt=missing": 9,
    "artwork/?q=boat": 9,
    "artwork/{work}/change/": 6,
    "artwork/{work}/history/": 6,
    "artist/": 4,
    "description/": 5,
    "description/?q=boat": 6,
    "description/review/?queue=generated": 3,
    "description/review/?queue=missing": 3,
    "theme/": 5,
    "theme/{theme}/change/": 6,
}


def collection(first: int, last: int) -> None:
    theme = Theme.objects.get_or_create(title="Boats", slug="boats")[0]
    for number in range(first, last):
        made = work(f"Boat {number}", size=(30, 20), artist=f"Maker {number}", text="A boat.")
        Description.objects.create(artwork=made, source="generated", text="Fog.")
        ThemeWork.objects.create(theme=theme, artwork=made, position=number)


def asked(client) -> dict[str, int]:
    keys = {"work": Artwork.objects.earliest("pk").pk, "theme": Theme.objects.get().pk}
    counts = {}
    for page in PAGES:
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/admin/museum/{page.format(**keys)}").status_code == 200
        counts[page] = len(captured)
    return counts


@pytest.mark.slow
def test_pages_ask_the_same_however_many_works_there_are(client):
    client.force_login(User.objects.create_superuser("curator"))
    collection(0, 3)
    asked(client)  # what is asked once a process, such as content types
    few = asked(client)
    collection(3, 30)
    many = asked(client)
    assert many == few
    assert {page: count for page, count in many.items() if count > PAGES[page]} == {}


FOUND = ["boat", "fog", "Maker 1", "1999.5", "9900", "boat -fog", "zeppelin"]


def found_by(typed: str) -> tuple[list[int], list[int]]:
    works = Artwork.objects.filter(title__startswith="Boat").found_by(typed)
    texts = Description.objects.filter(source="generated").found_by(typed)
    return tuple(list(rows.order_by("pk").values_list("pk", flat=True)) for rows in (works, texts))


def test_common_words_find_what_rare_ones_do_another_way(
    monkeypatch, django_assert_max_num_queries
):
    collection(0, 4)
    work("Boat of fog", accession_number="1999.5", artic_id=9900)
    work("Fog, a boat")
    usual = {typed: found_by(typed) for typed in FOUND}
    assert [len(usual[typed][0]) for typed in FOUND] == [5, 5, 1, 1, 1, 4, 0]
    monkeypatch.setattr(lookups, "MAX_RARE_MATCHES", 0)
    assert {typed: found_by(typed) for typed in FOUND} == usual
    with django_assert_max_num_queries(2):  # whether it is common, and the rows
        list(Artwork.objects.found_by("boat"))


def test_a_list_that_ends_before_its_rows_says_about_how_many_there_are(client, monkeypatch):
    client.force_login(User.objects.create_superuser("curator"))
    collection(0, 12)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE museum_artwork")
    shown = client.get("/admin/museum/artwork/").content.decode()
    assert "12 artworks" in shown
    monkeypatch.setattr(large_lists, "MAX_LISTED_ROWS", 5)
    shown = client.get("/admin/museum/artwork/").content.decode()
    assert "5 of about 12 artworks (search or filter to see others)" in " ".join(shown.split())
