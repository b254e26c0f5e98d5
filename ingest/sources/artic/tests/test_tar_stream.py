import io
import tarfile

import pytest

from ingest.sources.artic import tar_stream

ANY = lambda name: True  # noqa: E731


def archive(files: dict[str, bytes], form=tarfile.GNU_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as file:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            file.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def read(data: bytes, wanted=ANY, max_bytes=10**6) -> dict[str, bytes | None]:
    stream = io.BufferedReader(io.BytesIO(data))
    return {member.name: member.content for member in tar_stream.members(stream, wanted, max_bytes)}


FORMS = [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]


@pytest.mark.parametrize("form", FORMS)
def test_it_reads_what_tarfile_writes(form):
    files = {"a": b"1", "empty": b"", "b/c.json": b"x" * 512, "b/d.json": b"y" * 5000}
    assert read(archive(files, form)) == files


@pytest.mark.parametrize("form", FORMS)
def test_it_reads_long_paths(form):
    name = f"{'folder/' * 20}{'x' * 60}.json"
    assert read(archive({name: b"1", "short": b"2"}, form)) == {name: b"1", "short": b"2"}


def test_it_reads_names_in_any_script():
    assert read(archive({"花鳥.json": b"1"}, tarfile.PAX_FORMAT)) == {"花鳥.json": b"1"}


def test_folders_and_links_are_no_files():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as file:
        for name, kind in (("folder", tarfile.DIRTYPE), ("link", tarfile.SYMTYPE)):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            file.addfile(member)
    assert read(buffer.getvalue()) == {}


def test_unwanted_and_too_large_members_are_skipped_unread():
    data = archive({"no": b"x" * 3_000_000, "large": b"x" * 3_000_000, "yes": b"1"})
    assert read(data, lambda name: name != "no") == {"large": None, "yes": b"1"}


def test_a_member_larger_than_octal_can_say_is_skipped():
    header = tarfile.TarInfo("huge")
    header.size = 9 * 2**30
    stream = io.BufferedReader(io.BytesIO(header.tobuf(tarfile.GNU_FORMAT)))
    with pytest.raises(EOFError):
        list(tar_stream.members(stream, ANY, 10))


@pytest.mark.parametrize("cut", [100, 512, 700, 1024, 1500])
def test_an_archive_that_is_cut_short_says_so_after_what_is_whole(cut):
    data = archive({"a": b"1", "b": b"2"})[:cut]
    members, whole = tar_stream.members(io.BufferedReader(io.BytesIO(data)), ANY, 10), []
    with pytest.raises(EOFError):  # noqa: PT012 - what came before is what counts
        for member in members:
            whole.append(member.name)
    assert whole == ["a"][: cut >= 1024]


def test_what_is_no_archive_is_said_to_be_none():
    with pytest.raises(tar_stream.TarError, match="byte 0"):
        read(b"x" * 2000)


def test_a_damaged_header_is_found():
    data = bytearray(archive({"a": b"1", "b": b"2"}))
    data[1024 + 3] ^= 1
    with pytest.raises(tar_stream.TarError, match="byte 1024"):
        read(bytes(data))


@pytest.mark.parametrize(
    "records",
    [
        b"9" * 5000 + b" path=x\n",
        b"0 path=x\n",
        b"-3 path=x\n",
        b"noise",
        b"39 size=" + b"9" * 30 + b"\n",
    ],
)
def test_a_senseless_pax_header_is_passed_over(records):
    pax = tarfile.TarInfo("pax")
    pax.type, pax.size = tarfile.XHDTYPE, len(records)
    padding = bytes(-len(records) % 512)
    data = pax.tobuf(tarfile.USTAR_FORMAT) + records + padding + archive({"a": b"1"})
    assert read(data) == {"a": b"1"}
