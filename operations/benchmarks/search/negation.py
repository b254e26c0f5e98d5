"""Measure how often answers show what a search excluded, on the sample museum.

The generator knows what each of its pictures shows, so "boats without people" can be checked.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ingest.sample.records import FIRST_ID, collection_scenes
from ingest.sample.scenes import Scene
from museum.models import Artwork
from search.engine import search
from search.query.query import Query

RESULT_DEPTH = 10
PEOPLE = "people"


@dataclass(frozen=True)
class Exclusion:
    """Works that show `requested` and not `excluded`."""

    requested: str
    excluded: str

    @property
    def text(self) -> str:
        """The query as a visitor types it."""
        return f"{self.requested} without {self.excluded}"


def shown(count: int, seed: int) -> dict[int, frozenset[str]]:
    """Return what each work of the loaded sample museum shows, by id."""
    loaded = set(Artwork.objects.visible().values_list("artic_id", flat=True))
    scenes = enumerate(collection_scenes(count, seed))
    return {FIRST_ID + n: things(scene) for n, scene in scenes if FIRST_ID + n in loaded}


def things(scene: Scene) -> frozenset[str]:
    """Return the subjects, broader ones included, and people, that a viewer sees."""
    seen = scene.attributes()["subject"]
    return seen | {PEOPLE} if scene.shows_people() else seen


def exclusions(works: dict[int, frozenset[str]], most: int = 40) -> list[Exclusion]:
    """Return pairs that are often together, of which enough works show the first without the
    second to fill a page."""
    alone = Counter(thing for seen in works.values() for thing in seen)
    pairs = Counter(
        (one, other) for seen in works.values() for one in seen for other in seen if one != other
    )
    fair = [
        (together, one, other)
        for (one, other), together in pairs.items()
        if together >= RESULT_DEPTH // 2
        and alone[one] - together >= RESULT_DEPTH
        and alone[other] < len(works) / 2
    ]
    return [Exclusion(one, other) for _, one, other in sorted(fair, reverse=True)[:most]]


def without_negation(text: str) -> Query:
    """Return `text` as a query in which "without" is a word like any other."""
    return Query(text=text, words=tuple(text.split()), meaning=text, limit=RESULT_DEPTH)


def with_negation(text: str) -> Query:
    """Return `text` as every search reads it."""
    return Query.parse(text, limit=RESULT_DEPTH)


def violations(
    queries: Sequence[Exclusion], works: dict[int, frozenset[str]], read: Callable[[str], Query]
) -> Iterator[tuple[float, float]]:
    """Yield for each query the share of the first ten works that show what it excludes, and the
    share that show what it asks for."""
    for exclusion in queries:
        hits = search.search(read(exclusion.text)).hits
        seen = [works.get(hit.artwork.artic_id, frozenset()) for hit in hits]
        yield (
            sum(exclusion.excluded in each for each in seen) / RESULT_DEPTH,
            sum(exclusion.requested in each for each in seen) / RESULT_DEPTH,
        )
