"""A real kill at several points, and the next run ends where an undisturbed one does."""

import json
import time

import pytest

from ingest.models import IngestRun
from ingest.sources.artic.fake_server import FakeServer, Faults
from ingest.tests.museum import records, write, write_pictures
from museum.models import Artist, Artwork, Description
from search.embeddings import registry
from search.models import Embedding
from testing.tiny_clip import write_checkpoint

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
TIMES = {"id", "created_at", "updated_at", "image_checked_at", "search_document"}


@pytest.fixture
def model(transactional_db, tmp_path):
    """A tiny CLIP with random weights, active."""
    words = ["a", "boat", "numbered", "lies", "in", "the", "harbor", "red", "blue", "work"]
    write_checkpoint(tmp_path / "tiny-clip", words=words, context_length=16)
    return registry.activate(registry.register(str(tmp_path / "tiny-clip")))


@pytest.fixture
def fake_server(tmp_path):
    found = records(60)
    images = write_pictures(tmp_path, found)
    with FakeServer([write(tmp_path, found)], images=images, faults=Faults(latency=15)) as served:
        yield served


def contents():
    """Everything that an ingest writes, but for keys and times."""
    names = [field.name for field in Artwork._meta.fields if field.name not in TIMES | {"artist"}]
    return {
        "artworks": list(Artwork.objects.order_by("artic_id").values(*names, "artist__artic_id")),
        "artists": list(Artist.objects.order_by("artic_id").values("artic_id", "name")),
        "texts": list(
            Description.objects.order_by("artwork__artic_id", "source").values(
                *("artwork__artic_id", "source", "language", "text", "html", "licence"),
                *("is_approved", "is_boilerplate"),
            )
        ),
        "vectors": list(
            Embedding.objects.order_by("artwork__artic_id", "kind", "part").values(
                *("artwork__artic_id", "kind", "part", "start", "end", "source_hash"),
                "description__source",
            )
        ),
    }


def reached(**counts):
    """Whether the newest run has come so far."""
    run = IngestRun.objects.first()
    return (
        run is not None
        and run.state == "running"
        and all(getattr(run, name) >= number for name, number in counts.items())
    )


def kill_once(process, condition, deadline=60.0):
    ends = time.monotonic() + deadline
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < ends
        time.sleep(0.005)
    process.kill()
    process.wait()


def test_killed_at_several_points_it_ends_as_if_undisturbed(manage, model, fake_server):
    arguments = ("ingest_artic", "--base-url", fake_server.base_url, "--page-size", "5", "--json")

    def ingest():
        return manage(*arguments, OMP_NUM_THREADS="1")

    for condition in (
        reached,
        lambda: reached(seen=17),
        lambda: reached(images=20),
        lambda: reached() and Embedding.objects.exists(),
    ):
        kill_once(ingest(), condition)
    last = ingest()
    output, errors = last.communicate(timeout=120)
    assert last.returncode == 0, errors
    assert json.loads(output.splitlines()[-1])["failed"] == 0
    states = list(IngestRun.objects.order_by("pk").values_list("state", flat=True))
    assert len(states) == 5
    assert "running" not in states
    assert states[-1] == "done"
    killed = contents()

    for table in (Artwork, Artist):
        table.objects.all().delete()
    assert ingest().communicate(timeout=120)[0].splitlines()[-1].startswith('{"run"')
    assert IngestRun.objects.first().state == "done"
    assert killed == contents()
    assert len(killed["artworks"]) == 60
    assert sum(vector["kind"] == "image" for vector in killed["vectors"]) == 60
    # Nothing was fetched twice but what a kill cut off.
    assert sum(entry.kind == "picture" for entry in fake_server.log) <= 60 + 60 + 4


@pytest.mark.flaky(reruns=1)  # a signal reaches a busy process at any moment
def test_a_run_that_is_terminated_says_so(manage, model, fake_server):
    process = manage(
        "ingest_artic", "--base-url", fake_server.base_url, "--page-size", "5", "--no-embed"
    )
    while not reached(seen=10):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.terminate()
    assert process.wait(30) == 1
    run = IngestRun.objects.get()
    assert run.state == "partial"
    assert "stopped by hand" in run.message
    assert Artwork.objects.count() == run.created
