"""The benchmark of switching notices what it is there to notice."""

import numpy as np
import pytest

from operations.benchmarks.search.model_switching import Tally, Visitors
from search.embeddings import activation, hnsw_index
from testing.factories import give_vector, unit, vector_model, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def models(transactional_db):
    """Two models over the same works, which they find unlike."""
    rng = np.random.default_rng(5)
    works = [work(f"Work {n}", seed=0) for n in range(8)]
    made = []
    for name in ("one", "other"):
        model = vector_model(name, state="ready", fingerprint=name * 4)
        for each, vector in zip(works, unit(rng, len(works)), strict=True):
            give_vector(each, model, vector)
        model.embeddings.update(source_hash=works[0].image_sha256)
        hnsw_index.ensure(model)
        made.append(model)
    return made


@pytest.fixture
def visitors(models, live_server):
    port = int(live_server.url.rpartition(":")[2])
    ids = models[0].embeddings.values_list("artwork__artic_id", flat=True)
    found = Visitors(port, [f"/api/artworks/{each}/similar?limit=4" for each in ids])
    for model in models:
        activation.activate(model)
        found.record(model)
    return found


def searched(visitors, meanwhile) -> Tally:
    with visitors.searching():
        meanwhile()
    return sum(visitors.tallies, Tally())


def wait_for_searches(visitors, number: int) -> None:
    while sum(each.searches for each in visitors.tallies) < number:
        pass


def test_whole_answers_are_neither_mixed_nor_late(visitors, models):
    assert visitors.distinct == 8

    def switch_back_and_forth() -> None:
        for number, model in enumerate(models * 4):
            visitors.active = None
            activation.switch(model)
            visitors.active = number, model
            wait_for_searches(visitors, sum(t.searches for t in visitors.tallies) + 8)

    total = searched(visitors, switch_back_and_forth)
    assert total.searches >= 64
    assert (total.errors, total.mixed, total.late) == (0, 0, 0)
    assert set(total.by_model) == {"one", "other"}


def test_answers_of_another_model_under_the_name_of_one_are_mixed(visitors, models):
    one, other = (model.fingerprint for model in models)
    for path in visitors.paths:
        said = visitors.expected[one, path]["results"]
        visitors.expected[other, path]["results"][0] = said[0]
    total = searched(visitors, lambda: wait_for_searches(visitors, 12))
    assert 0 < total.mixed <= total.searches


def test_answers_of_the_model_before_are_late_and_none_at_all_an_error(visitors, models):
    visitors.active = 1, models[0]  # though the other answers
    total = searched(visitors, lambda: wait_for_searches(visitors, 12))
    assert 0 < total.late <= total.searches
    visitors.port = 9  # nobody listens
    visitors._stop.clear()
    assert searched(visitors, lambda: wait_for_searches(visitors, 60)).errors > 0
