import pytest
from django.db import connection

from ingest.loading.upsert import NOT_SAID, Loaded, load
from ingest.sources.artic.parse import parse
from ingest.sources.base import Collection
from ingest.tests.museum import jpeg, record, records
from museum.images import storage
from museum.models import Artist, Artwork, Description, ImageStatus
from search.engine import facets
from search.models import Embedding, EmbeddingModel
from search.query.query import Query

pytestmark = pytest.mark.django_db
AIC = Collection("artic", False, "CC0 1.0", "CC BY 4.0", "https://www.artic.edu/iiif/2")
SAMPLE = Collection("sample", True, "CC0, generated", "CC0, generated", "http://127.0.0.1:9/iiif/2")


def put(*raws, collection=AIC, **options):
    return load([parse(raw) for raw in raws], collection, **options)


def versions():
    """The `xmin` of every row: it changes whenever a row is written."""
    with connection.cursor() as cursor:
        found = {}
        for table in ("museum_artist", "museum_artwork", "museum_description"):
            cursor.execute(f"SELECT id, xmin::text, ctid::text FROM {table}")  # noqa: S608
            found[table] = cursor.fetchall()
    return found


def test_records_become_rows():
    assert put(*records(3)) == Loaded(created=3)
    work = Artwork.objects.get(artic_id=2)
    assert work.title == "Work 2"
    assert work.artist.name == "Artist 2"
    assert work.accession_number == "1900.2"
    assert work.subject_titles == ["boats", "harbors"]
    assert (work.image_width, work.image_height) == (3000, 2000)
    assert work.iiif_url == "https://www.artic.edu/iiif/2"
    assert (work.source, work.is_generated) == ("artic", False)
    assert work.image_status == ImageStatus.PENDING
    assert work.source_updated_at.year == 2021
    texts = {text.source: text for text in work.descriptions.all()}
    assert set(texts) == {"description", "alt_text"}
    assert texts["description"].text == "A boat numbered 2 lies in the harbor."
    assert texts["description"].html == "<p>A boat numbered 2 lies in the <em>harbor</em>.</p>"


def test_classifications_are_a_facet_of_what_was_loaded():
    woodcut = ["woodblock print", "print"]
    put(record(1), record(2), record(3, classification_titles=woodcut))
    counts = facets.facets(Query.parse("boats"))["classification"]
    assert {each.value: each.works for each in counts} == {
        "painting": 2,
        "print": 1,
        "woodblock print": 1,
    }


def test_the_licence_of_descriptions_is_kept_apart():
    put(record(1))
    licences = dict(Description.objects.values_list("source", "licence"))
    assert licences == {"description": "CC BY 4.0", "alt_text": "CC0 1.0"}


def test_unchanged_records_write_nothing():
    put(*records(20))
    before = versions()
    assert put(*records(20)) == Loaded(unchanged=20)
    assert versions() == before


def test_only_what_changed_is_written():
    put(*records(20))
    before = versions()
    changed = record(7, description="<p>Another story.</p>")
    assert put(*records(6), changed, *records(20)[7:]) == Loaded(updated=1, unchanged=19)
    after = versions()
    assert after["museum_artist"] == before["museum_artist"]
    assert len(set(after["museum_artwork"]) - set(before["museum_artwork"])) == 1
    assert len(set(after["museum_description"]) - set(before["museum_description"])) == 1
    text = Description.objects.get(artwork__artic_id=7, source="description")
    assert text.text == "Another story."


def test_a_changed_text_keeps_its_row_and_its_approval():
    put(record(1))
    text = Description.objects.get(source="description")
    Description.objects.update(is_approved=False)
    put(record(1, description="<p>New</p>"))
    again = Description.objects.get(source="description")
    assert (again.pk, again.text, again.is_approved) == (text.pk, "New", False)


def test_a_text_that_is_gone_is_removed_and_others_are_left_alone():
    put(record(1))
    work = Artwork.objects.get()
    Description.objects.create(artwork=work, source="curator", text="By hand")
    Description.objects.create(artwork=work, source="generated", text="By a model")
    put(record(1, description=None))
    assert set(work.descriptions.values_list("source", flat=True)) == {
        "alt_text",
        "curator",
        "generated",
    }


def test_a_text_that_is_gone_takes_its_vectors_along():
    put(record(1))
    text = Description.objects.get(source="description")
    model = EmbeddingModel.objects.create(name="m", architecture="a", dimension=3)
    Embedding.objects.create(
        artwork=text.artwork, model=model, kind="text", description=text, source_hash="x",
        vector=[1, 0, 0],
    )  # fmt: skip
    put(record(1, description=None))
    connection.check_constraints()
    assert not Embedding.objects.exists()


def test_curation_survives_a_change():
    put(record(1))
    Artwork.objects.update(is_hidden=True, boost=0.5)
    put(record(1, title="New"))
    work = Artwork.objects.get()
    assert (work.title, work.is_hidden, work.boost) == ("New", True, 0.5)


def stored(work):
    sha256 = storage.store(jpeg(1))
    Artwork.objects.filter(pk=work.pk).update(image_status="stored", image_sha256=sha256)
    return sha256


def test_another_picture_is_to_be_fetched():
    put(record(1))
    stored(Artwork.objects.get())
    put(record(1, image_id="other"))
    work = Artwork.objects.get()
    assert (work.image_status, work.image_sha256, work.image_id) == ("pending", "", "other")


def test_the_same_picture_is_not():
    put(record(1))
    sha256 = stored(Artwork.objects.get())
    put(record(1, title="New"))
    work = Artwork.objects.get()
    assert (work.image_status, work.image_sha256, work.title) == ("stored", sha256, "New")


def test_a_picture_that_the_record_no_longer_names_is_dropped():
    put(record(1))
    stored(Artwork.objects.get())
    put(record(1, image_id=None))
    assert Artwork.objects.get().image_status == ImageStatus.NONE


@pytest.mark.parametrize(
    ("is_public_domain", "status", "reason"),
    [(True, "pending", ""), (False, "restricted", ""), (None, "restricted", NOT_SAID)],
)
def test_only_public_domain_pictures_are_wanted(is_public_domain, status, reason):
    put(record(1, is_public_domain=is_public_domain))
    work = Artwork.objects.get()
    assert (work.image_status, work.image_reason) == (status, reason)


def test_all_pictures_are_wanted_when_told_so_even_of_known_records():
    put(record(1, is_public_domain=False))
    assert put(record(1, is_public_domain=False), all_images=True) == Loaded(unchanged=1)
    assert Artwork.objects.get().image_status == ImageStatus.PENDING
    put(record(1, is_public_domain=False))
    assert Artwork.objects.get().image_status == ImageStatus.RESTRICTED


def test_generated_works_are_labelled_and_their_pictures_wanted():
    put(record(1, is_public_domain=None), collection=SAMPLE)
    work = Artwork.objects.get()
    assert (work.source, work.is_generated, work.image_status) == ("sample", True, "pending")
    assert work.iiif_url is None  # a port of this machine, gone tomorrow
    assert set(Description.objects.values_list("licence", flat=True)) == {"CC0, generated"}


def test_a_picture_host_that_moved_is_noted_though_the_records_are_unchanged():
    put(record(1))
    moved = Collection("artic", False, "CC0 1.0", "CC BY 4.0", "https://iiif.example/2")
    assert put(record(1), collection=moved) == Loaded(unchanged=1)
    assert Artwork.objects.get().iiif_url == "https://iiif.example/2"


def test_a_work_that_comes_back_is_no_longer_withdrawn():
    put(record(1))
    Artwork.objects.update(withdrawn_at="2024-01-01T00:00:00Z")
    assert put(record(1)) == Loaded(updated=1)
    assert Artwork.objects.get().withdrawn_at is None


def test_of_two_records_with_one_id_the_first_counts():
    assert put(record(1, title="A"), record(1, title="B")) == Loaded(created=1, unchanged=1)
    assert Artwork.objects.get().title == "A"


def test_an_artist_is_renamed_but_not_by_a_follower():
    put(record(1, artist_id=5, artist_title="Tiziano"))
    put(record(2, artist_id=5, artist_title="Workshop of Titian"))
    assert Artist.objects.get().name == "Tiziano"
    put(record(3, artist_id=5, artist_title="Titian"))
    assert Artist.objects.get().name == "Titian"
    put(record(4, artist_id=5, artist_title="Titian, attributed to"))
    assert Artist.objects.get().name == "Titian"


def test_a_place_in_the_artists_field_is_no_artist():
    put(record(1, artist_id=None, artist_title="India"))
    assert Artwork.objects.get().artist is None
    assert not Artist.objects.exists()


def test_what_json_carries_and_postgres_refuses_is_no_obstacle():
    assert put(record(1, title="a\x00b", description="<p>c\x00\udfffd</p>")).created == 1
    assert Description.objects.get(source="description").text == "cd"
