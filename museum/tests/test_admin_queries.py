"""What the admin's pages ask of the database, which must not grow with the collection."""

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from museum.models import Artwork, Description, Theme, ThemeWork
from museum.tests.factories import work

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
    "description/?q=boat": 5,
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


def test_pages_ask_the_same_however_many_works_there_are(client):
    client.force_login(User.objects.create_superuser("curator"))
    collection(0, 3)
    asked(client)  # what is asked once a process, such as content types
    few = asked(client)
    collection(3, 30)
    many = asked(client)
    assert many == few
    assert {page: count for page, count in many.items() if count > PAGES[page]} == {}
