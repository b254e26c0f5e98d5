"""One registry says of each family how it is told, what it reads, and what loads it."""

from importlib import import_module

import pytest

from search.encoders import families
from search.models import Embedding, EmbeddingModel


@pytest.mark.parametrize(
    ("architecture", "family", "kinds"),
    [
        ("sentence-transformers", families.SENTENCE_TRANSFORMERS, ["text"]),
        ("blip", families.BLIP, ["image", "text"]),
        ("ViT-B-32", families.OPEN_CLIP, ["image", "text"]),
        ("demo-synthetic", families.OPEN_CLIP, ["image", "text"]),
        ("my-fine-tuned-model", families.OPEN_CLIP, ["image", "text"]),
    ],
)
def test_the_architecture_of_a_model_names_its_family(architecture, family, kinds):
    found = families.family_of(EmbeddingModel(architecture=architecture))
    assert found is family
    assert list(found.kinds) == kinds


@pytest.mark.parametrize(
    ("files", "architecture"),
    [
        (["modules.json", "config.json"], "sentence-transformers"),
        (["config.json", "preprocessor_config.json"], "blip"),
        (["open_clip_config.json"], "tuned"),
        (["config.json", "open_clip_config.json"], "tuned"),
        ([], "tuned"),
    ],
)
def test_the_files_of_a_folder_tell_its_architecture(tmp_path, files, architecture):
    folder = tmp_path / "tuned"
    folder.mkdir()
    for name in files:
        (folder / name).touch()
    assert families.architecture(folder) == architecture


@pytest.mark.parametrize("family", families.FAMILIES, ids=lambda family: family.name)
def test_every_family_has_a_module_that_loads_its_models(family):
    assert callable(import_module(family.module).load)
    assert set(family.kinds) <= set(Embedding.Kind.values)


def test_names_are_unique_and_the_last_family_takes_the_rest():
    assert len({family.name for family in families.FAMILIES}) == len(families.FAMILIES)
    *others, last = families.FAMILIES
    assert last is families.OPEN_CLIP
    assert last.files == ()
    assert all(family.files for family in others)
