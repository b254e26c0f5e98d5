"""Embedding models and their vectors."""

from django.db import models
from django.db.models import Q
from pgvector.django import HalfVectorField

from museum.models import Artwork, Description
from search.models.api_tokens import ApiToken
from search.models.curation import CuratedQuery, CuratedWork, Synonyms
from search.models.experiments import Click, Experiment
from search.models.judgments import Judgment, JudgmentQuery, PooledWork
from search.models.query_log import QueryLog, Retrievals
from search.models.votes import Vote

__all__ = [
    "ApiToken", "Click", "CuratedQuery", "CuratedWork", "Embedding", "EmbeddingModel",
    "Experiment", "Judgment", "JudgmentQuery", "PooledWork", "QueryLog", "Retrievals", "Synonyms",
    "Vote",
]  # fmt: skip


class EmbeddingModel(models.Model):
    """A CLIP that embeds pictures and texts into one space; exactly one is active.

    `architecture` with `pretrained` names an open_clip hub tag; `architecture` with `checkpoint`
    names a local folder (`open_clip_config.json` and weights). Other families of models have their
    name as architecture (`search/encoders/families.py`). `fingerprint` is a hash over weights and
    preprocessing: vectors of different fingerprints are never compared.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        EMBEDDING = "embedding"
        READY = "ready"
        ACTIVE = "active"
        RETIRED = "retired"

    name = models.SlugField(max_length=100)
    architecture = models.CharField(max_length=100)
    pretrained = models.CharField(
        max_length=100, blank=True, help_text="Tag of the weights in open_clip."
    )
    checkpoint = models.TextField(blank=True, help_text="Folder of a local checkpoint.")
    fingerprint = models.CharField(max_length=32, blank=True)
    dimension = models.PositiveIntegerField()
    metrics = models.JSONField(default=dict, blank=True)
    licence = models.TextField(blank=True)
    is_synthetic = models.BooleanField(
        default=False, help_text="Trained only on generated pictures; not used on real works."
    )
    text_model = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,  # a handful of rows
        help_text="Optional model that encodes descriptions instead of this one.",
    )
    state = models.SlugField(choices=State.choices, default=State.DRAFT)
    created_at = models.DateTimeField(auto_now_add=True)
    activated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["name"], name="search_embedding_model_name_unique"),
            models.UniqueConstraint(
                fields=["state"],
                condition=Q(state="active"),
                name="search_embedding_model_one_active",
            ),
            models.CheckConstraint(
                # An expression index needs a fixed width, and HNSW over halfvec ends at 4,000.
                condition=Q(dimension__gte=1) & Q(dimension__lte=4000),
                name="search_embedding_model_dimension_indexable",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def description_model(self) -> "EmbeddingModel":
        """The model that encodes typed words to compare with descriptions."""
        other = self.text_model
        return other if other is not None and other.state == self.State.READY else self


class Embedding(models.Model):
    """One unit vector: of a work's picture (part 0), or of one passage of a description.

    `source_hash` names what was embedded (the picture's SHA-256, or a hash of the passage), so
    that a changed picture or text is noticed. `start` and `end` are the
    passage's character positions in `description.text`.
    """

    class Kind(models.TextChoices):
        IMAGE = "image"
        TEXT = "text"

    artwork = models.ForeignKey(Artwork, on_delete=models.CASCADE, related_name="embeddings")
    model = models.ForeignKey(EmbeddingModel, on_delete=models.CASCADE, related_name="embeddings")
    kind = models.SlugField(max_length=8, choices=Kind.choices, db_index=False)
    part = models.PositiveSmallIntegerField(default=0)
    description = models.ForeignKey(
        Description, on_delete=models.CASCADE, null=True, blank=True, related_name="embeddings"
    )
    start = models.PositiveIntegerField(default=0)
    end = models.PositiveIntegerField(default=0)
    source_hash = models.CharField(max_length=64)
    # No width here: each model has its own, fixed by its partial index
    # (search/embeddings/hnsw_index.py).
    vector = HalfVectorField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["artwork", "model", "kind", "part"], name="search_embedding_unique"
            ),
            models.CheckConstraint(
                condition=Q(kind="image", description__isnull=True)
                | Q(kind="text", description__isnull=False),
                name="search_embedding_text_has_description",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.part} of {self.artwork_id} by {self.model_id}"
