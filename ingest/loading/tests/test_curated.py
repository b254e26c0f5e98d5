"""What curators wrote and decided is there after every load."""

import pytest
from django.contrib.auth.models import User

from ingest.loading.tests.test_upsert import put
from ingest.tests.museum import record
from museum import review_queue
from museum.admin.tests.test_admin import form
from museum.models import Artist, Artwork, Description

pytestmark = pytest.mark.django_db
BOILERPLATE = {"lqip": "", "width": 3, "height": 2, "alt_text": "A work made of oil on canvas."}
CHANGED = {
    "title": "The source's new title",
    "artist_title": "The source's new name",
    "dimensions": "1 x 1 cm",
    "description": "<p>The source's new text.</p>",
}


@pytest.fixture
def work(admin_client):
    """A work that a curator has corrected, hidden and written about."""
    put(record(1, thumbnail=BOILERPLATE), record(2))
    made = Artwork.objects.get(artic_id=1)
    address = f"/admin/museum/artwork/{made.pk}/change/"
    changes = {"title": "A curator's title", "is_hidden": "on", "boost": "0.5"}
    admin_client.post(address, form(admin_client.get(address), **changes))
    address = f"/admin/museum/artist/{made.artist_id}/change/"
    admin_client.post(address, form(admin_client.get(address), name="A curator's name"))
    curator = User.objects.get()
    review_queue.write(made, Description.Source.CURATOR, curator, "A curator's text.")
    alt = made.descriptions.get(source="alt_text")
    review_queue.rewrite(alt.pk, review_queue.text_digest(alt), curator, "A boat in fog.")
    return made


def load_again(**changes):
    return put(record(1, **{"thumbnail": BOILERPLATE, **changes}), record(2))


@pytest.mark.parametrize("changes", [{}, CHANGED])
def test_a_curators_work_survives_every_load(work, changes):
    load_again(**changes)
    work.refresh_from_db()
    assert (work.title, work.is_hidden, work.boost) == ("A curator's title", True, 0.5)
    assert work.curated_fields == ["title"]
    assert work.artist.name == "A curator's name"
    texts = {text.source: text for text in work.descriptions.all()}
    assert texts["curator"].text == "A curator's text."
    assert texts["curator_alt_text"].text == "A boat in fog."
    assert not texts["alt_text"].is_approved
    assert not review_queue.pending("alt").exists()


def test_what_no_curator_touched_is_the_sources(work):
    load_again(**CHANGED)
    work.refresh_from_db()
    assert work.dimensions == "1 x 1 cm"
    assert work.descriptions.get(source="description").text == "The source's new text."
    assert Artwork.objects.get(artic_id=2).title == "Work 2"


def test_a_decision_about_a_text_lasts_as_long_as_the_text(work):
    Description.objects.filter(source="alt_text").update(is_approved=True, is_boilerplate=False)
    load_again(**CHANGED)
    assert not Description.objects.get(artwork=work, source="alt_text").is_boilerplate
    other = {**BOILERPLATE, "alt_text": "A work made of wood."}
    load_again(thumbnail=other)
    assert review_queue.pending("alt").get().text == "A work made of wood."


def test_giving_up_corrections_brings_the_sources_record_back(work, admin_client):
    data = {"action": "forget_corrections", "_selected_action": work.pk}
    admin_client.post("/admin/museum/artwork/", data)
    load_again()
    work.refresh_from_db()
    assert (work.title, work.curated_fields) == ("Work 1", [])
    assert work.is_hidden
    assert Artist.objects.filter(name="A curator's name").exists()
