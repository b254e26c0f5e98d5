"""Storage of maps: the points as a binary file that browsers read as it is, and a JSON summary.

Both lie in the storage of pictures. The summary is named by the fingerprint of the map's model and
names the points by digest. Points are written first, so that no summary names missing points.
"""

import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
from django.core.cache import cache

from museum.core.caching import blob_store, typed_cache
from search.collection_map.regions import Region
from search.models import EmbeddingModel

SUMMARY_TTL_SECONDS = 60  # a web process shows a new map after this at the latest


@dataclass(frozen=True)
class CollectionMap:
    """The map of n works, with its regions.

    `ids` (n,), `points` (n, 2) from 0 to 1, `colours` (n, 3) from 0 to 255, and `region_numbers`
    (n,), the index of each work's region in `regions`.
    """

    ids: np.ndarray
    points: np.ndarray
    colours: np.ndarray
    region_numbers: np.ndarray
    regions: tuple[Region, ...]

    def encode(self) -> bytes:
        """Return the file of points, all little-endian.

        uint32 n, 4 zero bytes, then ids (n float64), points (2n uint16), colours (3n uint8) and
        region numbers (n uint8).
        """
        parts = [
            np.array([len(self.ids), 0], "<u4"),
            self.ids.astype("<f8"),
            np.rint(self.points * 65535).astype("<u2"),
            self.colours.astype("u1"),
            self.region_numbers.astype("u1"),
        ]
        return b"".join(part.tobytes() for part in parts)

    @classmethod
    def decode(cls, data: bytes, regions: tuple[Region, ...] = ()) -> Self:
        """Return the map in the output of `encode`."""
        number = int(np.frombuffer(data, "<u4", 1)[0])
        end = 8 + 8 * number
        ids = np.frombuffer(data, "<f8", number, 8).astype(np.int64)
        points = np.frombuffer(data, "<u2", 2 * number, end).reshape(-1, 2) / np.float32(65535)
        colours = np.frombuffer(data, "u1", 3 * number, end + 4 * number).reshape(-1, 3)
        region_numbers = np.frombuffer(data, "u1", number, end + 7 * number)
        return cls(ids, points, colours, region_numbers, regions)


@dataclass(frozen=True)
class MapSummary:
    """A map without its points: their `digest`, the number of works, and the regions."""

    digest: str
    works: int
    regions: tuple[Region, ...]

    def load(self) -> CollectionMap | None:
        """Return the map; None if the file of its points is missing."""
        return _load(self.digest, self.regions)


def store(collection_map: CollectionMap, model: EmbeddingModel) -> MapSummary:
    """Store the map of `model` and return its summary."""
    data = collection_map.encode()
    digest = hashlib.sha256(data).hexdigest()[:32]
    blob_store.write(_points_key(digest), gzip.compress(data, mtime=0))
    summary = {
        "points": digest,
        "works": len(collection_map.ids),
        "regions": [each.to_json() for each in collection_map.regions],
    }
    blob_store.write(_summary_key(model), json.dumps(summary, ensure_ascii=False).encode())
    cache.delete(_summary_key(model))
    return MapSummary(digest, len(collection_map.ids), collection_map.regions)


def of(model: EmbeddingModel | None) -> MapSummary | None:
    """Return the summary of the map of `model`; None if there is none."""
    if model is None:
        return None
    summaries = typed_cache.read_or_make(
        _summary_key(model), list[MapSummary], lambda: _read(model), SUMMARY_TTL_SECONDS
    )
    return summaries[0] if summaries else None


def _read(model: EmbeddingModel) -> list[MapSummary]:
    """Return the summary in a list, empty without a map, so that its absence is cached too."""
    text = blob_store.read(_summary_key(model))
    if not text:
        return []
    summary = json.loads(text)
    regions = tuple(Region(**each) for each in summary["regions"])
    return [MapSummary(summary["points"], summary["works"], regions)]


def compressed(digest: str) -> bytes | None:
    """Return the gzipped points with this digest; None if missing."""
    return blob_store.read(_points_key(digest))


@lru_cache(maxsize=2)
def _load(digest: str, regions: tuple[Region, ...]) -> CollectionMap | None:
    data = compressed(digest)
    return None if data is None else CollectionMap.decode(gzip.decompress(data), regions)


def _summary_key(model: EmbeddingModel) -> str:
    return f"maps/{model.fingerprint or model.pk}.json"


def _points_key(digest: str) -> str:
    return f"maps/points/{digest}.bin.gz"
