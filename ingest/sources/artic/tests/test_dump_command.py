"""`ingest_artic --dump`: the same contract as with the API."""

import json
import tarfile
from io import BytesIO

import pytest
from django.core.management import CommandError, call_command

from ingest.loading.tests.test_upsert import versions
from ingest.models import IngestFailure, IngestRun, IngestStep
from ingest.pipeline.tests.test_ingest_artic import ingest
from ingest.tests.museum import record, records
from museum.models import Artwork

pytestmark = pytest.mark.django_db(transaction=True)


def pack(path, found, *, broken=()):
    """Write a dump of these records; members named in `broken` hold no JSON."""
    with tarfile.open(path, "w:bz2") as archive:
        for each in found:
            content = b"{" if each["id"] in broken else json.dumps(each).encode()
            member = tarfile.TarInfo(f"artic-api-data/json/artworks/{each['id']}.json")
            member.size = len(content)
            archive.addfile(member, BytesIO(content))
    return path


def load(path, **options):
    return ingest("http://127.0.0.1:9/api/v1", dump=path, images=False, **options)


def test_a_dump_comes_in_and_again_nothing_is_written(tmp_path):
    path = pack(tmp_path / "dump.tar.bz2", records(1100))
    first = load(path)
    assert (first["seen"], first["created"], first["failed"]) == (1100, 1100, 0)
    run = IngestRun.objects.get()
    assert (run.state, run.source, run.expected) == ("done", "artic", 1100)
    assert run.high_water == Artwork.objects.get(artic_id=1100).source_updated_at
    assert Artwork.objects.first().iiif_url == "https://www.artic.edu/iiif/2"
    before = versions()
    assert load(path)["unchanged"] == 1100
    assert versions() == before


def test_a_member_that_is_no_json_is_one_named_failure_and_mended_later(tmp_path):
    path = tmp_path / "dump.tar.bz2"
    result = load(pack(path, [record(1, title=5), *records(5)[1:]], broken={3}), code=1)
    assert (result["seen"], result["created"], result["failed"]) == (5, 3, 2)
    named = dict(IngestFailure.objects.values_list("artic_id", "reason"))
    assert named == {1: "bad-title", 3: "not-json"}
    assert IngestRun.objects.get().state == "partial"
    assert load(pack(path, records(5)))["created"] == 2
    assert not IngestFailure.objects.filter(resolved_at=None).exists()


@pytest.mark.slow
def test_what_is_whole_of_a_truncated_dump_is_loaded(tmp_path):
    path = pack(tmp_path / "dump.tar.bz2", records(4000, inscriptions=None))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    result = load(path, code=1)
    assert 0 < result["created"] < 4000
    assert Artwork.objects.count() == result["created"]
    failure = IngestFailure.objects.get()
    assert (failure.stage, failure.reason) == ("page", "truncated")
    assert IngestRun.objects.get().crawled_at is None
    path.write_bytes(whole)
    assert load(path)["created"] == 4000 - result["created"]


def test_a_file_that_is_no_dump_is_exit_2(tmp_path):
    (tmp_path / "dump.tar.bz2").write_text("<html>")
    assert load(tmp_path / "dump.tar.bz2", code=2)["failed"] == 1
    with pytest.raises(CommandError, match="cannot be read") as caught:
        call_command("ingest_artic", dump=tmp_path / "none.tar.bz2")
    assert caught.value.returncode == 2


def test_a_limit_ends_the_load_and_the_source_is_not_swept(tmp_path):
    path = pack(tmp_path / "dump.tar.bz2", records(50))
    assert load(path, limit=20)["created"] == 20
    assert IngestRun.objects.get().crawled_at is None


def test_a_sweep_withdraws_what_the_dump_no_longer_holds_but_not_what_it_holds_broken(tmp_path):
    path = tmp_path / "dump.tar.bz2"
    load(pack(path, records(100)))
    pack(path, records(99), broken={7})
    result = load(path, sweep=True, code=1)
    assert (result["withdrawn"], result["restored"]) == (1, 0)
    gone = Artwork.objects.filter(withdrawn_at__isnull=False)
    assert list(gone.values_list("artic_id", flat=True)) == [100]
    pack(path, records(80))
    stopped = load(path, sweep=True, code=1)
    assert stopped["withdrawn"] == 0
    assert "19 of 99 works" in stopped["errors"]
    assert load(path, sweep_anyway=True)["withdrawn"] == 19
    assert load(pack(path, records(100)), sweep=True)["updated"] == 20
    assert not Artwork.objects.filter(withdrawn_at__isnull=False).exists()


def test_generated_records_are_labelled_and_say_nothing_of_the_real_source(tmp_path):
    path = tmp_path / "dump.tar.bz2"
    call_command("make_dump", records=30, out=path, others=0.1, verbosity=0)
    assert load(path)["created"] == 30
    assert set(Artwork.objects.values_list("source", "is_generated")) == {("sample", True)}
    assert IngestRun.objects.get().base_url == ""


def test_a_killed_load_leaves_whole_batches_and_goes_on(tmp_path, manage):
    path = pack(tmp_path / "dump.tar.bz2", records(3500))
    process = manage("ingest_artic", "--dump", str(path), "--no-images", "--no-embed", "--json")
    while IngestStep.objects.filter(state="done").count() < 1:
        assert process.poll() is None
    process.kill()
    process.wait()
    there = Artwork.objects.count()
    assert 0 < there < 3500
    assert there % 1000 == 0
    result = load(path)
    assert (result["created"], result["unchanged"]) == (3500 - there, there)
    assert IngestRun.objects.order_by("pk").first().state == "partial"
