"""Why a work was found: the passage that says most of it, and the words in it."""

import pytest

from museum.models import Artwork
from search import tasks
from search.engine import search
from search.explanations import highlights
from search.query.query import Query
from testing.factories import work


@pytest.fixture
def museum(tiny):
    work(
        "The Red Boats",
        seed=1,
        text="A horse stands in the snow. The sky is grey. A man paints. Two red boats lie still.",
    )
    work("Blue", text="A boat of Müller's, <b>red</b>.")
    tasks.embed_artworks(list(Artwork.objects.values_list("pk", flat=True)))
    return tiny


def explain(typed: str) -> dict[str, highlights.Explanation]:
    found = search.search(Query.parse(typed))
    reasons = highlights.explain(found)
    return {hit.artwork.title: reasons[hit.artwork.artic_id] for hit in found.hits}


def marked(text: str, marks: highlights.Marks) -> list[str]:
    return [text[start:end] for start, end in marks]


def test_words_are_marked_whatever_their_form(museum):
    reasons = explain("red boat")
    assert marked("The Red Boats", reasons["The Red Boats"].title) == ["Red", "Boats"]
    passage = reasons["Blue"].passage
    assert marked(passage.text, passage.marks) == ["boat", "red"]
    assert passage.text == "A boat of Müller's, <b>red</b>."
    assert passage.source == "description"


def test_the_passage_is_the_nearest_one(museum):
    found = search.search(Query.parse("red boat"))
    hit = next(each for each in found.hits if each.artwork.title == "The Red Boats")
    passage = highlights.explain(found)[hit.artwork.artic_id].passage
    assert passage.cosine == pytest.approx(hit.channels["text"].value, abs=1e-6)
    assert passage.text in hit.artwork.descriptions.get().text


def test_without_vectors_the_text_with_the_words_is_quoted(db):
    work("Far", text="Nothing. " * 200 + "A goat on a hill. " + "Nothing. " * 200)
    passage = explain("goat")["Far"].passage
    assert passage.cosine is None
    assert "goat on a hill" in passage.text
    assert len(passage.text) < 500
    assert marked(passage.text, passage.marks) == ["goat"]


def test_a_work_without_texts_has_no_passage(db):
    work("Goat")
    reason = explain("goat")["Goat"]
    assert (reason.title, reason.passage) == ([(0, 4)], None)


def test_texts_that_are_not_approved_are_not_quoted(museum):
    work("Goat", text="A secret goat.").descriptions.update(is_approved=False)
    assert explain("goat")["Goat"].passage is None


def test_it_takes_one_query(museum, django_assert_num_queries):
    found = search.search(Query.parse("red boat"))
    with django_assert_num_queries(2):  # and the works themselves
        highlights.explain(found)


@pytest.mark.parametrize("typed", ['"', "' & | ! :* <->", "a:b", "\\", "\ue000", "or", "-boat red"])
def test_odd_words_are_no_error(museum, typed):
    explain(typed)


def test_the_api_says_it_unless_other_fields_are_named(client, museum):
    body = client.get("/api/search?q=red+boat").json()
    assert all("passage" in each["why"] for each in body["results"])
    assert "why" not in client.get("/api/search?q=boat&fields=title").json()["results"][0]
    lines = client.get("/api/search?q=boat&format=csv&fields=why").content.decode()
    assert "A boat of Müller's, <b>red</b>." in lines


def test_marks_are_read_from_text():
    assert highlights.parse_marked("a \ue000b\ue001 c\ue000d\ue001") == ("a b cd", [(2, 3), (5, 6)])
