"""Incremental runs and sweeps, against a listing that changes, meanwhile too."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from ingest.loading.tests.test_upsert import versions
from ingest.models import IngestFailure, IngestRun
from ingest.pipeline.tests.test_ingest_artic import (
    ingest,
    serve,  # noqa: F401 - a fixture
)
from ingest.sources.artic.fake_server.catalog import Catalog
from ingest.tests.museum import NEWEST, record, records, write
from museum.models import Artwork

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listing(serve, tmp_path):
    """A fake server without pictures, whose records can be replaced while it serves."""

    class Listing:
        def __init__(self):
            self.pages = 0

        def start(self, found):
            self.fake_server = serve([each | {"image_id": None} for each in found])
            return self

        def replace(self, found):
            catalog = Catalog([write(tmp_path, [each | {"image_id": None} for each in found])])
            self.fake_server.catalog = self.fake_server.api.catalog = catalog

        def run(self, **options):
            before = len(self.fake_server.log)
            result = ingest(self.fake_server, **options)
            self.pages = len(self.fake_server.log) - before
            return result

        def during(self, page, change):
            """Call `change` once, right after this page was answered."""
            answer, waiting = self.fake_server.api.answer, [change]

            def answered(path, query):
                result = answer(path, query)
                if query.get("page") == [str(page)] and waiting:
                    waiting.pop()()
                return result

            self.fake_server.api.answer = answered

    return Listing()


def test_an_incremental_run_stops_where_the_last_complete_one_began(listing):
    listing.start(records(500)).run(page_size=50)
    assert listing.pages == 10
    changed = record(3, title="New title", updated_at=(NEWEST + timedelta(days=9)).isoformat())
    listing.replace([*records(2), changed, *records(501)[3:]])
    result = listing.run(page_size=50)
    assert (result["created"], result["updated"]) == (1, 1)
    assert listing.pages == 2
    assert result["unchanged"] == 499  # those that the order of the listing vouches for
    assert Artwork.objects.get(artic_id=3).title == "New title"


def test_an_incomplete_run_does_not_count(listing):
    listing.start(records(100)).run(limit=20)
    assert listing.run(page_size=20)["created"] == 80
    answer = listing.fake_server.api.answer
    listing.fake_server.api.answer = lambda path, query: (
        {"data": None} if query["page"] == ["2"] else answer(path, query)
    )
    assert listing.run(full=True, page_size=20, code=1)["failed"] == 1
    listing.fake_server.api.answer = answer
    assert IngestRun.objects.count() == 3
    listing.run(page_size=20)
    assert listing.pages == 2  # the second run was complete, and nothing has changed since


def test_a_listing_with_records_that_are_not_here_is_read_whole(listing):
    listing.start(records(100)).run()
    Artwork.objects.get(artic_id=5).delete()
    assert listing.run(page_size=10)["created"] == 1
    assert listing.pages >= 10


def test_a_record_that_moves_to_the_top_meanwhile_is_not_lost(listing):
    listing.start(records(100))
    moved = record(4, title="Moved", updated_at=(NEWEST + timedelta(days=9)).isoformat())
    listing.during(3, lambda: listing.replace([*records(3), moved, *records(100)[4:]]))
    listing.run(page_size=10)
    assert Artwork.objects.count() == 100
    assert Artwork.objects.get(artic_id=4).title == "Moved"


def test_a_record_that_is_deleted_meanwhile_takes_none_with_it(listing):
    listing.start(records(100))
    listing.during(3, lambda: listing.replace(records(98)))
    listing.run(page_size=10)
    assert Artwork.objects.filter(artic_id__lte=98).count() == 98


# --- Sweeps ---------------------------------------------------------------------------------------
def sweep(listing, code=0, **options):
    out, err = io.StringIO(), io.StringIO()
    try:
        url = listing.fake_server.base_url
        options = {"sweep": True, "json": True, "stdout": out, "stderr": err} | options
        call_command("ingest_artic", base_url=url, **options)
        ended = 0
    except SystemExit as error:
        ended = error.code
    assert ended == code, err.getvalue()
    return json.loads(out.getvalue().splitlines()[-1]) | {"errors": err.getvalue()}


def test_a_sweep_withdraws_what_is_gone_and_brings_back_what_reappears(listing):
    listing.start(records(250)).run()
    listing.replace(records(248))
    asked = len(listing.fake_server.log)
    assert (found := sweep(listing))["withdrawn"] == 2
    assert found["seen"] == 248
    assert all("fields=id" in entry.path for entry in listing.fake_server.log[asked:])
    gone = Artwork.objects.filter(withdrawn_at__isnull=False)
    assert set(gone.values_list("artic_id", flat=True)) == {249, 250}
    before = versions()
    assert sweep(listing)["withdrawn"] == 0
    assert versions() == before
    listing.replace(records(250))
    assert sweep(listing)["restored"] == 2
    assert not gone.exists()


def test_a_sweep_that_would_withdraw_much_asks_a_human(listing):
    listing.start(records(100)).run()
    listing.replace(records(96))
    before = versions()
    found = sweep(listing, code=2)
    assert found["withdrawn"] == 0
    assert "4 of 100 works (4.0%) are gone" in found["errors"]
    assert "--sweep-anyway" in found["errors"]
    assert versions() == before
    with pytest.raises(CommandError, match="SWEEP_LIMIT"):
        sweep(listing, json=False)
    with override_settings(SWEEP_LIMIT=5.0):
        assert sweep(listing)["withdrawn"] == 4
    listing.replace(records(10))
    assert sweep(listing, sweep_anyway=True)["withdrawn"] == 86


def test_ids_that_did_not_all_come_withdraw_nothing(listing):
    listing.start(records(250)).run()
    listing.replace(records(248))
    answer = listing.fake_server.api.answer
    listing.fake_server.api.answer = lambda path, query: (
        {"data": None} if query["page"] == ["3"] else answer(path, query)
    )
    assert sweep(listing, code=2)["failed"] == 1
    assert IngestFailure.objects.get().reason == "envelope"
    assert not Artwork.objects.filter(withdrawn_at__isnull=False).exists()


def test_a_work_that_moves_while_its_id_is_looked_for_stays(listing):
    listing.start(records(250)).run()
    moved = record(4, updated_at=(NEWEST + timedelta(days=9)).isoformat())
    listing.during(1, lambda: listing.replace([*records(3), moved, *records(250)[4:]]))
    assert sweep(listing)["withdrawn"] == 0


def test_a_sweep_brings_the_few_that_no_crawl_has_seen(listing):
    listing.start(records(250)).run()
    Artwork.objects.get(artic_id=5).delete()
    assert sweep(listing)["created"] == 1


def test_a_sweep_leaves_other_sources_alone(listing):
    listing.start(records(50)).run()
    Artwork.objects.filter(artic_id=7).update(source="folder", artic_id=3_000_000_007)
    sweep(listing)
    assert not Artwork.objects.filter(withdrawn_at__isnull=False).exists()
