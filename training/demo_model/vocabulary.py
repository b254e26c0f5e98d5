"""The vocabulary of the demo model: the words that its training texts use."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

from ingest.sample.scenes import Scene
from search.encoders.tokenizers.word import words_of
from training.demo_model import texts


def collect(scenes: Sequence[Scene], seed: int, *, draws: int, at_least: int) -> list[str]:
    """Return the words that occur `at_least` times in `draws` texts, the most frequent first."""
    rng = random.Random(seed)
    counts: Counter[str] = Counter()
    for number in range(draws):
        draw = texts.DRAWS[number % len(texts.DRAWS)]
        counts.update(words_of(draw(rng.choice(scenes), rng).words))
    frequent = [(word, count) for word, count in counts.items() if count >= at_least]
    return [word for word, _ in sorted(frequent, key=lambda pair: (-pair[1], pair[0]))]
