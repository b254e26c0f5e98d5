"""Works asked for by name come first, boosts are bounded, near-duplicates are one result."""

import pytest

from museum.models import Artwork
from search.engine import search
from search.query.query import Query
from search.ranking import tuning
from search.ranking.duplicates import WorkFeatures, fold
from search.ranking.matches import Fused
from testing.factories import work

RED = [{"hex": "#ff0000", "lab": [53.0, 80.0, 67.0], "weight": 1.0}]
BLUE = [{"hex": "#0000ff", "lab": [32.0, 79.0, -108.0], "weight": 1.0}]
HASH = 0x0F0F_3C3C_5A5A_1234


def titles(typed: str, **more) -> list[str]:
    return [h.artwork.title for h in search.search(Query.parse(typed, **more)).hits]


@pytest.fixture
def boats(db):
    for n in range(5):
        work(f"Red boat boat boat {n}", text="A boat, a red boat.", accession_number=f"1900.{n}")
    work("Boat")
    return Artwork.objects.all()


def test_an_exact_title_comes_first_whatever_its_case(boats):
    assert titles("boat")[0] == titles("BOAT")[0] == titles('"boat"')[0] == "Boat"


def test_an_accession_number_comes_first_and_is_strong(boats):
    hit = search.search(Query.parse("1900.3")).hits[0]
    assert (hit.artwork.title, hit.relevance) == ("Red boat boat boat 3", "strong")
    assert "name" in hit.channels


def test_names_obey_hiding_and_filters(boats):
    boats.filter(title="Boat").update(is_hidden=True)
    assert "Boat" not in titles("boat")
    boats.filter(accession_number="1900.3").update(withdrawn_at="2026-01-01T00:00Z")
    assert titles("1900.3") == []
    assert titles("1900.2 -red") == []


def test_a_title_of_many_works_names_none(db):
    for _ in range(tuning.MAX_NAMESAKES + 1):
        work("Untitled")
    hits = search.search(Query.parse("untitled")).hits
    assert hits
    assert not any("name" in hit.channels for hit in hits)


def test_a_boost_raises_and_lowers_but_no_more_than_its_share(boats):
    plain = search.search(Query.parse("red")).hits
    second, first, last = plain[1].artwork, plain[0].artwork, plain[-1].artwork
    Artwork.objects.filter(pk__in=[second.pk, last.pk]).update(boost=1)
    Artwork.objects.filter(pk=first.pk).update(boost=-1)
    scores = {hit.artwork: hit.score for hit in search.search(Query.parse("red")).hits}
    assert scores[second] == pytest.approx(plain[1].score * 1.25)
    assert scores[last] == pytest.approx(plain[-1].score * 1.25)
    assert scores[first] == pytest.approx(plain[0].score * 0.75)
    assert list(scores) == sorted(scores, key=lambda work: -scores[work])
    assert next(iter(scores)) == second


def known(**works) -> dict[int, WorkFeatures]:
    grey = "[50.0, 0.0, 0.0]"
    return {int(name[1:]): WorkFeatures(phash, grey, 0.0) for name, phash in works.items()}


def ids(works: list[Fused]) -> list[tuple[int, tuple[int, ...]]]:
    return [(each.artic_id, each.duplicates) for each in works]


def test_hashes_of_four_bits_difference_are_one_and_of_five_are_not():
    works = [Fused(n, 1.0, {}) for n in (1, 2, 3, 4)]
    near, far = HASH ^ (1 << 63 | 1 << 40 | 1 << 20 | 1), HASH ^ 0b11111
    signed = near - 2**64 if near >= 2**63 else near
    assert ids(fold(works, known(w1=HASH, w2=signed, w3=far, w4=None))) == [
        (1, (2,)), (3, ()), (4, ()),
    ]  # fmt: skip


def test_pictures_of_one_colour_are_not_alike():
    works = [Fused(n, 1.0, {}) for n in (1, 2)]
    assert ids(fold(works, known(w1=0, w2=0))) == [(1, ()), (2, ())]


def test_folding_again_with_more_keeps_the_first_and_counts_on():
    works = [Fused(n, 1.0, {}) for n in (1, 2)]
    hashes = known(w1=HASH, w2=HASH, w3=HASH)
    assert ids(fold([*fold(works, hashes), Fused(3, 0.5, {})], hashes)) == [(1, (2, 3))]


@pytest.fixture
def plates(db):
    """Twelve scans of six plates, and one of the same lines in another colour."""
    for n in range(12):
        work(f"Plate {n}", phash=(HASH >> n % 6) ^ (0x123456789 << 5 * (n % 6)), palette=RED)
    work("Plate in blue", phash=HASH ^ 0x123456789, palette=BLUE)


def test_near_duplicates_are_one_result_with_their_number(plates):
    found = search.search(Query.parse("plate"))
    assert found.count == len(found.hits) == 7
    assert sorted(len(hit.duplicates) for hit in found.hits) == [0] + [1] * 6
    assert search.search(Query.parse("plate", dedupe=False)).count == 13


def test_pages_of_folded_works_do_not_overlap(plates):
    whole = titles("plate")
    pages = [
        title for offset in range(0, 8, 2) for title in titles("plate", limit=2, offset=offset)
    ]
    assert pages == whole
