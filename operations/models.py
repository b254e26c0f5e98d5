"""Measurements that are repeated while the site runs."""

from django.db import models
from django.db.models import Q

from search.models import Embedding, EmbeddingModel


class RecallProbe(models.Model):
    """The recall of a vector index over random pictures or passages.

    `recall` is recall@10 with the settings of searches; times are medians in milliseconds.
    """

    model = models.ForeignKey(EmbeddingModel, on_delete=models.CASCADE, related_name="probes")
    kind = models.SlugField(max_length=8, choices=Embedding.Kind.choices, db_index=False)
    queries = models.PositiveIntegerField()
    recall = models.FloatField()
    index_ms = models.FloatField()
    exact_ms = models.FloatField()
    taken_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-taken_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(recall__gte=0) & Q(recall__lte=1), name="operations_recall_is_a_share"
            ),
        ]
        indexes = [
            models.Index(fields=["model", "kind", "-taken_at"], name="operations_probe_newest"),
        ]

    def __str__(self) -> str:
        return f"recall@10 {self.recall:.3f} of {self.kind} by {self.model_id}"
