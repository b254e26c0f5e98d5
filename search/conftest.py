"""A tiny random CLIP, registered and active."""

import pytest

from museum.core.caching import background
from search.embeddings import registry
from testing.tiny_clip import write_checkpoint

VOCABULARY = (
    "a the in at on of with and red blue green boat boats sea sunset horse apple apples basket "
    "man woman child house snow quiet harbour lies stands paints field sky cloud tree road"
)


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    """Folder of a CLIP with random weights: 24 dimensions, 16 tokens, a vocabulary of 35 words."""
    folder = tmp_path_factory.mktemp("models") / "tiny-clip"
    write_checkpoint(folder, words=VOCABULARY.split(), context_length=16)
    return folder


@pytest.fixture
def tiny(db, checkpoint):
    """The tiny model, active."""
    return registry.activate(registry.register(str(checkpoint)))


@pytest.fixture(autouse=True)
def figures_at_once(monkeypatch):
    """Pages wait for what they have counted, however busy the machine is."""
    monkeypatch.setattr(background, "FIRST_WAIT_SECONDS", 60)
