"""One map as it is kept: points in a binary file that browsers read as it stands, and its regions.

Files lie in the storage of pictures, named by the fingerprint of the model whose vectors they are
of. The points come first and the description after, so that no reader meets one without the other.
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

SHEET_TTL_SECONDS = 60  # for which a web process goes on with the map that it has read


@dataclass(frozen=True)
class Atlas:
    """`ids` (n,) of works, `points` (n, 2) in 0 to 1, `colours` (n, 3) of 0 to 255, and regions.

    `belongs` (n,) numbers the region of each work.
    """

    ids: np.ndarray
    points: np.ndarray
    colours: np.ndarray
    belongs: np.ndarray
    regions: tuple[Region, ...]

    def encode(self) -> bytes:
        """Return the number of works and, for all of them, ids, points, colours and regions.

        uint32 n and 4 bytes of nothing, n float64, 2n uint16, 3n and n uint8; little-endian.
        """
        parts = [
            np.array([len(self.ids), 0], "<u4"),
            self.ids.astype("<f8"),
            np.rint(self.points * 65535).astype("<u2"),
            self.colours.astype("u1"),
            self.belongs.astype("u1"),
        ]
        return b"".join(part.tobytes() for part in parts)

    @classmethod
    def decode(cls, data: bytes, regions: tuple[Region, ...] = ()) -> Self:
        """Read what `encode` wrote."""
        number = int(np.frombuffer(data, "<u4", 1)[0])
        end = 8 + 8 * number
        ids = np.frombuffer(data, "<f8", number, 8).astype(np.int64)
        points = np.frombuffer(data, "<u2", 2 * number, end).reshape(-1, 2) / np.float32(65535)
        colours = np.frombuffer(data, "u1", 3 * number, end + 4 * number).reshape(-1, 3)
        belongs = np.frombuffer(data, "u1", number, end + 7 * number)
        return cls(ids, points, colours, belongs, regions)


@dataclass(frozen=True)
class Sheet:
    """What is said of a map without reading its points: their `digest`, and the regions."""

    digest: str
    works: int
    regions: tuple[Region, ...]

    def atlas(self) -> Atlas | None:
        """Return the map itself; None if its file is lost."""
        return _atlas(self.digest, self.regions)


def store(atlas: Atlas, model: EmbeddingModel) -> Sheet:
    """Keep `atlas` as the map of `model`."""
    data = atlas.encode()
    digest = hashlib.sha256(data).hexdigest()[:32]
    blob_store.keep(_points(digest), gzip.compress(data, mtime=0))
    said = {
        "points": digest,
        "works": len(atlas.ids),
        "regions": [each.to_json() for each in atlas.regions],
    }
    blob_store.keep(_sheet(model), json.dumps(said, ensure_ascii=False).encode())
    cache.delete(_sheet(model))
    return Sheet(digest, len(atlas.ids), atlas.regions)


def of(model: EmbeddingModel | None) -> Sheet | None:
    """Return the map of `model`; None where none has been made."""
    if model is None:
        return None
    sheets = typed_cache.read_or_make(
        _sheet(model), list[Sheet], lambda: _read(model), SHEET_TTL_SECONDS
    )
    return sheets[0] if sheets else None


def _read(model: EmbeddingModel) -> list[Sheet]:
    """Return the map of `model`, if there is one: that there is none is worth keeping, too."""
    text = blob_store.read(_sheet(model))
    if not text:
        return []
    said = json.loads(text)
    regions = tuple(Region(**each) for each in said["regions"])
    return [Sheet(said["points"], said["works"], regions)]


def compressed(digest: str) -> bytes | None:
    """Return the points with this digest as they are kept: by gzip."""
    return blob_store.read(_points(digest))


@lru_cache(maxsize=2)
def _atlas(digest: str, regions: tuple[Region, ...]) -> Atlas | None:
    data = compressed(digest)
    return None if data is None else Atlas.decode(gzip.decompress(data), regions)


def _sheet(model: EmbeddingModel) -> str:
    return f"maps/{model.fingerprint or model.pk}.json"


def _points(digest: str) -> str:
    return f"maps/points/{digest}.bin.gz"
