"""While the model is at one batch, the pictures of the next are on their way."""

import json
import threading

import pytest
from django.core.management import call_command

from museum.images import storage
from museum.models import Artwork
from search.embeddings import embed, registry
from search.embeddings.prefetch import Throughput
from search.encoders.open_clip_encoder import OpenClipEncoder
from search.models import Embedding
from testing.factories import work


def test_the_next_pictures_are_read_while_the_model_works(tiny, settings, monkeypatch):
    settings.EMBED_BATCH_SIZE, number = 8, 40
    for n in range(number):
        work(f"Work {n}", seed=n)
    read, encode = storage.read, OpenClipEncoder.encode_images
    reads, is_ahead, waited = [], threading.Event(), []

    def counted_read(sha256):
        reads.append(sha256)
        if len(reads) > settings.EMBED_BATCH_SIZE:
            is_ahead.set()
        return read(sha256)

    def patient_encode(self, images):
        # Were pictures read only between batches, the first batch would wait here in vain.
        waited.append(is_ahead.wait(timeout=30))
        return encode(self, images)

    monkeypatch.setattr(storage, "read", counted_read)
    monkeypatch.setattr(OpenClipEncoder, "encode_images", patient_encode)
    encoder, throughput = registry.refresh(tiny), Throughput()
    ids = list(Artwork.objects.values_list("pk", flat=True))
    seen = []
    done = embed.embed(ids, tiny, encoder, throughput=throughput, watch=seen.append)
    assert (done["embedded"], sum(seen)) == (number, number)
    assert Embedding.objects.filter(kind="image").count() == number
    assert all(waited)


@pytest.mark.django_db(transaction=True)
def test_the_command_says_how_fast_it_was_and_how_fast_the_model_alone(tiny, capsys):
    for n in range(6):
        work(f"Work {n}", seed=n)
    call_command("embed", "--json")
    summary = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert summary["pictures_per_s"] > 0
    assert summary["model_pictures_per_s"] > 0
    call_command("embed", "--all")
    assert "pictures/s, the model alone" in capsys.readouterr().out
