"""Votes of visitors of /compare on which of two models answered a search better.

They help curators to judge queries, and do not affect the ranking.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Vote(models.Model):
    """One vote on two answers side by side; nothing about the voter is stored.

    `works_a` and `works_b` are the ids of the works shown, best first. Models are stored by name,
    so that votes outlive them.
    """

    class Choice(models.TextChoices):
        A = "a", "the first is better"
        B = "b", "the second is better"
        BOTH = "both", "both are good"
        NEITHER = "neither", "neither is good"

    query = models.TextField()
    model_a = models.CharField("first model", max_length=100)
    model_b = models.CharField("second model", max_length=100)
    works_a = ArrayField(models.BigIntegerField())
    works_b = ArrayField(models.BigIntegerField())
    choice = models.SlugField(max_length=8, choices=Choice.choices, db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(choice__in=["a", "b", "both", "neither"]),
                name="search_vote_choice_known",
            ),
            models.CheckConstraint(condition=~Q(query=""), name="search_vote_query_not_empty"),
        ]
        indexes = [models.Index(fields=["-created_at"], name="search_vote_created")]

    def __str__(self) -> str:
        return f"{self.query}: {self.get_choice_display()}"
