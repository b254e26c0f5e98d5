"""What curators judged reaches training: their queries, beside works that only seem to answer."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from museum.models import Artwork
from search.models import Judgment, JudgmentQuery
from training.datasets.captions import CaptionSampler
from training.datasets.dataset import HardNegativeQuery
from training.datasets.specs import load
from training.finetuning import hard_negatives
from training.finetuning.batches import Pairs
from training.finetuning.data import TrainingData
from training.finetuning.distributed import ProcessGroup
from training.finetuning.towers import Towers
from training.tests import tiny

QUERY = "half a picture"  # words that no caption has together


def pairs_of(judged, number=60):
    items = tiny.dataset(number).items
    pixels = np.stack([np.asarray(item.open()) for item in items])
    rows = np.arange(number)
    texts = CaptionSampler(items, lambda text: True, 0)
    return Pairs(
        pixels, rows, rows // 5, texts, hard_negatives.to_rows(judged, {str(n): n for n in rows})
    )


def test_a_query_stands_beside_its_negatives_and_curators_decide_what_is_one(base):
    judged = HardNegativeQuery(QUERY, ("10", "31", "gone"), ("11", "40", "52", "gone"))
    pairs = pairs_of([judged, HardNegativeQuery("no negatives here", ("3",), ("gone",))])
    assert [each.query for each in pairs.hard_negatives] == [QUERY]
    towers = Towers.of(base, torch.device("cpu"), bf16=False)
    asked = set()
    for epoch in range(1, 13):
        order = pairs.order(epoch, seed=0)
        assert sorted(order) == list(range(60))
        assert (order == pairs.order(epoch, seed=0)).all()
        queries = hard_negatives.of_epoch(pairs.hard_negatives, epoch, seed=0)
        asked |= queries.keys()
        for row in queries:
            place = int(np.flatnonzero(order == row)[0])
            assert set(order[place + 1 : place + 4]) == {11, 40, 52}
        # One batch of all rows, in their order: what it says of row and column is that of the row.
        batch = pairs.batch(towers, ProcessGroup(), size=60, seed=0, epoch=epoch, step=0)
        own = towers.tokens([QUERY])[0]
        said = [n for n, tokens in enumerate(batch.tokens) if torch.equal(tokens, own)]
        assert said == list(queries)
        for row in said:
            assert batch.matches[row, [10, 31]].all()
            # Row 11 is of the same group as row 10, which else would make it no negative.
            assert not batch.matches[row, [11, 40, 52]].any()
            assert batch.matches[11, 10]
    assert asked == {10, 31}


def test_judgments_of_works_that_are_not_trained_on_stay_out(base, tmp_path):
    items = tiny.dataset(90).items
    red, green = (tuple(i.key for i in items if i.key.startswith(c)) for c in ("red", "green"))
    whole = replace(tiny.dataset(90), hard_negatives=(HardNegativeQuery(QUERY, red, green),))
    towers = Towers.of(base, torch.device("cpu"), bf16=False)
    found = TrainingData.of(whole, None, towers, seed=0, cache=tmp_path, processes=ProcessGroup())
    [judged] = found.pairs.hard_negatives
    trained = {items[row].key for row in found.pairs.rows}
    for rows, keys in ((judged.positives, red), (judged.negatives, green)):
        assert {items[row].key for row in rows} == trained & set(keys)


@pytest.mark.django_db
def test_the_museums_judgments_for_training_come_with_its_works(django_user_model):
    rater = django_user_model.objects.create(username="ada")
    works = [
        Artwork.objects.create(
            artic_id=n, title=f"Work {n}", source="artic", record_hash="x", image_status="stored",
            image_sha256=f"{n:064}",
        )
        for n in (7, 8)
    ]  # fmt: skip
    for split in JudgmentQuery.Split:
        query = JudgmentQuery.objects.create(query=f"boats {split}", split=split)
        for work, grade in zip(works, (3, 0), strict=True):
            Judgment.objects.create(query=query, artwork=work, rater=rater, grade=grade)
    found = load("artic")
    training = JudgmentQuery.Split.TRAINING
    assert found.hard_negatives == [HardNegativeQuery(f"boats {training}", ("7",), ("8",))]
    assert found.fingerprint != replace(found, hard_negatives=()).fingerprint
