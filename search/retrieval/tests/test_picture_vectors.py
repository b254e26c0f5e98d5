"""Pictures that are sent, details of them, a colour, and how much each counts."""

import io

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from museum.models import Artwork
from search import encoders, tasks
from search.engine import search
from search.engine.tests.test_rerank import BLUE, RED
from search.models import EmbeddingModel
from search.query.picture_token import PictureToken
from search.query.query import Query, Weights
from search.retrieval import picture_vectors, query_vector
from testing.factories import picture, unit, work


@pytest.fixture
def museum(tiny):
    works = [work(f"Boat {n}", seed=n, palette=RED if n % 2 else BLUE) for n in range(6)]
    tasks.embed_artworks([each.pk for each in works])
    return tiny


def upload(data: bytes, name: str = "p.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "image/png")


def post(client, **given):
    return client.post("/api/search", given)


def ids(response) -> list[int]:
    assert response.status_code == 200, response.content
    return [each["id"] for each in response.json()["results"]]


@pytest.mark.parametrize("dimension", [8, 512])
def test_what_was_seen_survives_an_address(dimension):
    model = EmbeddingModel(name="m", fingerprint="ab" * 16, dimension=dimension)
    (vector,) = unit(np.random.default_rng(0), 1, dimension)
    token = PictureToken.from_vector(vector, model.fingerprint).token
    assert len(token) <= 8 + 4 * dimension / 3 + 8
    assert PictureToken.read(token).vector(model.fingerprint, model.dimension) @ vector > 0.9998
    other = EmbeddingModel(name="o", fingerprint="cd" * 16, dimension=dimension)
    assert PictureToken.read(token).vector(other.fingerprint, other.dimension) is None


@pytest.mark.parametrize("token", ["", "x", "!!!", "é", "AAAAAAAAAAA", "AAAAAAAAAAAAAAAA"])
def test_what_is_no_token_is_refused(token):
    with pytest.raises(ValueError, match="no token"):
        PictureToken.read(token)


def test_a_picture_finds_itself_and_its_token_finds_the_same(client, museum):
    response = post(client, image=upload(picture(3)))
    found = ids(response)
    assert found[0] == Artwork.objects.get(title="Boat 3").artic_id
    body = response.json()
    assert ids(client.get("/api/search", {"picture": body["picture"]})) == found


def test_pages_of_a_picture_go_on_by_get(client, museum):
    whole = ids(post(client, image=upload(picture(3))))
    first = post(client, image=upload(picture(3)), limit=4)
    second = client.get(first.json()["next"])
    assert ids(first) + ids(second) == whole
    assert second.json()["next"] is None


def test_a_box_is_a_detail_of_what_was_sent(client, museum):
    canvas = Image.new("RGB", (48, 24))
    canvas.paste(Image.open(io.BytesIO(picture(2))), (24, 0))
    file = io.BytesIO()
    canvas.save(file, "PNG")
    found = ids(post(client, image=upload(file.getvalue()), box="0.5,0,0.5,1"))
    assert found[0] == Artwork.objects.get(title="Boat 2").artic_id


def test_a_box_is_a_detail_of_a_work(museum):
    one = Artwork.objects.get(title="Boat 1")
    box = (0.0, 0.5, 0.5, 0.5)
    vector, warnings = query_vector.build_query_vector(
        Query.parse("", like=(one.artic_id,), box=box), museum
    )
    detail = picture_vectors.crop(Image.open(io.BytesIO(picture(1))), box)
    assert detail.size == (12, 12)
    (expected,) = encoders.get_encoder(museum).encode_images([detail])
    assert vector @ expected > 0.999
    assert warnings == []


@pytest.mark.parametrize("box", [(0, 0, 1, 1), (0.999, 0.999, 0.001, 0.001), (0.5, 0, 1e-9, 1)])
def test_a_detail_is_never_empty(box):
    assert min(picture_vectors.crop(Image.new("RGB", (3, 2)), box).size) >= 1


def test_words_and_pictures_count_by_their_weights(museum):
    like = Artwork.objects.get(title="Boat 0").artic_id
    query = Query.parse("red boat", like=(like,))
    text, _ = query_vector.build_query_vector(Query.parse("red boat"), museum)
    work_, _ = query_vector.build_query_vector(Query.parse("", like=(like,)), museum)
    for weight in (0.1, 1.0, 10.0):
        mixed, _ = query_vector.build_query_vector(
            Query.parse("red boat", like=(like,), weights=Weights(weight)), museum
        )
        expected = weight * text + work_
        np.testing.assert_allclose(mixed, expected / np.linalg.norm(expected), atol=1e-5)
    assert query.shares == {"text": 0.5, "vector": 1.0, "color": 0.0}


def test_a_colour_ranks_works_that_have_it(museum):
    found = search.search(Query.parse("", color="#ff0000"))
    assert {hit.artwork.title for hit in found.hits} == {"Boat 1", "Boat 3", "Boat 5"}
    assert found.count == 3
    assert {hit.relevance for hit in found.hits} == {"strong"}
    assert found.hits[0].channels["color"].value == pytest.approx(1.0, abs=0.01)


def test_a_colour_among_words_reorders_and_hides_nothing(museum):
    query = Query.parse("boat", color="#0000ff", weights=Weights(color=5.0))
    hits = search.search(query).hits
    assert len(hits) == 6
    assert {hit.artwork.title for hit in hits[:3]} == {"Boat 0", "Boat 2", "Boat 4"}


def test_a_picture_that_another_model_saw_is_said_so(museum):
    seen = PictureToken("00" * 8, bytes(range(1, museum.dimension + 1)))
    found = search.search(Query.parse("boat", picture=seen))
    assert "updated since you sent your picture" in found.warnings[0]
    assert found.hits


def test_hidden_works_lend_no_picture(museum):
    Artwork.objects.filter(title="Boat 1").update(is_hidden=True)
    hidden = Artwork.objects.get(title="Boat 1").artic_id
    for box in (None, (0.0, 0.0, 0.5, 0.5)):
        found = search.search(Query.parse("", like=(hidden,), box=box))
        assert found.hits == []
        assert str(hidden) in found.warnings[0]
