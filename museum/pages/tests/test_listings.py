"""Pages of themes and artists, the sitemap, languages, and what programs read of a work."""

import json
import re

import pytest
from django.test import override_settings
from django.utils import timezone

from museum.models import Theme, ThemeWork
from museum.pages.iiif_manifest import manifest
from museum.pages.json_ld import linked_data
from testing.page_factories import work

pytestmark = pytest.mark.django_db


def page(client, path: str, status: int = 200, **headers) -> str:
    response = client.get(path, headers=headers)
    assert response.status_code == status
    return response.content.decode()


def theme(*works, **fields) -> Theme:
    fields = {"title": "Boats", "slug": "boats", "published_from": timezone.now(), **fields}
    made = Theme.objects.create(**fields)
    for position, each in enumerate(works):
        ThemeWork.objects.create(theme=made, artwork=each, position=position)
    return made


class TestThemes:
    def test_a_theme_shows_its_works_in_the_curators_order(self, client):
        first, second = work("First", size=(300, 200)), work("Second", size=(300, 200))
        theme(second, first, text="Boats of all kinds.", licence="CC0")
        html = page(client, "/themes/boats")
        assert html.index("Second") < html.index("First")
        assert "Boats of all kinds." in html
        assert "Text: CC0" in html

    def test_themes_are_listed_and_on_the_home_page(self, client):
        theme(work("First", size=(300, 200)), text="Boats of all kinds.")
        for path in ("/", "/themes"):
            assert 'href="/themes/boats"' in page(client, path)

    def test_a_draft_is_nowhere(self, client):
        theme(work("First"), published_from=None)
        assert "No themes have been published yet" in page(client, "/themes")
        page(client, "/themes/boats", status=404)
        assert "boats" not in page(client, "/")


class TestArtist:
    def test_works_stand_oldest_first(self, client):
        late = work("Late", artist="Ada Field", date_start=1900, date_end=1900)
        work("Early", artist="Ada Field", date_start=1800, date_end=1800)
        work("Other", artist="Someone Else")
        html = page(client, f"/artists/{late.artist_id}")
        assert html.index("Early") < html.index("Late")
        assert "Other" not in html
        assert "2 works" in html
        assert 'href="/search?artist=Ada%20Field"' in html

    def test_an_artist_without_a_visible_work_is_a_404(self, client):
        made = work("Hidden", artist="Ada Field", is_hidden=True)
        page(client, f"/artists/{made.artist_id}", status=404)

    def test_pages_are_turned_by_links(self, client):
        made = [work(f"Work {n:03}.", artist="Ada Field") for n in range(61)]
        path = f"/artists/{made[0].artist_id}"
        assert 'rel="next" href="?page=2"' in page(client, path)
        assert "Work 060." in page(client, f"{path}?page=2")


class TestSitemap:
    @override_settings(SITE_URL="https://museum.example")
    def test_it_names_what_may_be_read(self, client):
        shown, hidden = work("Shown"), work("Hidden", is_hidden=True)
        theme(shown)
        assert "/sitemap-works.xml" in page(client, "/sitemap.xml")
        works = page(client, "/sitemap-works.xml")
        assert f"<loc>https://museum.example/artworks/{shown.artic_id}</loc>" in works
        assert f"/artworks/{hidden.artic_id}<" not in works
        assert "<loc>https://museum.example/themes/boats<" in page(client, "/sitemap-themes.xml")
        assert "<loc>https://museum.example/about<" in page(client, "/sitemap-pages.xml")
        assert "Sitemap: https://museum.example/sitemap.xml" in page(client, "/robots.txt")


class TestLanguages:
    def test_the_browsers_language_is_taken(self, client):
        html = page(client, "/", **{"accept-language": "es-MX,es;q=0.9"})
        assert '<html lang="es">' in html
        assert "Describa una imagen" in html

    def test_any_other_is_english(self, client):
        assert '<html lang="en">' in page(client, "/", **{"accept-language": "fr"})

    def test_it_can_be_switched_and_comes_back_to_the_page(self, client):
        response = client.post("/language", {"language": "es", "next": "/search?q=boat"})
        assert response.url == "/search?q=boat"
        assert '<html lang="es">' in page(client, "/")

    def test_it_leads_to_no_other_site(self, client):
        response = client.post("/language", {"language": "es", "next": "https://evil.example/"})
        assert response.url == "/"

    def test_errors_speak_it_too(self, client):
        html = page(client, "/nothing", status=404, **{"accept-language": "es"})
        assert "Página no encontrada" in html

    def test_what_programs_read_is_the_same_in_all(self, client):
        page(client, "/", **{"accept-language": "es"})
        response = client.get("/api/search?limit=0", headers={"accept-language": "es"})
        assert "Enter a whole number" in response.content.decode()
        assert "Accept-Language" not in response.get("Vary", "")


class TestLinkedData:
    def test_it_says_what_is_known(self):
        made = work("Boat", size=(300, 200), artist="Ada Field", medium_display="Oil")
        said = json.loads(linked_data(made))
        assert (said["@type"], said["name"], said["artMedium"]) == ("VisualArtwork", "Boat", "Oil")
        assert said["creator"]["name"] == "Ada Field"
        assert "dateCreated" not in said

    def test_nothing_ends_its_element(self):
        made = work("</script><script>alert(1)</script><!--&")
        text = linked_data(made)
        assert not set(text) & set("<>&")
        assert json.loads(text)["name"] == made.title

    def test_the_policy_allows_it_by_its_nonce(self, client):
        response = client.get(work("Boat").get_absolute_url())
        nonce = re.search(r'ld\+json" nonce="([^"]+)"', response.content.decode())[1]
        assert f"'nonce-{nonce}'" in response["Content-Security-Policy"]
        assert "unsafe" not in response["Content-Security-Policy"]


class TestManifest:
    def test_each_work_with_a_picture_is_a_canvas(self):
        works = [work("Boat", size=(300, 200), is_public_domain=True), work("Bare")]
        said = manifest(
            works, "https://m.example/x", "Set", lambda path: f"https://m.example{path}"
        )
        assert (said["type"], said["id"], len(said["items"])) == (
            "Manifest", "https://m.example/x", 1,
        )  # fmt: skip
        canvas = said["items"][0]
        assert (canvas["width"], canvas["height"]) == (300, 200)
        assert canvas["rights"].startswith("https://creativecommons.org/publicdomain/")
        painting = canvas["items"][0]["items"][0]
        assert painting["motivation"] == "painting"
        assert painting["target"] == canvas["id"]
        assert painting["body"]["id"].startswith("https://m.example/iiif/2/")
        assert painting["body"]["service"][0]["type"] == "ImageService2"


def test_pages_are_sent_compressed_and_what_programs_read_is_not(client):
    accepts = {"accept-encoding": "gzip"}
    assert client.get("/", headers=accepts)["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in client.get("/sitemap.xml", headers=accepts)
    assert "Content-Encoding" not in client.get("/")
