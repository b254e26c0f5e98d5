import bz2
import gc
import gzip
import io
import json
import lzma
import os
import signal
import tarfile
from pathlib import Path

import psutil
import pytest

from ingest.http.errors import SourceError
from ingest.sources.artic.dump import AIC_IIIF_URL, DumpSource
from ingest.sources.artic.parse import parse

REAL = Path(__file__).resolve().parents[5] / "shared/artic/artworks-listing-full-fields.json"
ARTWORKS = "artic-api-data/json/artworks"


def archive(files: dict[str, object]) -> bytes:
    """A tar of JSON files; bytes go in as they are."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as file:
        for name, value in files.items():
            content = value if isinstance(value, bytes) else json.dumps(value, indent=4).encode()
            member = tarfile.TarInfo(name)
            member.size = len(content)
            file.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def works(*ids: int) -> dict[str, object]:
    return {f"{ARTWORKS}/{id_}.json": {"id": id_, "title": f"Work {id_}"} for id_ in ids}


@pytest.fixture
def dump(tmp_path):
    """Write files into a `.tar.bz2` and give the source that reads it."""

    def write(files: dict[str, object], **options) -> DumpSource:
        path = tmp_path / "dump.tar.bz2"
        path.write_bytes(bz2.compress(archive(files)))
        return DumpSource(path, **options)

    return write


def ids(source: DumpSource) -> list[int]:
    return [record["id"] for record in source.records()]


def until_error(source: DumpSource) -> tuple[list[int], SourceError]:
    found = []
    with pytest.raises(SourceError) as caught:  # noqa: PT012 - what came before counts
        for record in source.records():
            found.append(record["id"])
    return found, caught.value


def test_it_gives_the_artworks_and_nothing_else(dump):
    others = {
        "artic-api-data/json/agents/9.json": {"id": 9},
        "artic-api-data/getting-started/allArtworks.jsonl": b'{"id": 8}\n',
        f"{ARTWORKS}/._7.json": b"\0\5\x16\7 from a Mac",
        f"{ARTWORKS}/notes.txt": b"not JSON",
    }
    source = dump({**others, **works(1, 2), "artic-api-data/json/sites/3.json": {"id": 3}})
    assert ids(source) == [1, 2]
    assert source.rejected == []


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("dump.tar", bytes),
        ("dump.tar.gz", gzip.compress),
        ("dump.tar.xz", lzma.compress),
        ("dump.tar.bz2", bz2.compress),
        ("no-ending", bz2.compress),
    ],
)
def test_it_reads_each_packing_by_its_content(tmp_path, name, pack):
    (tmp_path / name).write_bytes(pack(archive(works(1, 2, 3))))
    assert ids(DumpSource(tmp_path / name)) == [1, 2, 3]


def test_it_reads_an_archive_of_several_streams(tmp_path):
    data, path = archive(works(*range(1, 40))), tmp_path / "dump.tar.bz2"
    path.write_bytes(b"".join(bz2.compress(data[i : i + 7000]) for i in range(0, len(data), 7000)))
    assert len(ids(DumpSource(path))) == 39


def test_a_file_that_is_no_json_is_named_and_the_rest_is_read(dump):
    broken = {f"{ARTWORKS}/5.json": b'{"id": 5, "tit', f"{ARTWORKS}/6.json": b"\xff\xfe\x00"}
    source = dump({**works(1), **broken, **works(2)})
    assert ids(source) == [1, 2]
    assert [(bad.place, bad.code) for bad in source.rejected] == [
        (f"{ARTWORKS}/5.json", "not-json"),
        (f"{ARTWORKS}/6.json", "not-json"),
    ]
    assert "5.json" in source.rejected[0].message


def test_json_that_is_nested_absurdly_deep_is_rejected(dump):
    source = dump({**works(1), f"{ARTWORKS}/5.json": b"[" * 200_000})
    assert ids(source) == [1]
    assert [bad.code for bad in source.rejected] == ["not-json"]


def test_a_huge_member_is_rejected_unread(dump):
    source = dump({f"{ARTWORKS}/5.json": b" " * (9 * 1024 * 1024), **works(1)})
    assert ids(source) == [1]
    assert [bad.code for bad in source.rejected] == ["too-large"]


def test_an_archive_cut_short_gives_what_is_whole_and_then_says_so(tmp_path):
    path = tmp_path / "dump.tar.bz2"
    # Small blocks, so that some of them are whole.
    files = {f"{ARTWORKS}/{i}.json": {"id": i, "x": os.urandom(500).hex()} for i in range(1, 900)}
    packed = bz2.compress(archive(files), 1)
    path.write_bytes(packed[: len(packed) // 2])
    found, error = until_error(DumpSource(path))
    assert 100 < len(found) < 800
    assert found == list(range(1, len(found) + 1))
    assert error.code == "truncated"
    assert f"{len(found)} records came before" in str(error)


def test_a_damaged_archive_says_so(tmp_path):
    path = tmp_path / "dump.tar.bz2"
    packed = bytearray(bz2.compress(archive(works(*range(1, 2000))), 1))
    packed[len(packed) // 2] ^= 0xFF
    path.write_bytes(packed)
    _, error = until_error(DumpSource(path))
    assert error.code == "broken"
    assert str(path) in str(error)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 a zip", b"(\xb5/\xfd zstd", b"<!DOCTYPE html><html>"]
)
def test_a_file_of_another_kind_is_refused(tmp_path, content):
    path = tmp_path / "dump.tar.bz2"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"no \.tar\.bz2") as caught:
        list(DumpSource(path).records())
    assert caught.value.code == "wrong-type"


def test_bzip2_of_something_else_is_refused(tmp_path):
    path = tmp_path / "dump.tar.bz2"
    path.write_bytes(bz2.compress(b"a plain text, long enough to be a header of tar " * 40))
    with pytest.raises(SourceError, match="is it a tar archive"):
        list(DumpSource(path).records())


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"nowhere\.tar\.bz2 cannot be read \(No such file"):
        list(DumpSource(tmp_path / "nowhere.tar.bz2").records())


def test_an_archive_without_artworks_is_refused(dump):
    with pytest.raises(SourceError, match="is this AIC's data dump"):
        ids(dump({"json/agents/1.json": {"id": 1}}))


def test_its_own_config_and_info_count_when_they_come_first(dump):
    config = {"artic-api-data/json/config.json": {"iiif_url": "https://pictures.example/iiif/"}}
    info = {"artic-api-data/json/info.json": {"artworks": {"generated": True}}}
    source = dump({**config, **info, **works(1)})
    assert ids(source) == [1]
    assert source.iiif_url == "https://pictures.example/iiif"
    assert source.info == {"generated": True}


def test_without_them_the_art_institute_s_count(dump):
    source = dump(works(1))
    ids(source)
    assert source.iiif_url == AIC_IIIF_URL
    assert "Creative Commons" in source.info["license_text"]


def test_an_address_that_comes_too_late_and_differs_is_an_error_with_its_mend(dump):
    late = {"json/config.json": {"iiif_url": "https://moved.example/iiif"}}
    found, error = until_error(dump({**works(1), **late}))
    assert found == [1]
    assert error.code == "late-config"
    source = dump({**works(1), **late}, iiif_url="https://moved.example/iiif")
    assert ids(source) == [1]


def test_records_that_say_too_late_that_they_are_generated_are_an_error(dump):
    _, error = until_error(dump({**works(1), "json/info.json": {"artworks": {"generated": True}}}))
    assert error.code == "late-info"


def test_an_address_that_comes_late_and_is_the_same_is_none(dump):
    assert ids(dump({**works(1), "json/config.json": {"iiif_url": AIC_IIIF_URL}})) == [1]


def test_old_dumps_with_the_whole_answer_in_each_file_are_read(dump):
    answer = {
        "data": {"id": 4, "title": "Priest and Boy"},
        "config": {"iiif_url": "https://old.example/iiif"},
    }
    source = dump({f"{ARTWORKS}/4.json": answer})
    assert list(source.records()) == [answer["data"]]
    assert source.iiif_url == "https://old.example/iiif"


def test_it_can_be_read_twice(dump):
    source = dump(works(1, 2))
    assert ids(source) == ids(source) == [1, 2]


def test_who_stops_early_leaves_no_process_behind(dump):
    # More than a pipe holds, so that the other process cannot have ended by itself.
    files = {f"{ARTWORKS}/{i}.json": {"id": i, "x": os.urandom(4000).hex()} for i in range(2000)}
    records = dump(files).records()
    next(records)
    assert _unpackers()
    records.close()
    gc.collect()
    assert not _unpackers()


def test_a_killed_unpacker_is_an_error_and_not_an_end(dump):
    files = {f"{ARTWORKS}/{i}.json": {"id": i, "x": os.urandom(4000).hex()} for i in range(2000)}
    records = dump(files).records()
    next(records)
    for process in _unpackers():
        process.send_signal(signal.SIGKILL)
    with pytest.raises(SourceError, match="ended from outside"):
        list(records)


def _unpackers() -> list[psutil.Process]:
    children = psutil.Process().children()
    # Of another test's process that nobody has waited for yet, no command line is left.
    living = [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
    return [
        child for child in living if "ingest.sources.artic.decompress" in " ".join(child.cmdline())
    ]


@pytest.mark.skipif(not REAL.is_file(), reason="the real records are not here")
def test_real_records_come_out_as_they_went_in(dump):
    real = json.loads(REAL.read_text())["data"]
    source = dump({f"{ARTWORKS}/{record['id']}.json": record for record in real})
    found = list(source.records())
    assert found == real
    assert [parse(record).artic_id for record in found] == [record["id"] for record in real]
