"""The results page, the page of a work, and `/readyz`."""

import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, OperationalError, connection
from django.http import QueryDict
from django.test import override_settings

from museum.models import Artwork, Description, ImageStatus
from search import tasks
from search.curation import store
from search.curation.rules import Rule, Rules
from search.embeddings import registry
from search.engine import errors, search, similar
from search.engine.results import Results
from search.pages.pagination import Pages
from search.pages.results import PAGE_SIZE
from search.query import cursor
from search.query.query import Query
from testing import factories

pytestmark = pytest.mark.django_db
XSS = '"><script>alert(1)</script>'


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


def work(title="Red boat", **fields) -> Artwork:
    fields = {"image_width": 300, "image_height": 200, **fields}
    return factories.work(title, **fields)


def page(client, path, status=200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


def reasons(html: str) -> list[str]:
    _, _, after = html.partition('class="reasons"')
    found = re.findall("(?s)<li>(.*?)</li>", after.partition("</section>")[0])
    return [" ".join(each.split()) for each in found]


def boats(number: int) -> None:
    for each in range(number):
        work(f"Boat {each:03}", artist=f"Maker {each}", alt_text="A boat on the sea.", seed=each)


def links(html: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'<h3>\s*<a href="([^"]+)"', html)]


class TestResults:
    def test_a_work_found_has_title_artist_date_and_reason(self, client):
        work("Red boat", artist="Ada Field", date_display="1901", seed=1)
        html = page(client, "/search?q=boat")
        text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
        assert "Red boat Ada Field, 1901 Matched by words" in text
        assert re.search(r"1 work, best matches first(?! ·)", text)

    def test_each_channel_is_named_as_a_visitor_would(self, client, tiny):
        made = work("Red boat", seed=1)
        vector = registry.refresh(tiny).encode_texts(["red boat"])[0]
        factories.give_vector(made, tiny, vector)
        text = re.sub(r"\s+", " ", page(client, "/search?q=red+boat"))
        assert "Matched by picture, words" in text

    def test_levels_of_relevance_are_sections(self, client):
        work("Red boat at sea")
        for word in ("boat", "sea"):
            work(f"A {word} alone")
        work("Red")
        html = page(client, "/search?q=red+boat+at+sea")
        headings = re.findall(r'<h2 id="level[^>]*>([^<]+)</h2>', html)
        assert headings[0] == "Strong matches"
        assert "Weak matches" in headings or "Related works" in headings
        assert html.index("Red boat at sea") < html.index(headings[1]) < html.index("A boat alone")

    def test_works_that_all_match_have_no_headings(self, client):
        work("Red boat")
        assert "Strong matches" not in page(client, "/search?q=boat")

    def test_works_like_a_work_need_no_words(self, client, tiny):
        one, other = work("One", seed=1), work("Other", seed=2)
        tasks.embed_artworks([one.pk, other.pk])
        html = page(client, f"/search?like={one.artic_id}")
        assert links(html)[0].startswith(other.get_absolute_url())

    def test_a_work_without_a_public_picture_is_a_plain_card(self, client):
        work("Lent boat", image_status=ImageStatus.RESTRICTED)
        html = page(client, "/search?q=boat")
        assert "No public picture" in html
        assert "<img" not in html

    def test_an_empty_query_asks_for_one(self, client, django_assert_num_queries):
        work()
        with django_assert_num_queries(3):  # the label of the collection, and searches to try
            html = page(client, "/search?q=+")
        assert "What should the picture show?" in html
        assert "No works match" not in html

    def test_leaving_out_alone_is_explained(self, client):
        assert "Add what to look for" in page(client, "/search?q=-boat")

    def test_no_match_says_so_and_what_to_try(self, client):
        assert "No works match your search" in page(client, "/search?q=submarine")

    def test_warnings_are_shown(self, client):
        work()
        assert "match words only" in page(client, "/search?q=boat")

    @pytest.mark.parametrize(
        ("parameters", "name", "mend"),
        [
            ("q=boat&limit=many", "limit", "from 1 to 100"),
            ("q=boat&limit=1000", "limit", "from 1 to 100"),
            ("q=boat&offset=-1", "offset", "0 or more"),
            ("q=" + "x" * 501, "q", "at most 500"),
            ("q=a%00b", "q", "Null"),
        ],
    )
    def test_an_invalid_parameter_is_a_400_that_names_it(self, client, parameters, name, mend):
        html = page(client, f"/search?{parameters}", status=400)
        assert f"<code>{name}</code>" in html
        assert mend in html

    def test_an_outage_is_a_503_that_keeps_the_query(self, client, monkeypatch):
        def lost(query):
            raise errors.SearchUnavailableError("gone")

        monkeypatch.setattr(search, "search", lost)
        html = page(client, "/search?q=red+%22boat", status=503)
        assert "temporarily unavailable" in html
        assert 'value="red &quot;boat"' in html
        assert "No works match" not in html

    def test_a_database_lost_within_the_page_is_a_503_too(self, client, monkeypatch):
        def lost(works):
            raise OperationalError("gone")

        monkeypatch.setattr("museum.pages.descriptions.load_alt_texts", lost)
        page(client, "/search?q=boat", status=503)

    def test_an_outage_of_the_api_is_a_problem_document(self, rf):
        from museum.core.http.outage import OutageMiddleware

        middleware = OutageMiddleware(lambda request: None)
        response = middleware.process_exception(rf.get("/api/search"), OperationalError())
        assert response["Content-Type"] == "application/problem+json"

    def test_what_was_typed_and_titles_are_escaped(self, client):
        work(f"Boat {XSS}", artist=XSS, date_display=XSS, alt_text=XSS, seed=1)
        html = page(
            client, "/search?" + QueryDict(mutable=True).urlencode() + "q=boat+%22%3E%3Cscript%3E"
        )
        assert "Boat &quot;&gt;&lt;script&gt;" in html
        assert "<script>alert" not in html

    @pytest.mark.parametrize("number", [1, 25])
    def test_the_number_of_queries_does_not_grow_with_the_works(
        self, client, number, django_assert_num_queries
    ):
        boats(number)
        # Accession number, experiment, active model, what has changed, savepoint, stems, words,
        # hashes and names, release, works, alternative texts, what has changed, counts beside the
        # works, passages; and the label of the collection, which takes two. The answer, counts and
        # label are kept.
        with django_assert_num_queries(16):
            page(client, "/search?q=boat")
        with django_assert_num_queries(8):
            page(client, "/search?q=boat")

    def test_it_may_not_be_indexed(self, client):
        assert '<meta name="robots" content="noindex">' in page(client, "/search?q=boat")

    def test_a_picture_comes_by_post_and_leads_to_an_address(self, client, tiny):
        made = [work(f"Work {n}", seed=n) for n in range(4)]
        tasks.embed_artworks([each.pk for each in made])
        sent = SimpleUploadedFile("p.png", factories.picture(2), "image/png")
        response = client.post("/search", {"q": "", "image": sent})
        assert response.status_code == 303
        assert "csrftoken" not in response.cookies
        assert links(page(client, response["Location"]))[0].startswith(made[2].get_absolute_url())

    def test_what_is_sent_and_no_picture_is_named(self, client, db):
        sent = SimpleUploadedFile("p.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
        response = client.post("/search", {"image": sent})
        assert response.status_code == 400
        assert "This picture cannot be used" in response.content.decode()

    def test_a_picture_without_a_model_is_an_outage(self, client, db):
        sent = SimpleUploadedFile("p.png", factories.picture(2), "image/png")
        assert client.post("/search", {"image": sent}).status_code == 503

    def test_words_sent_by_post_lead_to_their_address(self, client, db):
        response = client.post("/search", {"q": "boat & sea", "utm": "x"})
        assert (response.status_code, response["Location"]) == (303, "/search?q=boat+%26+sea")


class TestPages:
    def test_every_work_is_on_exactly_one_page(self, client):
        boats(2 * PAGE_SIZE + 3)
        seen, address, pages = [], "/search?q=boat", 0
        while address:
            html = page(client, address)
            seen += [link.split("?")[0] for link in links(html)]
            following = re.search(r'<a rel="next" href="([^"]+)"', html)
            address = unescape(following[1]) if following else ""
            pages += 1
        assert pages == 3
        assert len(seen) == len(set(seen)) == 2 * PAGE_SIZE + 3

    def test_works_that_come_in_between_pages_repeat_none_and_lose_none(self, client):
        boats(12)
        seen, address = [], "/search?q=boat&limit=5"
        while address:
            html = unescape(page(client, address))
            seen += [link.split("?")[0] for link in links(html)]
            assert 'rel="prev"' in html or address == "/search?q=boat&limit=5"
            assert not [link for link in links(html) if "cursor" in link]
            following = re.search(r'<a rel="next" href="([^"]+)"', html)
            address = following[1] if following else ""
            if len(seen) < 12:
                work("Boat", seed=99)  # the best match of all
        assert len(seen) == len(set(seen)) >= 12

    def test_a_work_opened_from_a_later_page_leads_back_to_its_place(self, client):
        boats(9)
        following = re.search(r'rel="next" href="([^"]+)"', page(client, "/search?q=boat&limit=4"))
        link = links(page(client, unescape(following[1])))[0]
        assert link.endswith("?q=boat&limit=4&offset=4")
        assert 'href="/search?q=boat&limit=4&offset=4">Back to' in unescape(page(client, link))

    def test_a_page_after_those_of_a_model_that_is_gone_begins_at_its_place(self, client):
        boats(9)
        gone = cursor.Cursor("ab" * 8, Query.parse("boat").digest, (1, 2, 3, 4))
        response = client.get(f"/search?q=boat&limit=4&cursor={gone.token}")
        assert (response.status_code, response["Location"]) == (
            302,
            "/search?q=boat&limit=4&offset=4",
        )

    def test_the_address_keeps_the_whole_search_and_nothing_else(self, client):
        boats(5)
        html = unescape(page(client, "/search?q=boat+%26+sea&limit=2&offset=2&utm=x"))
        assert 'rel="next" href="/search?q=boat+%26+sea&limit=2&offset=4"' in html
        assert 'rel="prev" href="/search?q=boat+%26+sea&limit=2"' in html
        assert "3\u20134 of 5 works" in " ".join(html.split())
        assert "utm=" not in html.partition("<footer")[0]

    def test_beyond_the_last_page_the_way_back_is_shown(self, client):
        boats(5)
        html = unescape(page(client, "/search?q=boat&limit=2&offset=400"))
        assert "There are no more works. Your search found 5." in html
        assert 'rel="prev" href="/search?q=boat&limit=2&offset=3"' in html

    def test_a_first_and_only_page_has_no_neighbours(self):
        pages = Pages(Results(Query.parse("boat"), count=3), QueryDict("q=boat"))
        assert (pages.previous, pages.next) == ("", "")


class TestArtwork:
    def test_it_shows_picture_facts_and_texts(self, client):
        made = work(
            "Red boat",
            seed=1,
            artist="Ada Field",
            date_display="1901",
            medium_display="Oil on canvas",
            text="A boat lies\n\nat anchor.",
            alt_text="A red boat.",
        )
        html = page(client, made.get_absolute_url())
        assert "<h1>Red boat</h1>" in html
        assert 'alt="A red boat."' in html
        assert "<dt>Medium</dt>" in html
        assert "<p>at anchor.</p>" in html
        assert html.count("A red boat.") == 2  # the picture and its link preview

    def test_a_text_is_credited_and_in_its_language(self, client):
        made = work()
        Description.objects.create(
            artwork=made, source="description", text="Un bateau.", language="fr",
            html="<p>Un <em>bateau</em>.</p>", licence="CC-BY 4.0, Art Institute of Chicago",
        )  # fmt: skip
        html = page(client, made.get_absolute_url())
        assert '<div lang="fr"><p>Un <em>bateau</em>.</p></div>' in html
        assert "Text: CC-BY 4.0, Art Institute of Chicago" in html

    def test_it_says_why_the_search_before_found_it(self, client, tiny):
        made = [work(f"Boat {n}", seed=n, text="A red boat at sea.") for n in range(3)]
        tasks.embed_artworks([each.pk for each in made])
        plain = made[0].get_absolute_url()
        assert "Why this work was found" not in page(client, plain)
        said = reasons(page(client, f"{plain}?q=red+boat"))
        assert said[:4] == [
            "The picture matches your search.",
            "The description matches your search.",
            "The record contains words from your search.",
            "Words from your search: boat, red",
        ]
        assert re.fullmatch(r"picture: rank [123], cosine similarity -?0[.]\d+", said[4])
        assert re.fullmatch(r"description: rank [123], cosine similarity -?0[.]\d+", said[5])
        assert re.fullmatch(r"words: rank [123]", said[6])
        # Of a search that does not find it, or cannot be read, nothing is said.
        for parameters in ("q=boat&year_from=1700&year_to=1701", "limit=x&q=boat", "limit=4"):
            assert "Why this work was found" not in page(client, f"{plain}?{parameters}")

    def test_a_work_that_a_curator_chose_says_so(self, client, monkeypatch):
        made, rules = work("A field"), Rules()
        rule = Rule((made.artic_id,), (), "")
        rules = replace(rules, queries={"boat": rule})
        monkeypatch.setattr(store, "current", lambda: rules)
        html = page(client, f"{made.get_absolute_url()}?q=boat")
        assert reasons(html)[0] == "A curator chose this work for your search."

    def test_unapproved_texts_are_not_shown(self, client):
        made = work(text="A secret.")
        made.descriptions.update(is_approved=False)
        assert "A secret." not in page(client, made.get_absolute_url())

    def test_a_curators_text_comes_first_and_the_long_one_replaces_the_short(self, client):
        made = work(text="Long text.")
        Description.objects.create(artwork=made, source="short_description", text="Short text.")
        Description.objects.create(artwork=made, source="curator", text="Curator's text.")
        html = unescape(page(client, made.get_absolute_url()))
        assert html.index("<p>Curator's text.</p>") < html.index("<p>Long text.</p>")
        assert "<p>Short text.</p>" not in html

    def test_a_model_s_text_says_so(self, client):
        made = work()
        Description.objects.create(artwork=made, source="generated", text="A boat.")
        assert "Written by AI." in page(client, made.get_absolute_url())

    def test_a_picture_without_a_text_does_not_repeat_the_title(self, client):
        html = page(client, work("Red boat", seed=1).get_absolute_url())
        assert 'alt="Red boat"' not in html
        assert "not yet described" in html

    def test_a_generated_work_says_so(self, client):
        assert "generated by a computer program" in page(client, work().get_absolute_url())
        cache.clear()
        Artwork.objects.all().delete()
        assert "generated" not in page(client, work(is_generated=False).get_absolute_url())

    @override_settings(SITE_URL="https://museum.example")
    def test_it_can_be_shared(self, client):
        made = work("A & B", seed=1, text="A boat lies at anchor.")
        html = page(client, made.get_absolute_url() + "?q=boat")
        address = f"https://museum.example/artworks/{made.artic_id}"
        picture = f"https://museum.example/iiif/2/{made.image_sha256}/full/400,/0/default.jpg"
        assert f'<link rel="canonical" href="{address}">' in html
        assert f'<meta property="og:url" content="{address}">' in html
        assert '<meta property="og:title" content="A &amp; B">' in html
        assert f'<meta property="og:image" content="{picture}">' in html
        assert '<meta name="description" content="A boat lies at anchor." lang="en">' in html
        assert "<title>A &amp; B · Ekphrasis</title>" in html

    def test_a_picture_of_another_host_is_shared_as_it_is(self, client):
        made = work(iiif_url="https://www.artic.edu/iiif/2", image_id="x", image_status="pending")
        html = page(client, made.get_absolute_url())
        assert 'og:image" content="https://www.artic.edu/iiif/2/x/full/200,' in html

    def test_it_links_back_to_the_results_it_was_found_in(self, client):
        boats(5)
        link = links(page(client, "/search?q=boat+x&limit=2&offset=2"))[0]
        html = unescape(page(client, link))
        assert 'href="/search?q=boat+x&limit=2&offset=2">Back to “boat x”</a>' in html

    def test_without_a_search_there_is_no_way_back(self, client):
        assert "Back to" not in page(client, work().get_absolute_url())

    def test_similar_works_are_shown(self, client):
        model = registry.activate(factories.vector_model())
        vectors = factories.unit(np.random.default_rng(0), 3)
        made = [work(f"Work {each}", seed=each) for each in range(3)]
        for each, vector in zip(made, vectors, strict=True):
            factories.give_vector(each, model, vector)
        html = page(client, made[0].get_absolute_url())
        assert "Works that look similar" in html
        assert sorted(links(html)) == sorted(each.get_absolute_url() for each in made[1:])

    def test_the_number_of_queries_is_small(self, client, django_assert_num_queries):
        model = registry.activate(factories.vector_model())
        vectors = factories.unit(np.random.default_rng(0), 12)
        made = [work(f"Work {each}", seed=each, artist=f"A {each}") for each in range(12)]
        for each, vector in zip(made, vectors, strict=True):
            factories.give_vector(each, model, vector)
        # Work, model (looked at, then read), its vector, savepoint, index, nearest, works, release;
        # its vector again, and savepoint, nearest, rest and release of those by the same artist;
        # model, and no passages; alternative texts, descriptions, label of the collection twice.
        with django_assert_num_queries(21):
            page(client, made[0].get_absolute_url())

    def test_similar_works_that_cannot_be_had_leave_the_page_standing(self, client, monkeypatch):
        def lost(*_):
            raise errors.SearchUnavailableError("gone")

        monkeypatch.setattr(similar, "similar_pictures", lost)
        html = page(client, work("Red boat").get_absolute_url())
        assert "Similar works are unavailable right now" in html

    @pytest.mark.parametrize("hidden", [{"is_hidden": True}, {"withdrawn_at": "2026-01-01T00:00Z"}])
    def test_what_may_not_be_seen_is_a_404(self, client, hidden):
        page(client, work(**hidden).get_absolute_url(), status=404)

    @pytest.mark.parametrize("number", ["0", "9" * 30, "abc", "-1"])
    def test_an_unknown_id_is_a_404(self, client, number):
        page(client, f"/artworks/{number}", status=404)

    def test_everything_in_a_record_is_escaped(self, client):
        made = work(XSS, seed=1, text=XSS, alt_text=XSS, medium_display=XSS, subject_titles=[XSS])
        html = page(client, made.get_absolute_url() + "?q=%22%3E%3Cscript%3E")
        assert "<script>alert" not in html


class TestReady:
    def test_a_site_that_can_search_is_ready(self, client):
        registry.activate(factories.vector_model())
        response = client.get("/readyz")
        checks = {"database": "ok", "migrations": "ok", "model": "ok"}
        assert response.json() == {"ready": True, "checks": checks}
        assert "no-store" in response["Cache-Control"]

    def test_without_a_model_it_is_not_ready_and_says_the_mend(self, client):
        response = client.get("/readyz")
        assert response.status_code == 503
        assert "run manage.py embed" in response.json()["checks"]["model"]

    def test_without_a_database_it_is_not_ready(self, client, monkeypatch):
        def lost(*args):
            raise DatabaseError("gone")

        monkeypatch.setattr(connection, "cursor", lost)
        response = client.get("/readyz")
        assert response.status_code == 503
        assert response.json()["checks"] == {"database": "the database does not answer"}

    @override_settings(SECURE_SSL_REDIRECT=True)
    def test_a_probe_may_speak_plain_http(self, client):
        assert client.get("/readyz").status_code == 503
