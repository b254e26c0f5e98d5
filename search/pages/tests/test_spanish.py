"""Pages in Spanish say nothing in English, but for what is English itself."""

import re
from html.parser import HTMLParser

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from search.pages.tests.test_html import paths  # noqa: F401 - a fixture
from testing.factories import work

pytestmark = pytest.mark.django_db

# What no Spanish sentence holds and hardly an English one lacks.
ENGLISH = re.compile(
    r"\b(the|and|of|this|these|that|with|without|is|are|was|to|by|for|not|from|or|it|its|as|at|"
    r"give|all|your|you|can|cannot|which|what|has|have|works?(?!=)|search|picture|page|only)\b",
    re.IGNORECASE,
)
SAID = {"alt", "aria-label", "placeholder", "title", "content"}
CODE = {"script", "style", "code", "cite"}
VOID = {"meta", "link", "img", "input", "br", "hr", "rect", "image"}


class Spanish(HTMLParser):
    """Gathers what a page says in Spanish: its texts, and what its attributes say."""

    def __init__(self, html):
        super().__init__()
        self.inside, self.said = [], []
        self.feed(html)

    def handle_starttag(self, tag, given):
        attributes = dict(given)
        before = self.inside[-1][1] if self.inside else "es"
        language = attributes.get("lang", before)
        if tag not in VOID:
            self.inside.append((tag, "code" if tag in CODE else language))
        if language == "es":
            self.said += [
                value
                for name, value in given
                if name in SAID or (name.startswith("data-") and " " in (value or ""))
            ]

    def handle_startendtag(self, tag, given):
        self.handle_starttag(tag, given)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop()[0] != tag:
            pass

    def handle_data(self, text):
        if self.inside and self.inside[-1][1] == "es":
            self.said.append(text)


def english(html: str) -> list[str]:
    assert '<html lang="es">' in html
    return [" ".join(each.split()) for each in Spanish(html).said if ENGLISH.search(each)]


def in_spanish(client, address: str):
    return client.get(address, headers={"accept-language": "es"})


def test_english_would_be_noticed():
    page = '<html lang="es"><p>Obras <b>of the sea</b></p><p lang="en">of the</p></html>'
    assert english(page) == ["of the sea"]


def test_no_page_has_an_english_sentence(client, paths):
    asked = {path: status for path, status in paths.items() if "people" not in path}
    for path, status in asked.items():
        response = in_spanish(client, path)
        assert response.status_code == status, path
        assert english(response.content.decode()) == [], path


WRONG = {
    "limit": ["limit=x"],
    "offset": ["offset=-1"],
    "sort": ["sort=x"],
    "min_relevance": ["min_relevance=x"],
    "dedupe": ["dedupe=x"],
    "like": ["like=x", "&".join(f"like={n}" for n in range(21))],
    "type": ["type=" + "x" * 501, "&".join(f"type={n}" for n in range(21))],
    "colour": ["colour=x"],
    "box": ["box=9", "box=0,0,1,1"],
    "w_text": ["w_text=0"],
    "year_from": ["year_from=x"],
    "year_to": ["year_from=3&year_to=2"],
    "cursor": ["cursor=x"],
    "picture": ["picture=x"],
    "q": ["q=" + "x" * 501, "q=a%00b"],
}


def test_what_is_wrong_with_a_search_is_said_in_spanish(client):
    for name, asked in WRONG.items():
        for each in asked:
            response = in_spanish(client, f"/search?{each}")
            assert response.status_code == 400, each
            html = response.content.decode()
            assert f"<code>{name}</code>" in html, each
            assert english(html) == [], each


def test_what_is_wrong_with_a_picture_is_said_in_spanish(client):
    for data in (b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<!doctype html>"):
        sent = SimpleUploadedFile("p.png", data)
        response = client.post("/search", {"image": sent}, headers={"accept-language": "es"})
        assert english(response.content.decode()) == []


def test_an_answer_kept_for_an_english_visitor_warns_a_spanish_one_in_spanish(client):
    work("Boat")
    asked = "/search?q=%22mizzen+mast%22"
    assert "contains exactly" in client.get(asked).content.decode()
    html = in_spanish(client, asked).content.decode()
    assert "contiene exactamente" in html
    assert english(html) == []


def test_programs_are_warned_in_english_whatever_they_accept(client):
    work("Boat")
    in_spanish(client, "/search?q=%22mizzen+mast%22")
    body = in_spanish(client, "/api/search?q=%22mizzen+mast%22").json()
    assert "contains exactly" in body["warnings"][-1]
