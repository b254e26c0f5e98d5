import hashlib
import unicodedata
from pathlib import Path

import pytest
from PIL import Image

from ingest.http.errors import SourceError
from ingest.sources.base import MAX_FILE_BYTES, Rejected
from ingest.sources.folder import source as folders
from ingest.sources.folder.source import FIRST_ID, FolderSource, public_id
from ingest.sources.record import Record
from museum.images import decoding, storage


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "pictures").mkdir()
    return tmp_path / "pictures"


def draw(path: Path, mode="RGB", size=(40, 20), **options) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size).save(path, **options)
    return path


def write_captions(folder: Path, content: str) -> Path:
    path = folder.parent / "captions.csv"
    path.write_text(content)
    return path


def works(source: FolderSource) -> list[Record]:
    return [item for item in source.records() if isinstance(item, Record)]


def rejected(source: FolderSource) -> list[Rejected]:
    return [item for item in source.records() if isinstance(item, Rejected)]


def test_every_kind_of_picture_becomes_a_record_that_can_be_stored(folder):
    for suffix in ("jpg", "jpeg", "png", "bmp", "webp", "tif", "tiff", "gif", "JPG"):
        draw(folder / f"{suffix}-picture.{suffix}")
    draw(folder / "inks.jpg", "CMYK")
    draw(folder / "deep.png", "I;16")
    draw(folder / "clear.png", "RGBA")
    source = FolderSource(folder)
    assert rejected(source) == []
    assert len(works(source)) == 12
    for work in works(source):
        assert (work.image_width, work.image_height) == (40, 20)
        assert storage.store(decoding.to_web_format(work.image_file.read_bytes(), MAX_FILE_BYTES))


def test_ids_are_public_lasting_and_of_the_path(folder):
    draw(folder / "a.png")
    draw(folder / "b" / "a.png")
    first = {record.title: record.artic_id for record in FolderSource(folder).records()}
    moved = folder.rename(folder.with_name("elsewhere"))
    ids = [record.artic_id for record in FolderSource(moved).records()]
    assert ids == [public_id("a.png"), public_id("b/a.png")]
    assert first["a"] in ids
    assert all(FIRST_ID <= id_ < FIRST_ID + 2**40 for id_ in ids)
    # Pinned: ids are in links and must never change.
    assert public_id("a.png") == 1_033_696_073_471


def test_both_spellings_of_an_accent_are_one_name(folder):
    name = "Café.png"
    draw(folder / unicodedata.normalize("NFD", name))
    captions = write_captions(folder, f"file,title\n{unicodedata.normalize('NFC', name)},Noon\n")
    source = FolderSource(folder, captions)
    assert [record.title for record in works(source)] == ["Noon"]
    assert rejected(source) == []


def test_two_paths_with_one_id_are_refused(folder, monkeypatch):
    draw(folder / "a.png")
    draw(folder / "b.png")
    monkeypatch.setattr(folders, "public_id", lambda name: 3_000_000_007)
    with pytest.raises(SourceError, match=r"b\.png and a\.png would have the same id, 3000000007"):
        list(FolderSource(folder).records())


def test_a_replaced_picture_has_another_image_id_and_the_same_id(folder):
    path = draw(folder / "a.png")
    [before] = FolderSource(folder).records()
    assert before.image_id == hashlib.sha256(path.read_bytes()).hexdigest()
    draw(path, size=(50, 50))
    [after] = FolderSource(folder).records()
    assert after.artic_id == before.artic_id
    assert after.image_id != before.image_id


def test_a_folder_read_again_gives_the_same_records(folder):
    draw(folder / "a.png")
    draw(folder / "b.png")
    assert list(FolderSource(folder).records()) == list(FolderSource(folder).records())


def test_captions_become_the_fields_of_the_record(folder):
    draw(folder / "a.png")
    captions = write_captions(
        folder,
        "file,title,artist,date,date_start,place,styles,description,alt_text,public_domain\n"
        'a.png,Boat,Anna Ancher,c. 1888,1888,Skagen,Realism|Plein air,"Sea < sky & <b>sun</b>",'
        "A boat at sea.,yes\n",
    )
    record = next(FolderSource(folder, captions).records())
    assert record.title == "Boat"
    assert record.artist_name == record.artist_display == "Anna Ancher"
    assert record.artist_artic_id == public_id("artist:anna ancher")
    assert (record.date_display, record.date_start, record.date_end) == ("c. 1888", 1888, 1888)
    assert record.style_titles == ("Realism", "Plein air")
    assert record.is_public_domain is True
    texts = {text.source: text.text for text in record.texts}
    assert texts == {"description": "Sea < sky & <b>sun</b>", "alt_text": "A boat at sea."}


def test_without_captions_the_file_name_is_the_title_and_rights_are_unknown(folder):
    draw(folder / "views" / "old_harbor-1.png")
    record = next(FolderSource(folder).records())
    assert record.title == "old harbor 1"
    assert record.is_public_domain is None
    assert record.texts == ()


def test_the_size_is_that_of_the_upright_picture(folder):
    exif = Image.Exif()
    exif[0x0112] = 6
    draw(folder / "a.jpg", exif=exif)
    record = next(FolderSource(folder).records())
    assert (record.image_width, record.image_height) == (20, 40)


def test_what_cannot_be_read_is_named_and_the_rest_follows(folder):
    draw(folder / "good.png")
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "page.jpg").write_text("<!DOCTYPE html><html>")
    (folder / "script.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n")
    source = FolderSource(folder)
    assert [record.title for record in works(source)] == ["good"]
    assert {Path(bad.place).name: bad.code for bad in rejected(source)} == {
        "empty.jpg": "not-a-picture",
        "page.jpg": "not-a-picture",
        "script.png": "not-a-picture",
    }
    assert any("an HTML page" in bad.message for bad in rejected(source))


def test_a_bomb_is_rejected_by_its_header(folder):
    bomb = bytearray(draw(folder / "bomb.bmp").read_bytes())
    bomb[18:26] = (60_000).to_bytes(4, "little") * 2
    (folder / "bomb.bmp").write_bytes(bomb)
    source = FolderSource(folder)
    assert works(source) == []
    assert rejected(source)[0].code == "not-a-picture"


def test_captions_that_are_wrong_or_name_no_picture_are_rejected(folder):
    for name in ("a", "b", "c"):
        draw(folder / f"{name}.png")
    captions = write_captions(
        folder,
        "file,title,date_start\na.png,First,1888\na.png,Again,1889\nb.png,Bad,late\n"
        "gone.png,Gone,1\n../../etc/passwd,Out,1\n",
    )
    source = FolderSource(folder, captions)
    # A work whose caption is wrong keeps what is stored of it.
    assert [record.title for record in works(source)] == ["First", "c"]
    assert sorted(bad.code for bad in rejected(source)) == [
        "caption",
        "duplicate",
        "missing-file",
        "missing-file",
    ]
    assert any("line 5, column file" in bad.place for bad in rejected(source))


def test_hidden_files_and_others_are_left_out(folder):
    draw(folder / "a.png")
    draw(folder / ".thumbnails" / "a.png")
    draw(folder / "._a.png", format="PNG")
    (folder / "notes.txt").write_text("nothing")
    assert len(list(FolderSource(folder).records())) == 1


def test_a_folder_without_pictures_is_refused(folder):
    with pytest.raises(SourceError, match="holds no pictures"):
        list(FolderSource(folder).records())
    with pytest.raises(SourceError, match="is no folder"):
        list(FolderSource(folder / "nowhere").records())
