"""A query in, one honest ranking out."""

import shutil

import numpy as np
import pytest
from django.db import connections

from museum.models import Artwork
from search import encoders, tasks
from search.embeddings import registry
from search.engine import errors, results, similar
from search.engine.search import search as run_search
from search.models import Embedding, EmbeddingModel
from search.query.query import Query
from testing.factories import picture, work


def search(typed: str, **page) -> results.Results:
    return run_search(Query.parse(typed, **page))


@pytest.fixture
def museum(tiny):
    """Nine works: pictures and texts, pictures alone, words alone; all embedded."""
    for n in range(4):
        work(f"Boat {n}", seed=n, text=f"A red boat on the sea. Sunset {n}.", artist="A Workshop")
    for n in range(4, 7):
        work(f"Field {n}", seed=n)
    work("Restricted Boat")
    work("Hidden Boat", seed=8, is_hidden=True)
    tasks.embed_artworks(list(Artwork.objects.values_list("pk", flat=True)))
    return tiny


def test_three_channels_are_fused_and_shown(museum):
    found = search("red boat")
    assert found.model == museum
    assert found.warnings == []
    assert found.count == 8
    assert set(found.hits[0].channels) == {"image", "text", "words"}
    assert found.hits[0].score == max(hit.score for hit in found.hits)
    assert 0 < found.seconds < 60


def test_picture_ranks_are_those_of_the_encoder(museum):
    vector = encoders.get_encoder(museum).encode_texts(["red boat"])[0]
    rows = Embedding.objects.filter(kind="image", artwork__is_hidden=False)
    stored = [(row.artwork.artic_id, np.array(row.vector) @ vector) for row in rows]
    expected = [artic_id for artic_id, _ in sorted(stored, key=lambda item: -item[1])]
    ranks = {
        hit.channels["image"].rank: hit.artwork.artic_id
        for hit in search("red boat").hits
        if "image" in hit.channels
    }
    assert [ranks[rank] for rank in sorted(ranks)] == expected


def test_the_distance_is_that_of_the_picture(museum):
    for hit in search("red boat").hits:
        if "image" in hit.channels:
            assert hit.distance == pytest.approx(1 - hit.channels["image"].value)


def test_a_work_without_vectors_is_found_by_its_words(museum):
    (hit,) = [h for h in search("boat").hits if h.artwork.title == "Restricted Boat"]
    assert set(hit.channels) == {"words"}
    assert hit.distance is None


def test_hidden_and_withdrawn_works_never_show(museum):
    Artwork.objects.filter(title="Boat 1").update(withdrawn_at="2026-01-01T00:00Z")
    titles = {hit.artwork.title for hit in search("boat", limit=100).hits}
    assert "Boat 0" in titles
    assert not titles & {"Hidden Boat", "Boat 1"}


def test_exclusions_and_phrases_hold_in_all_channels(museum):
    assert {h.artwork.title[:5] for h in search("boat -sunset").hits} == {"Field", "Restr"[:5]}
    assert {h.artwork.title for h in search('"red boat"').hits} == {f"Boat {n}" for n in range(4)}


def test_a_phrase_that_nothing_carries_is_explained(museum):
    found = search('"blue horse"')
    assert (found.count, found.hits) == (0, [])
    assert '"blue horse"' in found.warnings[0]


def test_pages_never_overlap_and_join_to_the_whole(museum):
    whole = [hit.artwork.artic_id for hit in search("red boat", limit=100).hits]
    pages = [search("red boat", limit=3, offset=offset) for offset in range(0, 12, 3)]
    assert [hit.artwork.artic_id for page in pages for hit in page.hits] == whole
    assert {page.count for page in pages} == {len(whole)}


def test_the_same_query_gives_the_same_answer(museum):
    first, second = search("sunset on the sea"), search("sunset on the sea")
    assert first.hits == second.hits


@pytest.mark.parametrize("typed", ["", "  \x00 ", '""', "-", "!?"])
def test_a_blank_query_is_answered_without_any_work(db, typed, django_assert_num_queries):
    with django_assert_num_queries(0):
        found = search(typed)
    assert (found.count, found.hits, found.model) == (0, [], None)


def test_a_query_of_exclusions_alone_says_what_is_missing(museum, django_assert_num_queries):
    with django_assert_num_queries(0):
        found = search("-people")
    assert found.count == 0
    assert "people" in found.warnings[0]


def test_query_counts_stay(museum, django_assert_num_queries):
    search("boat")
    # Model, what has changed, savepoint, pictures, passages, the words' stems, words, hashes and
    # names, release, and artworks.
    with django_assert_num_queries(10):
        for hit in search("red boat at sunset").hits:
            assert hit.artwork.artist is None or hit.artwork.artist.name
    # The works with the phrase are read once more.
    with django_assert_num_queries(11):
        assert search('red "red boat" -snow -"two horses"').hits
    # What was answered a moment ago: model, what has changed, artworks.
    with django_assert_num_queries(3):
        assert search('red "red boat" -snow -"two horses"').hits


def test_unknown_words_are_named(museum):
    found = search("red zeppelin")
    assert '"zeppelin"' in found.warnings[0]
    assert any("image" in hit.channels for hit in found.hits)


@pytest.mark.parametrize("typed", ["zeppelin", "女", "🐈"])
def test_words_that_are_all_unknown_are_no_reason_to_rank_pictures(museum, typed):
    found = search(typed)
    assert "match words only" in found.warnings[0]
    assert found.hits == []


def test_a_model_that_does_not_load_leaves_the_words(museum):
    EmbeddingModel.objects.update(checkpoint="/nowhere", name="lost")
    found = search("boat")
    assert "lost" in found.warnings[0]
    assert {tuple(hit.channels) for hit in found.hits} == {("words",)}


def test_vectors_of_other_weights_are_never_compared(museum):
    EmbeddingModel.objects.update(fingerprint="0" * 32)
    found = search("boat")
    assert found.warnings
    assert {tuple(hit.channels) for hit in found.hits} == {("words",)}


def test_without_an_active_model_words_answer(db):
    work("Boat")
    found = search("boat")
    assert found.model is None
    assert found.warnings
    assert [hit.artwork.title for hit in found.hits] == ["Boat"]


def test_similar_works_are_those_with_near_pictures(museum):
    one = Artwork.objects.get(title="Boat 0")
    vectors = {
        row.artwork: np.array(row.vector)
        for row in Embedding.objects.filter(kind="image").select_related("artwork")
    }
    near = sorted(
        (each for each in vectors if each != one and not each.is_hidden),
        key=lambda each: -float(np.dot(vectors[each], vectors[one])),
    )
    assert [hit.artwork for hit in similar.similar_pictures(one, limit=3)] == near[:3]
    assert similar.similar_pictures(Artwork.objects.get(title="Restricted Boat"), 3) == []


def test_a_database_that_is_down_is_an_outage_and_no_empty_answer(tiny, monkeypatch):
    from django.db import OperationalError

    def refuse(*_, **__):
        raise OperationalError("connection refused")

    # The fault a driver raises; a real server cannot be stopped under the other tests.
    with monkeypatch.context() as patch:
        patch.setattr(connections["default"], "cursor", refuse)
        with pytest.raises(errors.SearchUnavailableError):
            search("boat")


def test_new_weights_are_taken_by_the_next_embed(museum, checkpoint, tmp_path):
    from search.conftest import VOCABULARY
    from testing.tiny_clip import write_checkpoint

    folder = tmp_path / "upgraded"
    shutil.copytree(checkpoint, folder)
    EmbeddingModel.objects.update(checkpoint=str(folder))
    before = museum.fingerprint
    write_checkpoint(folder, words=VOCABULARY.split(), context_length=16, seed=5)
    one = Artwork.objects.get(title="Boat 0")
    done = tasks.embed_artworks([one.pk])
    assert done["embedded"] == 1
    museum.refresh_from_db()
    assert museum.fingerprint != before
    assert set(museum.embeddings.values_list("artwork", flat=True)) == {one.pk}
    assert registry.active() == museum
    assert picture(1) != picture(2)
