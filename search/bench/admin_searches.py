"""What curators do about searches, as `bench_admin` measures it: a log, rules and judgments."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from museum.models import Artwork
from search.curated import CuratedQuery, CuratedWork
from search.judgments import JudgmentQuery, PooledWork
from search.logged import QueryLog

POOLED = 40
WORKS = "/admin/museum/artwork/"


def furnish(words: list[str], searches: int) -> None:
    """Add a log of so many searches in three months, counters of works shown, one curated query
    and one to judge."""
    now = timezone.now()
    QueryLog.objects.bulk_create(
        (
            QueryLog(
                at=now - timedelta(minutes=n * 90 * 24 * 60 // searches),
                query=words[n * n % 5_000],
                key=words[n * n % 5_000],
                count=n % 40,
                relevance=("strong", "related", "weak")[n % 3] if n % 40 else "",
                milliseconds=5 + n % 97,
                source=QueryLog.Source.SITE if n % 4 else QueryLog.Source.API,
            )
            for n in range(searches)
        ),
        batch_size=5_000,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO search_retrievals (artwork_id, times, last_on) "
            "SELECT id, id % 1000, current_date FROM museum_artwork WHERE id % 5 < 3"
        )
        cursor.execute("VACUUM ANALYZE search_querylog, search_retrievals")
    works = list(Artwork.objects.order_by("pk").values_list("pk", flat=True)[:POOLED])
    rule = CuratedQuery.objects.create(query=words[0])
    CuratedWork.objects.create(curated_query=rule, artwork_id=works[0])
    query = JudgmentQuery.objects.create(query=words[1])
    PooledWork.objects.bulk_create(PooledWork(query=query, artwork_id=pk) for pk in works)


def pages(client: Client, words: list[str]) -> dict[str, Callable[[], Callable[[], Any]]]:
    """Return what to visit, by name; each makes a request that can be timed alone."""
    rule, query = CuratedQuery.objects.get(), JudgmentQuery.objects.get()
    grid = reverse("admin:search_grade", args=[query.pk])
    first = query.pool.values_list("artwork", flat=True)[0]
    form = {
        "query": " ".join(words[100:102]), "is_active": "on", "works-TOTAL_FORMS": "0",
        "works-INITIAL_FORMS": "0",
    }  # fmt: skip
    visits = {
        "insight": reverse("admin:search_insight"),
        "query log: searched": f"{reverse('admin:search_querylog_changelist')}?q={words[3]}",
        "works: never found": f"{WORKS}?found=never",
        "curated query: form": reverse("admin:search_curatedquery_change", args=[rule.pk]),
        "query to judge: grid": grid,
        "agreement of raters": reverse("admin:search_agreement"),
    }
    sent = {
        "curated query: preview": (reverse("admin:search_curatedquery_preview"), form),
        "query to judge: one grade": (grid, {f"grade-{first}": "2"}),
    }
    reads = {name: partial(partial, client.get, address) for name, address in visits.items()}
    posts = {name: partial(partial, client.post, *each) for name, each in sent.items()}
    return {**reads, **posts}
