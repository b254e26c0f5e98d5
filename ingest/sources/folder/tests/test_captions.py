import json

import pytest

from ingest.http.errors import SourceError
from ingest.sources.folder.captions import Captions


@pytest.fixture
def captions(tmp_path):
    """Read captions from a file of this name and content."""

    def read(content: str | bytes, name: str = "captions.csv") -> Captions:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return Captions(path)

    return read


def test_a_table_is_read(captions):
    found = captions(
        "file,title,artist,date,date_start,description,styles,public_domain\n"
        'a.jpg,Boat,Anna,c. 1888,1888,"Red, and\nblue",Realism | Modernism,yes\n'
    )
    assert found.rejected == []
    assert found.by_file == {
        "a.jpg": {
            "title": "Boat",
            "artist": "Anna",
            "date": "c. 1888",
            "date_start": 1888,
            "description": "Red, and\nblue",
            "styles": ["Realism", "Modernism"],
            "public_domain": True,
        }
    }


@pytest.mark.parametrize(
    "content",
    [
        "file,title\r\na.jpg,Boat\r\n",
        "\ufefffile,title\na.jpg,Boat",
        "file;title\na.jpg;Boat\n",
        "file\ttitle\na.jpg\tBoat\n",
        "File , Title\na.jpg,Boat\n\n\n",
        "file,title,artist\na.jpg,Boat\n",
        "file,title\n./a.jpg, Boat \n",
    ],
)
def test_tables_as_spreadsheets_save_them(captions, content):
    assert captions(content).by_file == {"a.jpg": {"title": "Boat"}}


def test_lines_of_json_are_read(captions):
    lines = [
        {"file": "a.jpg", "title": "까치", "styles": ["Realism"], "date_start": -500},
        {"file": "b.jpg", "title": None, "on_view": False, "subjects": "cats | dogs"},
    ]
    content = "\n".join(json.dumps(line) for line in lines) + "\n\n"
    assert captions(content, "captions.jsonl").by_file == {
        "a.jpg": {"title": "까치", "styles": ["Realism"], "date_start": -500},
        "b.jpg": {"on_view": False, "subjects": ["cats", "dogs"]},
    }


@pytest.mark.parametrize(
    ("row", "column", "why"),
    [
        ("b.jpg,late,", "date_start", "expected a year"),
        ("b.jpg,99999,", "date_start", "expected a year"),
        ("b.jpg,1888.5,", "date_start", "expected a year"),
        ("b.jpg,,maybe", "public_domain", "expected true or false"),
        (",1888,", "file", "names no file"),
    ],
)
def test_a_wrong_value_is_named_by_line_and_column(captions, row, column, why):
    found = captions(f"file,date_start,public_domain\na.jpg,1888,yes\n{row}\nc.jpg,1,no\n")
    assert list(found.by_file) == ["a.jpg", "c.jpg"]
    [bad] = found.rejected
    assert bad.place.endswith(f"captions.csv, line 3, column {column}")
    assert why in bad.message


def test_the_line_is_that_of_the_file_even_after_texts_of_several_lines(captions):
    found = captions('file,title,date_end\na.jpg,"one\ntwo\nthree",\nb.jpg,x,late\n')
    assert found.rejected[0].place.endswith("line 5, column date_end")
    assert set(found.files.values()) == {"b.jpg"}


def test_a_row_with_too_many_cells_is_rejected(captions):
    found = captions("file,title\na.jpg,Boat, red\nb.jpg,Cat\n")
    assert list(found.by_file) == ["b.jpg"]
    assert "3 cells" in found.rejected[0].message


def test_a_second_caption_of_one_file_is_rejected(captions):
    found = captions("file,title\na.jpg,Boat\na.jpg,Cat\n")
    assert found.by_file == {"a.jpg": {"title": "Boat"}}
    assert found.rejected[0].code == "duplicate"
    assert "already in line 2" in found.rejected[0].message


@pytest.mark.parametrize("line", ['{"file": "b.jpg"', "[1]", '{"file": "b.jpg", "title": 5}'])
def test_a_wrong_line_of_json_is_rejected(captions, line):
    found = captions(f'{{"file": "a.jpg"}}\n{line}\n', "captions.jsonl")
    assert list(found.by_file) == ["a.jpg"]
    assert "line 2" in found.rejected[0].place


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("", "is empty"),
        ("file,titel\n", "line 1, column 2: unknown column 'titel'; did you mean 'title'"),
        ("name,title\n", "column 1: unknown column 'name'"),
        ("title,artist\n", "there is no column 'file'"),
        ("file,title,title\n", "column 'title' comes twice"),
        ('file,title\na.jpg,"never closed\n', "line 2: unexpected end of data"),
        ("file,title\na.jpg,Café\n".encode("latin-1"), "line 2: it is not in UTF-8"),
        ("file,title\n".encode("utf-16"), "not in UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(captions, content, error):
    with pytest.raises(SourceError, match=error):
        captions(content)


def test_an_unknown_key_of_json_is_refused(captions):
    error = "line 1, column 2: unknown column 'subject'; did you mean"
    with pytest.raises(SourceError, match=error):
        captions('{"file": "a.jpg", "subject": "cats"}', "captions.jsonl")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"none\.csv cannot be read \(No such file"):
        Captions(tmp_path / "none.csv")
