"""Loss, schedule, metrics, texts and split of the demo model, each against a plain version."""

import math
import random

import numpy as np
import pytest
import torch

from ingest.sample.scenes import compose
from search.encoders.tokenizers.word import words_of
from training import losses
from training.demo_model import corpus, queries, texts, vocabulary
from training.demo_model.attributes import AttributeIndex
from training.demo_model.cross_batch_memory import CrossBatchMemory
from training.evaluation import metrics
from training.schedule import warmup_cosine


def unit(rows: int, dim: int = 8, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.nn.functional.normalize(torch.randn(rows, dim, generator=generator), dim=-1)


def naive_contrastive(images, texts_, scale, matches):
    n, total = len(images), 0.0
    for i in range(n):
        for mine, others, allowed in (
            (texts_[i], images, [j for j in range(n) if j == i or not matches[i, j]]),
            (images[i], texts_, [j for j in range(n) if j == i or not matches[j, i]]),
        ):
            scores = [math.exp(scale * float(mine @ others[j])) for j in allowed]
            own = math.exp(scale * float(mine @ others[i]))
            total -= math.log(own / sum(scores)) / (2 * n)
    return total


def test_the_loss_equals_the_naive_one_with_and_without_masked_pairs():
    images, written = unit(6), unit(6, seed=1)
    matches = torch.rand(6, 6, generator=torch.Generator().manual_seed(2)) < 0.3
    for mask in (torch.zeros(6, 6, dtype=torch.bool), matches):
        got = losses.contrastive(images, written, torch.tensor(5.0), mask)
        assert float(got) == pytest.approx(naive_contrastive(images, written, 5.0, mask), abs=1e-5)


def test_the_ranking_loss_equals_the_naive_one():
    images, written = unit(6), unit(4, seed=1)
    matches = torch.rand(4, 6, generator=torch.Generator().manual_seed(2)) < 0.4
    matches[:, 0] = True
    expected = 0.0
    for i in range(4):
        scores = [math.exp(5 * float(written[i] @ images[j])) for j in range(6)]
        fit = [j for j in range(6) if matches[i, j]]
        expected -= sum(math.log(scores[j] / sum(scores)) for j in fit) / len(fit) / 4
    got = losses.ranking(images, written, torch.tensor(5.0), matches)
    assert float(got) == pytest.approx(expected, abs=1e-5)


def test_the_memory_keeps_the_last_pictures_without_gradient():
    memory = CrossBatchMemory(5)
    batches = [
        (unit(3, seed=n).requires_grad_(), torch.full((3, 2), bool(n % 2))) for n in range(3)
    ]
    for vectors, shows in batches:
        memory.add(vectors, shows)
    gallery, shows = memory.with_batch(*batches[0])
    assert gallery[3:].shape == (5, 8)
    torch.testing.assert_close(gallery[3:6], batches[2][0])
    torch.testing.assert_close(gallery[6:], batches[1][0][:2])
    assert shows[:, 0].tolist() == [False] * 3 + [False] * 3 + [True] * 2
    gallery.sum().backward()
    assert batches[0][0].grad is not None
    assert batches[2][0].grad is None


def test_a_pair_that_fits_is_no_negative():
    images = unit(2)
    same = torch.stack([images[0], images[0]])
    apart = torch.zeros(2, 2, dtype=torch.bool)
    together = torch.ones(2, 2, dtype=torch.bool)
    scale = torch.tensor(50.0)
    assert float(losses.contrastive(same, same, scale, apart)) == pytest.approx(math.log(2))
    assert float(losses.contrastive(same, same, scale, together)) == pytest.approx(0)


def test_a_text_fits_the_pictures_that_show_all_it_says():
    says = torch.tensor([[1, 0, 0], [1, 1, 0], [0, 0, 0]]).bool()
    shows = torch.tensor([[1, 1, 0], [1, 0, 1]]).bool()
    assert losses.matching(says, shows).tolist() == [[True, True], [True, False], [True, True]]


def test_equal_texts_are_told():
    tokens = torch.tensor([[1, 2], [3, 4], [1, 2]])
    assert losses.equal_rows(tokens).sum() == 5


def test_the_schedule_warms_up_peaks_and_ends_low():
    rates = [warmup_cosine(p / 1000, peak=1e-3, warmup=0.1, end=0.01) for p in range(1001)]
    assert rates[0] == 0
    assert max(rates) == rates[100] == pytest.approx(1e-3)
    assert rates[50] == pytest.approx(5e-4)
    assert rates[550] == pytest.approx(1e-3 * (0.01 + 0.99 / 2))
    assert rates[-1] == pytest.approx(1e-5)
    assert warmup_cosine(1.2, peak=1e-3) == rates[-1]
    assert rates[100:] == sorted(rates[100:], reverse=True)


def test_ranks_equal_sorting_and_ties_count_against_the_target():
    scores = np.random.default_rng(0).random((50, 30))
    targets = np.arange(50) % 30
    naive = [
        sorted(row, reverse=True).index(row[t]) + 1 for row, t in zip(scores, targets, strict=True)
    ]
    assert metrics.ranks(scores, targets).tolist() == naive
    assert metrics.ranks(np.ones((1, 7)), np.array([0])).tolist() == [7]


def test_metrics_equal_naive_ones_and_chance_equals_an_average_of_random_orders():
    ranked = np.array([1, 3, 6, 11, 200])
    got = metrics.retrieval(ranked)
    assert got["R@1"] == 0.2
    assert got["R@5"] == 0.4
    assert got["R@10"] == 0.6
    assert got["median_rank"] == 6
    assert got["MRR"] == pytest.approx(sum(1 / r for r in ranked) / 5)
    every_rank_once = metrics.retrieval(np.arange(1, 101))
    assert metrics.chance(100) == pytest.approx(every_rank_once)


def test_top_gives_the_best_columns_first():
    assert metrics.top(np.array([[0.1, 0.9, 0.5], [3, 1, 2]]), 2).tolist() == [[1, 2], [0, 2]]


def test_queries_are_judged_by_all_wanted_attributes():
    asked = [
        queries.VisitorQuery("a", frozenset({("s", "house"), ("w", "snow")})),
        queries.VisitorQuery("b", frozenset({("s", "cat")})),
    ]
    house, both = frozenset({("s", "house")}), frozenset({("s", "house"), ("w", "snow")})
    cat = frozenset({("s", "cat")})
    shown = [house, both, both, cat, cat, cat, cat, cat, house, house]
    scores = np.array([np.linspace(1, 0, 10), np.linspace(0, 1, 10)])
    got = queries.judge(asked, scores, shown)
    assert got["each"] == {"a": 0.4, "b": 0.6}
    assert got["P@5"] == pytest.approx(0.5)
    assert got["ceiling"] == pytest.approx((0.4 + 1) / 2)
    assert got["chance"] == pytest.approx((0.2 + 0.5) / 2)
    assert got["by_kind"]["w"] == pytest.approx({"wanted": 1, "precision": 0.4, "chance": 0.2})


def test_the_query_files_ask_for_what_the_generator_can_show():
    rng = random.Random(0)
    possible = set().union(*(texts.scene_attributes(compose(rng)) for _ in range(20_000)))
    visitors, dev = queries.read("visitors"), queries.read("dev")
    assert len(visitors) >= 100
    for query in (*visitors, *dev):
        assert query.attributes, query.words
        assert query.attributes <= possible, query
    assert not {q.words for q in visitors} & {q.words for q in dev}


def test_short_queries_say_only_what_their_scene_shows():
    rng = random.Random(1)
    for _ in range(3000):
        scene = compose(rng)
        text = texts.short_query(scene, rng)
        assert text.words.strip()
        assert text.attributes
        assert text.attributes <= texts.scene_attributes(scene), (text, scene)
        assert "!" not in text.words


def test_monochrome_scenes_are_never_asked_for_by_colour():
    rng = random.Random(2)
    for _ in range(2000):
        scene = compose(rng)
        if scene.is_monochrome():
            assert not {k for k, _ in texts.short_query(scene, rng).attributes} & {"colour"}


def test_sentences_lose_their_tags():
    assert texts.sentences("<p>A <em>red</em> boat. It&#x27;s calm!</p><p>Snow.</p>") == [
        "A red boat.",
        "It's calm!",
        "Snow.",
    ]


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("boat", "boats"),
        ("pony", "ponies"),
        ("boy", "boys"),
        ("church", "churches"),
        ("young woman", "young women"),
        ("boat with sails", "boats with sails"),
        ("flask of wine", "flasks of wine"),
    ],
)
def test_plurals(one, many):
    assert texts.plural(one) == many


def test_the_vocabulary_has_the_frequent_words_of_the_training_texts():
    scenes = corpus.compose_many(300, 0, held_out=False)
    words = vocabulary.collect(scenes, 0, draws=3000, at_least=5)
    assert {"a", "red", "snow", "painting", "house"} <= set(words)
    assert len(words) == len(set(words))
    assert all(words_of(word) == [word] for word in words)


def test_the_split_shares_no_composition_and_keeps_pairs_apart():
    trained = corpus.compose_many(3000, 0, held_out=False)
    unseen = corpus.compose_many(500, 0, held_out=True)
    assert not {s.key() for s in trained} & {s.key() for s in unseen}
    assert not any(corpus.has_unseen_pair(scene) for scene in trained)
    assert any(corpus.has_unseen_pair(scene) for scene in unseen)
    assert not all(corpus.has_unseen_pair(scene) for scene in unseen)


def test_composing_is_repeatable_and_a_longer_list_starts_the_same():
    first = corpus.compose_many(50, 7, held_out=False)
    assert corpus.compose_many(80, 7, held_out=False)[:50] == first
    assert corpus.compose_many(50, 8, held_out=False) != first


def test_attribute_rows_mark_what_each_set_has():
    index = AttributeIndex([frozenset({("a", "x"), ("b", "y")}), frozenset({("c", "z")})])
    rows = index.rows([{("a", "x")}, {("c", "z"), ("b", "y")}, set()])
    assert rows.tolist() == [[True, False, False], [False, True, True], [False] * 3]
    with pytest.raises(KeyError):
        index.rows([{("a", "q")}])
