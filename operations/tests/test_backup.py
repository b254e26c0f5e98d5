"""A backup, a catastrophe, and everything is back."""

import json
import shutil
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from museum.images import storage
from museum.models import Artwork
from operations import backup
from search.embeddings import hnsw_index
from search.engine import search
from search.models import Embedding
from search.query.query import Query
from search.tasks import embed_artworks
from testing.factories import work

pytestmark = pytest.mark.django_db(transaction=True)


def answer() -> list[tuple]:
    found = search.search(Query.parse("red boat"))
    return [(hit.artwork.artic_id, round(hit.score, 6)) for hit in found.hits]


def test_what_was_destroyed_is_restored_to_the_last_row(tiny, tmp_path, settings):
    works = [work(f"Boat {n}", seed=n, text="a red boat lies in the harbour") for n in range(6)]
    embed_artworks([each.pk for each in works])
    hnsw_index.ensure(tiny)
    before = answer()
    assert len(before) == 6
    rows = {model: list(model.objects.order_by("pk").values()) for model in (Artwork, Embedding)}
    folder = tmp_path / "backup"
    call_command("backup", folder, stdout=StringIO())
    # Again into the same folder: nothing new.
    facts = backup.backup(folder)
    assert (facts.rows["museum_artwork"], facts.pictures) == (6, 6)

    with pytest.raises(CommandError, match="not empty: give --replace"):
        call_command("restore", folder)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE museum_artwork, search_embedding CASCADE")
    shutil.rmtree(settings.MEDIA_ROOT)
    call_command("restore", folder, replace=True, stdout=StringIO())

    for model, known in rows.items():
        assert str(list(model.objects.order_by("pk").values())) == str(known)
    assert answer() == before
    assert all(storage.read(each.image_sha256) for each in works)
    # The vector indexes are there and need not be built again.
    assert hnsw_index.ensure(tiny) == []


def test_what_is_no_whole_backup_is_refused(tmp_path):
    with pytest.raises(CommandError, match="no complete backup"):
        call_command("restore", tmp_path, replace=True)
    (tmp_path / backup.FACTS_FILE).write_text(json.dumps({"rows": 1}))
    with pytest.raises(backup.BackupError, match="no complete backup"):
        backup.restore(tmp_path, replace=True)
    assert Artwork.objects.count() == 0
