"""While the model is at one batch, the pictures of the next are on their way."""

import json
import time

import pytest
from django.core.management import call_command

from museum import pictures
from museum.models import Artwork
from search import registry, tasks
from search.ahead import THREADS, Pace
from search.encoders.open_clip_encoder import OpenClipEncoder
from search.models import Embedding
from search.tests.factories import work


def test_the_model_does_not_wait_for_pictures(tiny, settings, monkeypatch):
    settings.EMBED_BATCH_SIZE, number = 8, 40
    for n in range(number):
        work(f"Work {n}", seed=n)
    read, encode = pictures.read, OpenClipEncoder.encode_images

    def slow_read(sha256):
        time.sleep(0.04 * THREADS)
        return read(sha256)

    def slow_encode(self, images):
        time.sleep(0.06 * len(images))
        return encode(self, images)

    monkeypatch.setattr(pictures, "read", slow_read)
    monkeypatch.setattr(OpenClipEncoder, "encode_images", slow_encode)
    encoder, pace = registry.refresh(tiny), Pace()
    ids = list(Artwork.objects.values_list("pk", flat=True))
    seen = []
    done = tasks.embed(ids, tiny, encoder, pace=pace, watch=seen.append)
    seconds = time.perf_counter() - pace.began
    assert (done["embedded"], sum(seen)) == (number, number)
    assert Embedding.objects.filter(kind="image").count() == number
    # One after the other it would take 4 s; together, the model's 2.4 s and the first pictures'.
    assert seconds < number * (0.04 + 0.06) * 0.9


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
