"""A database of its own for a benchmark, and the made-up collection in it."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from django.db import connection
from psycopg import sql

from museum.models import Artwork
from search import index, synthetic
from search.models import Embedding, EmbeddingModel

DATABASE = "ekphrasis_bench"


@contextmanager
def own_database(keep: bool = False, name: str = DATABASE) -> Iterator[None]:
    """Work in an empty database of its own, made for this and dropped however this ends."""
    usual = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = name
    try:
        connection.creation.create_test_db(
            verbosity=0, autoclobber=not keep, keepdb=keep, serialize=False
        )
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
        if not keep:
            # Whoever is still connected (a web process that is just ending) is turned out.
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            with connection.cursor() as cursor:
                cursor.execute(drop)


def collection(number: int, dimension: int = synthetic.DIMENSION) -> synthetic.Collection:
    """Return the collection in the connected database, made and indexed if there is none."""
    model = EmbeddingModel.objects.filter(name="synthetic").first()
    if model is not None and Artwork.objects.count() == number:
        rows = Embedding.objects.filter(model=model, kind="image").order_by("artwork__artic_id")
        vectors = [
            np.asarray(row, np.float32)
            for row in rows.values_list("vector", flat=True).iterator(chunk_size=2_000)
        ]
        return synthetic.Collection(model, synthetic.words(), np.array(vectors))
    made = synthetic.make(number, dimension)
    index.ensure(made.model)
    return made
