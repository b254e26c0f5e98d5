"""Experiments: a candidate and the active model answer a share of the searches together."""

import math
from dataclasses import dataclass
from datetime import timedelta

from django.db import models, transaction
from django.db.models import Case, Count, F, Q, Sum, Value, When
from django.utils import timezone

NORMAL_QUANTILE_95 = 1.959964  # of a normal distribution, for 95 %


@dataclass(frozen=True)
class Outcome:
    """The number of clicked pages where the candidate got more clicks, fewer, or as many."""

    wins: int
    losses: int
    ties: int

    @property
    def decided(self) -> int:
        """The pages without a tie (ties are dropped, as in a sign test)."""
        return self.wins + self.losses

    @property
    def rate(self) -> float | None:
        """The candidate's share of the decided pages; None if there are none."""
        return self.wins / self.decided if self.decided else None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of `rate` (Wilson's score interval, valid for few pages, too)."""
        if not self.decided:
            return 0.0, 1.0
        n, p = self.decided, self.wins / self.decided
        middle = (p + NORMAL_QUANTILE_95**2 / (2 * n)) / (1 + NORMAL_QUANTILE_95**2 / n)
        half = (
            NORMAL_QUANTILE_95
            * math.sqrt(p * (1 - p) / n + NORMAL_QUANTILE_95**2 / (4 * n**2))
            / (1 + NORMAL_QUANTILE_95**2 / n)
        )
        return max(middle - half, 0.0), min(middle + half, 1.0)

    def __str__(self) -> str:
        pages = f"{self.decided} pages decided, {self.ties} tied"
        if self.rate is None:
            return pages
        low, high = self.interval
        verdict = "better" if low > 0.5 else "worse" if high < 0.5 else "no difference shown"
        return f"{self.rate:.0%} ({low:.0%} to {high:.0%}), {verdict}; {pages}"


# An experiment ends after this time, so that clicks are not stored for ever.
MAX_DURATION = timedelta(days=90)


class Experiment(models.Model):
    """An experiment in which `share` (0 to 1) of the searches show both models' works.

    At most one runs.

    When it ends, its clicks are counted and deleted.
    """

    baseline = models.ForeignKey(
        "search.EmbeddingModel", on_delete=models.CASCADE, related_name="+", editable=False
    )
    candidate = models.ForeignKey(
        "search.EmbeddingModel", on_delete=models.CASCADE, related_name="experiments"
    )
    share = models.FloatField(
        help_text="Share of the searches on the website, for example 0.1 for one in ten."
    )
    is_running = models.BooleanField(default=True, editable=False)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, editable=False)
    wins = models.PositiveIntegerField(default=0, editable=False)
    losses = models.PositiveIntegerField(default=0, editable=False)
    ties = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_running"],
                condition=Q(is_running=True),
                name="search_experiment_one_running",
            ),
            models.CheckConstraint(
                condition=Q(share__gt=0) & Q(share__lte=1),
                name="search_experiment_share_is_a_share",
                violation_error_message="Give a share above 0 and up to 1.",
            ),
            models.CheckConstraint(
                condition=~Q(baseline=F("candidate")), name="search_experiment_of_two_models"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate} against {self.baseline}"

    @property
    def outcome(self) -> Outcome:
        """The outcome so far."""
        if not self.is_running:
            return Outcome(self.wins, self.losses, self.ties)
        margin = Sum(Case(When(is_candidate=True, then=Value(1)), default=Value(-1)))
        pages = self.clicks.values("page").annotate(margin=margin)
        return Outcome(
            **pages.aggregate(
                wins=Count("page", filter=Q(margin__gt=0)),
                losses=Count("page", filter=Q(margin__lt=0)),
                ties=Count("page", filter=Q(margin=0)),
            )
        )

    @transaction.atomic
    def end(self) -> None:
        """Count the clicks, and delete them."""
        running = Experiment.objects.select_for_update().filter(pk=self.pk, is_running=True)
        if running.first() is not None:
            outcome = self.outcome
            running.update(
                is_running=False,
                ended_at=timezone.now(),
                wins=outcome.wins,
                losses=outcome.losses,
                ties=outcome.ties,
            )
            self.clicks.all().delete()
        self.refresh_from_db()


class Click(models.Model):
    """A click on one work of an interleaved page. Visitor and time are not stored.

    `page` is a random number of the page, `place` the position of the work on it.
    """

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="clicks")
    page = models.BigIntegerField()
    place = models.PositiveSmallIntegerField()
    is_candidate = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "page", "place"], name="search_click_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place} on {self.page}"


def running_experiment() -> Experiment | None:
    """Return the running experiment, if the states of its models are unchanged."""
    found = (
        Experiment.objects.filter(
            is_running=True, baseline__state="active", candidate__state="ready"
        )
        .select_related("baseline", "candidate")
        .first()
    )
    if found is not None and found.started_at < timezone.now() - MAX_DURATION:
        found.end()
        return None
    return found


def end_experiments(**of: object) -> None:
    """End the running experiments that match the filters `of`, after their models change."""
    for experiment in Experiment.objects.filter(is_running=True, **of):
        experiment.end()
