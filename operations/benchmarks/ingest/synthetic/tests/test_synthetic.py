"""Synthetic records and dumps are as the museum's, and say that they are synthetic."""

import bz2
import json
import tarfile
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from ingest.models import IngestRun
from ingest.sources.artic.client import collection
from ingest.sources.artic.dump import AIC_IIIF_URL, DumpSource
from ingest.sources.artic.parse import parse
from museum.models import Artwork
from operations.benchmarks.ingest.synthetic.records import CREDIT, artwork

REAL = settings.BASE_DIR.parent / "shared/artic/artworks-listing-full-fields.json"
RECORDS = [artwork(0, number) for number in range(2000)]


def make(path: Path, **options) -> Path:
    call_command("make_dump", out=path, **{"records": 30, "others": 1.0, **options})
    return path


@pytest.mark.skipif(not REAL.is_file(), reason="the real records are not here")
def test_its_records_have_the_museum_s_fields_in_the_same_order_and_size():
    real = json.loads(REAL.read_text())["data"]
    assert all(list(record) == list(real[0]) for record in RECORDS)
    ours, theirs = (
        sum(len(json.dumps(record, indent=4)) for record in group) / len(group)
        for group in (RECORDS, real)
    )
    assert 0.9 < ours / theirs < 1.2


def test_every_record_is_valid_and_says_that_it_is_synthetic():
    parsed = [parse(record) for record in RECORDS]
    assert [record.artic_id for record in parsed] == list(range(1, 2001))
    assert {record.credit_line for record in parsed} == {CREDIT}


def test_they_are_as_odd_as_real_ones():
    parsed = [parse(record) for record in RECORDS]
    dated = [record for record in parsed if record.date_start is not None]
    assert len(dated) < len(parsed)
    assert any(record.date_start < 0 for record in dated)
    assert any(record.date_start > record.date_end for record in dated)
    assert any(record["subject_titles"] is None for record in RECORDS)
    assert any(ord(letter) > 0x4E00 for record in parsed for letter in record.title)
    texts = [text.source for record in parsed for text in record.texts]
    assert 0.25 < texts.count("description") / len(parsed) < 0.42
    boilerplate = [text.is_boilerplate for record in parsed for text in record.texts]
    assert 0.3 < sum(boilerplate) / len(boilerplate) < 0.9
    assert 0.4 < sum(bool(record.is_public_domain) for record in parsed) / len(parsed) < 0.6


def test_the_same_seed_gives_the_same_bytes_and_another_other_ones(tmp_path):
    first, again, other = (
        make(tmp_path / f"{name}.tar.bz2", seed=seed).read_bytes()
        for name, seed in (("first", 7), ("again", 7), ("other", 8))
    )
    assert first == again
    assert first != other


def test_it_is_read_like_the_museum_s_dump(tmp_path, monkeypatch):
    monkeypatch.setattr("operations.benchmarks.ingest.synthetic.archive.CHUNK_MEMBERS", 11)
    source = DumpSource(make(tmp_path / "dump.tar.bz2", records=30))
    found = list(source.records())
    assert found == [artwork(0, number) for number in range(30)]
    assert source.rejected == []
    assert source.info["generated"] is True


def test_it_is_a_tar_archive_with_the_other_endpoints_in_it(tmp_path):
    path = make(tmp_path / "dump.tar.bz2", records=30, others=3.0)
    with tarfile.open(fileobj=bz2.open(path)) as file:
        names = file.getnames()
    assert sum("/json/artworks/" in name for name in names) == 30
    assert sum("/json/agents/" in name for name in names) == 30
    folders = [name.split("/")[2] for name in names if name.count("/") == 3]
    assert all(one <= next_ for one, next_ in pairwise(folders))


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"records": 0}, "--records must be at least 1"),
        ({"others": -1.0}, "--others at least 0"),
        ({"out": Path("dump.zip")}, r"must end in \.tar\.bz2"),
        ({"out": Path("/nowhere/dump.tar.bz2")}, "cannot be written"),
    ],
)
def test_wrong_options_are_refused(tmp_path, options, error):
    with pytest.raises(CommandError, match=error):
        call_command("make_dump", **{"records": 1, "out": tmp_path / "d.tar.bz2", **options})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("options", [{}, {"iiif_url": AIC_IIIF_URL}])
def test_no_host_is_asked_for_invented_pictures(tmp_path, settings, options):
    settings.AIC_CONTACT = "me@museum.example"
    path = make(tmp_path / "dump.tar.bz2", records=30)
    call_command("ingest_artic", dump=path, embed=False, **options)
    run = IngestRun.objects.get()
    assert (run.state, run.created, run.images, run.iiif_url) == ("done", 30, 0, "")
    assert not run.steps.filter(stage="image").exists()
    # Nor will visitors' browsers ask for them.
    assert set(Artwork.objects.values_list("iiif_url", flat=True)) == {None}


@pytest.mark.parametrize(
    ("host", "kept"), [("http://127.0.0.1:8010/iiif/2", True), (AIC_IIIF_URL, False)]
)
def test_a_server_on_this_machine_may_be_asked_for_generated_pictures(host, kept):
    assert collection({"generated": True}, host).iiif_url == (host if kept else "")
    assert collection({}, host).iiif_url == host
