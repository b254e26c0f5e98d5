"""How often an answer shows what a search asked to do without, measured on the sample museum.

The generator knows what each of its pictures shows, so "boats without people" can be judged.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ingest.sample.records import FIRST_ID, collection_scenes
from ingest.sample.scenes import Scene
from museum.models import Artwork
from search.engine import search
from search.query.query import Query

TOP = 10
PEOPLE = "people"


@dataclass(frozen=True)
class Wish:
    """Works that show `wanted` and not `unwanted`."""

    wanted: str
    unwanted: str

    @property
    def text(self) -> str:
        """As a visitor types it."""
        return f"{self.wanted} without {self.unwanted}"


def shown(count: int, seed: int) -> dict[int, frozenset[str]]:
    """Return what each work of the loaded sample museum shows, by id."""
    loaded = set(Artwork.objects.visible().values_list("artic_id", flat=True))
    scenes = enumerate(collection_scenes(count, seed))
    return {FIRST_ID + n: things(scene) for n, scene in scenes if FIRST_ID + n in loaded}


def things(scene: Scene) -> frozenset[str]:
    """Return the subjects, broader ones included, and people, that a viewer sees."""
    seen = scene.attributes()["subject"]
    return seen | {PEOPLE} if scene.shows_people() else seen


def wishes(works: dict[int, frozenset[str]], most: int = 40) -> list[Wish]:
    """Return the pairs that need negation most: both are common together, and enough works show
    the one without the other to fill a page."""
    alone = Counter(thing for seen in works.values() for thing in seen)
    pairs = Counter(
        (one, other) for seen in works.values() for one in seen for other in seen if one != other
    )
    fair = [
        (together, one, other)
        for (one, other), together in pairs.items()
        if together >= TOP // 2 and alone[one] - together >= TOP and alone[other] < len(works) / 2
    ]
    return [Wish(one, other) for _, one, other in sorted(fair, reverse=True)[:most]]


def plain(text: str) -> Query:
    """Return `text` as a query in which "without" is a word like any other."""
    return Query(text=text, words=tuple(text.split()), meaning=text, limit=TOP)


def handled(text: str) -> Query:
    """Return `text` as every search reads it."""
    return Query.parse(text, limit=TOP)


def violations(
    asked: Sequence[Wish], works: dict[int, frozenset[str]], read: Callable[[str], Query]
) -> Iterator[tuple[float, float]]:
    """Yield for each wish the share of the first ten works that show what was unwanted, and the
    share that show what was wanted."""
    for wish in asked:
        hits = search.search(read(wish.text)).hits
        seen = [works.get(hit.artwork.artic_id, frozenset()) for hit in hits]
        yield (
            sum(wish.unwanted in each for each in seen) / TOP,
            sum(wish.wanted in each for each in seen) / TOP,
        )
