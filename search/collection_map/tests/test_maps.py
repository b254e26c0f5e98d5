"""The map of the collection: how it is made, and its page."""

import gzip
import io
import json

import numpy as np
import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from PIL import Image

from museum.models import Artwork
from search.collection_map import layout, render, storage
from search.collection_map.regions import Region, divide
from search.collection_map.storage import Atlas
from search.models import EmbeddingModel
from testing.factories import give_vector, vector_model, work


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


def blobs(each: int, dimension: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Three groups of vectors far from one another, and which group each belongs to."""
    chance = np.random.default_rng(0)
    belongs = np.repeat(np.arange(3), each)
    vectors = 6 * np.eye(3, dimension)[belongs] + chance.normal(size=(3 * each, dimension))
    return vectors.astype(np.float32), belongs


def purity(points: np.ndarray, belongs: np.ndarray) -> float:
    """The share of points whose nearest other point is of their own group."""
    away = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(away, np.inf)
    return float((belongs[away.argmin(axis=1)] == belongs).mean())


class TestLayout:
    def test_principal_components_keep_groups_together(self):
        vectors, belongs = blobs(40)
        points = layout.linear(vectors)
        assert purity(points, belongs) > 0.9
        assert points.min() >= 0
        assert points.max() <= 1

    def test_umap_keeps_groups_together(self):
        pytest.importorskip("umap", reason="umap-learn is an extra: pip install '.[map]'")
        vectors, belongs = blobs(20)
        assert purity(layout.umap(vectors), belongs) > 0.95

    @pytest.mark.parametrize("number", [1, 2, 5])
    def test_a_few_works_need_no_neighbours(self, number):
        points = layout.umap(blobs(2)[0][:number])
        assert points.shape == (number, 2)
        assert np.isfinite(points).all()


class TestRegions:
    def test_regions_are_named_by_what_sets_them_apart_each_otherwise(self):
        points = np.repeat([[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]], 20, axis=0)
        points += np.random.default_rng(0).normal(size=points.shape) / 100
        terms = [["sea", "Print"]] * 20 + [["snow", "Print"]] * 20 + [["Print"]] * 20
        regions, belongs = divide(points, terms)
        assert {region.name for region in regions} == {"sea", "snow", "Print"}
        by_name = {region.name: place for place, region in enumerate(regions)}
        assert (belongs[:20] == by_name["sea"]).all()
        assert regions[by_name["snow"]].works == 20
        assert abs(regions[by_name["snow"]].x - 0.9) < 0.02


def made(number: int = 40) -> Atlas:
    chance = np.random.default_rng(0)
    return Atlas(
        chance.permutation(number) + 2**40,
        chance.random((number, 2)).astype(np.float32),
        chance.integers(0, 256, (number, 3)).astype(np.uint8),
        chance.integers(0, 3, number).astype(np.uint8),
        (Region("sea", 0.5, 0.5, 0.1, number),),
    )


class TestAtlas:
    def test_what_is_written_is_read(self):
        one = made()
        read = Atlas.decode(one.encode(), one.regions)
        assert (read.ids == one.ids).all()
        assert (read.colours == one.colours).all()
        assert (read.belongs == one.belongs).all()
        assert np.abs(read.points - one.points).max() < 1e-5

    def test_a_picture_lights_what_was_found(self):
        one = made()
        plain = Image.open(io.BytesIO(render.draw(one, []))).convert("RGB")
        lit = Image.open(io.BytesIO(render.draw(one, [int(one.ids[3])]))).convert("RGB")
        place = tuple((one.points[3] * (render.SIDE - 1)).astype(int).tolist())
        assert np.abs(np.subtract(lit.getpixel(place), render.LIT)).max() < 30
        assert np.asarray(lit).mean() < np.asarray(plain).mean()


@pytest.fixture
def model(db) -> EmbeddingModel:
    return vector_model(state="active", fingerprint="f" * 32)


@pytest.fixture
def drawn(model) -> list[Artwork]:
    works = [
        work(f"Boat {n}", seed=n, subject_titles=["boat" if n % 3 else "snow"]) for n in range(12)
    ]
    for each, vector in zip(works, blobs(4)[0], strict=True):
        give_vector(each, model, vector)
    call_command("map", linear=True)
    return works


def page(client, path="/map", status=200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


class TestCommand:
    def test_without_vectors_it_says_what_to_run(self, model):
        with pytest.raises(CommandError, match="embed"):
            call_command("map", linear=True)

    def test_it_says_what_it_made(self, drawn, capsys):
        call_command("map", linear=True, json=True)
        assert json.loads(capsys.readouterr().out.splitlines()[-1])["works"] == 12

    def test_hidden_works_are_not_on_it(self, drawn, model):
        Artwork.objects.filter(pk=drawn[0].pk).update(is_hidden=True)
        call_command("map", linear=True)
        assert drawn[0].artic_id not in storage.of(model).atlas().ids


class TestPage:
    def test_without_a_map_it_says_so(self, client, model):
        assert "There is no map yet" in page(client)

    def test_it_needs_no_scripts(self, client, drawn, model):
        html = page(client)
        sheet = storage.of(model)
        assert f'href="/map/picture/{sheet.digest}"' in html
        assert html.count("?region=") == len(sheet.regions) == 3
        served = client.get(f"/map/picture/{sheet.digest}?lit={drawn[0].artic_id}&region=1")
        assert Image.open(io.BytesIO(served.content)).size == (render.SIDE, render.SIDE)

    def test_a_region_shows_its_works(self, client, drawn):
        html = page(client, "/map?region=0")
        assert "At the centre of this region" in html
        assert 'data-work="' in html

    def test_what_a_search_finds_is_lit_and_the_search_is_kept(self, client, drawn):
        html = page(client, "/map?q=%22Boat+3%22")
        assert f'data-lit="{drawn[3].artic_id}"' in html
        assert "1 work is highlighted." in html
        assert "q=%22Boat+3%22&amp;region=0" in html

    @pytest.mark.parametrize(
        ("path", "status"),
        [("/map?region=9", 404), ("/map?region=x", 404), ("/map?year_from=x", 400)],
    )
    def test_what_cannot_be_shown_is_said(self, client, drawn, path, status):
        page(client, path, status)

    def test_points_are_sent_as_they_are_kept(self, client, drawn, model):
        address = f"/map/points/{storage.of(model).digest}"
        packed = client.get(address, headers={"accept-encoding": "gzip"})
        plain = client.get(address)
        assert packed["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.content) == plain.content
        ids = Atlas.decode(plain.content).ids.tolist()
        assert sorted(ids) == [each.artic_id for each in drawn]
        assert client.get("/map/points/none").status_code == 404

    def test_cards_are_of_visible_works_alone(self, client, drawn):
        Artwork.objects.filter(pk=drawn[0].pk).update(is_hidden=True)
        ids = f"{drawn[0].artic_id},{drawn[1].artic_id}"
        said = client.get(f"/map/works?works={ids}").json()["works"]
        assert [each["title"] for each in said] == ["Boat 1"]
        assert said[0]["address"] == drawn[1].get_absolute_url()
        assert client.get("/map/works?works=x").status_code == 400
