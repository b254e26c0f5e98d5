"""The models that can be registered by name, and how a name or a folder identifies one."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.text import slugify

from search.encoders import families
from search.models import EmbeddingModel


class UnknownModelError(Exception):
    """No model has this name; the message lists the known names."""


@dataclass(frozen=True)
class KnownModel:
    """A model that can be registered; its fields are those of `EmbeddingModel`."""

    name: str
    architecture: str
    pretrained: str = ""
    checkpoint: str = ""
    licence: str = ""
    is_synthetic: bool = False


DEMO = KnownModel(
    name="demo-synthetic",
    architecture="demo-synthetic",
    checkpoint="search/encoders/demo_synthetic",
    licence="MIT",
    is_synthetic=True,
)


DEFAULT = KnownModel(
    name="vit-b-32", architecture="ViT-B-32", pretrained="laion2b_s34b_b79k", licence="MIT"
)


SENTENCE_ENCODER = KnownModel(
    name="all-minilm-l6-v2",
    architecture=families.SENTENCE_TRANSFORMERS.name,
    pretrained="all-MiniLM-L6-v2",
    licence="Apache-2.0",
)


KNOWN = {known.name: known for known in (DEMO, DEFAULT, SENTENCE_ENCODER)}


def identify(spec: str) -> KnownModel:
    """Return the model that `spec` identifies (see `registry.register`), without loading it.

    Raises `UnknownModelError`.
    """
    if spec in KNOWN:
        return KNOWN[spec]
    if row := EmbeddingModel.objects.filter(name=spec).first():
        return KnownModel(row.name, row.architecture, row.pretrained, row.checkpoint, row.licence)
    for known in KNOWN.values():
        if spec == f"{known.architecture}/{known.pretrained}":
            return known
    folder = Path(spec).expanduser()
    if spec and folder.is_dir():
        return _from_folder(folder.resolve())
    architecture, slash, tag = spec.partition("/")
    if slash and architecture and tag and "/" not in tag:
        return KnownModel(slugify(f"{architecture}-{tag}")[:100], architecture, pretrained=tag)
    raise UnknownModelError(
        f"{spec!r} is no model: give {' or '.join(KNOWN)}, an open_clip architecture and hub tag "
        "(ViT-B-32/laion2b_s34b_b79k), or the folder of a checkpoint"
    )


def _from_folder(folder: Path) -> KnownModel:
    # Inside the project the path is kept relative, so that a moved project still finds it.
    inside = folder.is_relative_to(settings.BASE_DIR)
    checkpoint = str(folder.relative_to(settings.BASE_DIR) if inside else folder)
    for known in KNOWN.values():
        if checkpoint == known.checkpoint:
            return known
    name = slugify(folder.name)[:100]
    if not name:
        raise UnknownModelError(f"The folder {folder} has no name to call the model by: rename it")
    return KnownModel(name, architecture=families.architecture(folder), checkpoint=checkpoint)
