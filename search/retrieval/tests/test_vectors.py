"""Each channel ranks as the plain formula or the plain reading says."""

import numpy as np
import pytest
from django.db import connection, transaction

from museum.models import Artwork, Description
from search.embeddings import hnsw_index
from search.models import Embedding
from search.query.query import Query
from search.ranking import tuning
from search.ranking.matches import Ranked
from search.retrieval import candidates, full_text, term_statistics, vectors
from search.retrieval.candidates import Scope
from testing.factories import give_vector, unit, vector_model, work

IMAGE, TEXT = Embedding.Kind.IMAGE, Embedding.Kind.TEXT


def words(typed: str) -> list[str]:
    query = Query.parse(typed)
    found = full_text.rank_by_words(query, candidates.candidates(query))
    titles = dict(Artwork.objects.values_list("artic_id", "title"))
    return [titles[match.artic_id] for match in found]


def plain_cosines(query: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return rows @ query / np.linalg.norm(rows, axis=1) / np.linalg.norm(query)


# --- Vectors --------------------------------------------------------------------------------------
def test_pictures_are_ranked_as_numpy_ranks_them(db):
    rng = np.random.default_rng(1)
    rows, model = unit(rng, 60), vector_model()
    works = [work() for _ in rows]
    for each, vector in zip(works, rows, strict=True):
        give_vector(each, model, vector)
    query = unit(rng, 1)[0]
    found = vectors.rank_by_vector(model, IMAGE, query, Artwork.objects.visible())
    cosines = plain_cosines(query, rows)
    order = np.argsort(-cosines, kind="stable")
    assert [match.artic_id for match in found] == [works[i].artic_id for i in order]
    np.testing.assert_allclose([match.value for match in found], cosines[order], atol=1e-3)


def test_a_work_counts_by_its_best_passage(db):
    rng = np.random.default_rng(2)
    model = vector_model()
    works = [work(text="A text.") for _ in range(25)]
    best = []
    query = unit(rng, 1)[0]
    for each in works:
        rows = unit(rng, 4)
        for vector in rows:
            give_vector(each, model, vector, text=each.descriptions.get())
        best.append(plain_cosines(query, rows).max())
    found = vectors.rank_by_vector(model, TEXT, query, Artwork.objects.visible())
    assert [m.artic_id for m in found] == [works[i].artic_id for i in np.argsort(-np.array(best))]
    np.testing.assert_allclose([m.value for m in found], sorted(best, reverse=True), atol=1e-3)


def test_only_vectors_of_the_model_and_kind_are_compared(db):
    near, far = unit(np.random.default_rng(3), 2)
    model, other = vector_model(), vector_model("other", dimension=3)
    one, two = work(text="A text."), work()
    give_vector(one, model, near, text=one.descriptions.get())
    give_vector(two, other, np.ones(3))
    give_vector(two, model, far)
    found = vectors.rank_by_vector(model, IMAGE, near, Artwork.objects.visible())
    assert [match.artic_id for match in found] == [two.artic_id]


def test_passages_of_a_text_without_approval_are_not_compared(db):
    (vector,) = unit(np.random.default_rng(4), 1)
    model, one = vector_model(), work(text="A text.")
    give_vector(one, model, vector, text=one.descriptions.get())
    Description.objects.update(is_approved=False)
    assert vectors.rank_by_vector(model, TEXT, vector, Artwork.objects.visible()) == []


def test_equal_distances_are_in_order_of_ids(db):
    (vector,) = unit(np.random.default_rng(5), 1)
    model = vector_model()
    for artic_id in (905, 901, 903):
        give_vector(work(artic_id=artic_id), model, vector)
    found = vectors.rank_by_vector(model, IMAGE, vector, Artwork.objects.visible())
    assert [match.artic_id for match in found] == [901, 903, 905]


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_a_large_collection_is_searched_through_its_index(monkeypatch):
    monkeypatch.setattr(tuning, "EXACT_SCAN_ROWS", 100)
    rng = np.random.default_rng(6)
    rows, model = unit(rng, 3000), vector_model()
    works = Artwork.objects.bulk_create(
        Artwork(artic_id=n, title="x", record_hash="-", is_hidden=n % 7 == 0)
        for n in range(1, 3001)
    )
    Embedding.objects.bulk_create(
        Embedding(artwork=w, model=model, kind=IMAGE, source_hash="-", vector=v.tolist())
        for w, v in zip(works, rows, strict=True)
    )
    hnsw_index.ensure(model)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE search_embedding, museum_artwork")
    query = unit(rng, 1)[0]
    shown = Artwork.objects.visible()
    statement, params = vectors.nearest_sql(
        model, IMAGE, query, Scope(shown), limit=10, use_index=True
    )
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + statement.as_string(connection.connection), params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert f"Index Scan using {hnsw_index.name(model, 'image')}" in plan
    with transaction.atomic():
        found = vectors.rank_by_vector(model, IMAGE, query, shown, depth=50)
        exact = vectors.rank_by_vector(model, IMAGE, query, shown, depth=50, exact=True)
        everything = vectors.rank_by_vector(model, IMAGE, query, shown, depth=2800)
        rare = Artwork.objects.filter(artic_id__in=[1, 2, 3])
        few, holds_all = vectors.nearest_works(model, IMAGE, query, rare, depth=10)
        assert holds_all
        assert not vectors.nearest_works(model, IMAGE, query, shown, depth=50)[1]
    assert len({m.artic_id for m in found} & {m.artic_id for m in exact}) >= 49
    # Where the index gives too few, the whole is scanned: nothing that exists is lost.
    assert len(everything) == shown.count()
    assert {match.artic_id for match in few} == {1, 2, 3}


def test_of_many_works_that_a_filter_keeps_no_more_are_ranked_than_a_page_needs(db, monkeypatch):
    monkeypatch.setattr(vectors, "END", 10)
    monkeypatch.setattr(candidates, "END", 10)
    model, rng = vector_model(), np.random.default_rng(4)
    works = [work(f"Work {n}") for n in range(20)]
    for each, vector in zip(works[:12], unit(rng, 12), strict=True):
        give_vector(each, model, vector)
    narrow = Scope(Artwork.objects.all(), *Artwork.objects.key_array(100))
    query = unit(rng, 1)[0]
    found, holds_all = vectors.nearest_works(model, IMAGE, query, narrow, depth=5)
    assert (len(found), holds_all) == (5, False)
    # Where fewer than paging reaches have a vector, all of those are ranked, and counted.
    Embedding.objects.filter(artwork__in=works[:4]).delete()
    found, holds_all = vectors.nearest_works(model, IMAGE, query, narrow, depth=5)
    assert (len(found), holds_all) == (8, True)


# --- Words ----------------------------------------------------------------------------------------
@pytest.fixture
def museum(db):
    work("The Basket of Apples", artist_display="Paul Cézanne", medium_display="Oil on canvas")
    work("Still Life", text="A basket beside some red apples, a bottle and a plate of biscuits.")
    work("Red Boat", text="A small boat at sunset.", term_titles=["seascape", "boats"])
    work("Harbour", text="People wait for a boat that is red with rust.", subject_titles=["boats"])
    work("불회도", alt_titles=["Buddhist Assembly"])
    work("美人画", text="女 stands alone.")
    work("Old Orchard", text="An apple tree, and no basket.")


def test_any_word_finds_and_more_words_rank_higher(museum):
    found = words("basket apples zeppelin")
    assert set(found) == {"The Basket of Apples", "Still Life", "Old Orchard"}
    assert found[0] == "The Basket of Apples"


def test_the_title_weighs_more_than_the_text(museum):
    assert words("boat")[0] == "Red Boat"


def test_a_rare_word_weighs_more_than_a_common_one(db):
    for n in range(20):
        work(f"Landscape {n}")
    work("Landscape with a Goat")
    work("A Goat")
    assert words("landscape goat")[:2] == ["Landscape with a Goat", "A Goat"]


def test_a_match_by_part_of_the_query_says_so(museum):
    query = Query.parse("basket zeppelin")
    found = full_text.rank_by_words(query, candidates.candidates(query))
    assert found
    assert all(0 < match.weight < 0.7 for match in found)
    query = Query.parse("basket")
    assert {m.weight for m in full_text.rank_by_words(query, candidates.candidates(query))} == {1.0}


@pytest.mark.parametrize("typed", ["cezanne", "Cézanne", "CE\u0301ZANNE"])
def test_accents_do_not_matter(museum, typed):
    assert words(typed) == ["The Basket of Apples"]


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("불회도", "불회도"),
        ("회", "불회도"),
        ("회도", "불회도"),
        ("女", "美人画"),
        ("人", "美人画"),
    ],
)
def test_each_cjk_character_is_found(museum, typed, title):
    assert words(typed) == [title]


def test_cjk_characters_in_another_order_are_another_word(museum):
    assert words("도불") == []


def test_a_phrase_is_found_only_as_it_stands(museum):
    assert words('"red boat"') == ["Red Boat"]
    assert words('"boat red"') == []
    assert words('"basket of apples"') == ["The Basket of Apples"]
    assert words('boat "small boat"') == ["Red Boat"]


def test_an_excluded_word_keeps_out_works_that_carry_it_anywhere(museum):
    assert set(words("boat")) == {"Red Boat", "Harbour"}
    assert words("boat -people") == ["Red Boat"]  # in the text
    assert words("boat -harbour") == ["Red Boat"]  # in the title
    assert words("boat -seascapes") == ["Harbour"]  # in the terms, by its stem
    assert words('boat -"small boat"') == ["Harbour"]
    assert words("apples -cezanne") == ["Still Life", "Old Orchard"]


def test_stop_words_alone_find_nothing_and_hide_nothing(museum):
    assert words("the of") == []
    assert words("boat -the") == words("boat")
    assert words('boat "to be or"') == words("boat")


def test_texts_without_approval_are_neither_searched_nor_excluded(museum):
    Description.objects.update(is_approved=False)
    assert words("biscuits") == []
    assert "Harbour" in words("boats -people")


@pytest.mark.parametrize("typed", ["it's & | ! ( ) :* <-> \\ '", "%s %(x)s {}", "a" * 500, "'; --"])
def test_any_input_is_only_words(museum, typed):
    words(typed)


def test_hidden_and_withdrawn_works_are_no_candidates(museum):
    Artwork.objects.filter(title="Red Boat").update(is_hidden=True)
    Artwork.objects.filter(title="Harbour").update(withdrawn_at="2026-01-01T00:00Z")
    assert words("boat") == []


@pytest.fixture
def common(db, monkeypatch):
    """200 works with "oil" in the record, 5 with it in the title, all known to the statistics."""
    monkeypatch.setattr(tuning, "COMMON_WORD_WORKS", 100)
    works = [
        Artwork(artic_id=n, title=f"Scene {n}", medium_display="Oil paint", record_hash="-")
        for n in range(1, 201)
    ]
    works += [
        Artwork(artic_id=n, title=f"Jar of Oil {n}", record_hash="-") for n in range(201, 206)
    ]
    Artwork.objects.bulk_create(works)
    Artwork.objects.filter(artic_id=7).update(title="A Goat")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE museum_artwork")
    term_statistics.forget()
    yield
    term_statistics.forget()


def test_a_common_word_counts_for_works_that_a_rare_one_finds(common):
    assert words("goat oil")[0] == "A Goat"
    query = Query.parse("goat oil")
    (goat,) = [
        m for m in full_text.rank_by_words(query, candidates.candidates(query)) if m.artic_id == 7
    ]
    assert goat.weight == pytest.approx(1)


def test_of_common_words_the_works_named_by_them_and_those_found_elsewhere_are_read(common):
    query, works = Query.parse("oil"), Artwork.objects.visible()
    found = full_text.rank_by_words(query, works, 20, found=[Ranked(150, 0.5)])
    ids = [match.artic_id for match in found]
    assert set(ids[:5]) == set(range(201, 206))
    assert 150 in ids
    assert len(ids) <= 5 + 1 + 20
    assert len(full_text.rank_by_words(query, works)) == 205  # words alone: as deep as paging goes


def test_few_works_are_looked_at_for_common_words_one_by_one(common):
    works = Artwork.objects.filter(artic_id__in=[3, 203, 9])
    scope = Scope(works, *works.key_array(10))
    found = full_text.rank_by_words(Query.parse("oil paint"), scope, found=[])
    assert {match.artic_id for match in found} == {3, 203, 9}
