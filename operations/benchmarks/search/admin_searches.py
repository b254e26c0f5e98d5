"""Admin pages about searches, for `bench_admin`: the query log, curated queries and judgments."""

from datetime import timedelta
from itertools import count, cycle
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from museum.models import Artwork
from operations.benchmarks.search.admin_requests import Page, filled, post, saved, uncached, visit
from search.models import CuratedQuery, CuratedWork, JudgmentQuery, PooledWork, QueryLog, Synonyms

POOL_SIZE = 40
PINNED_WORKS = 20  # works of one query: many
JUDGED_QUERIES = 200  # queries, each by two people
CURATED_QUERIES = 200


def fill(words: list[str], searches: int) -> None:
    """Add a log of `searches` in three months, retrieval counts, curated queries and queries that
    two people have judged."""
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
    works = list(Artwork.objects.order_by("pk").values_list("pk", flat=True)[:POOL_SIZE])
    for word in words[:CURATED_QUERIES]:
        rule = CuratedQuery.objects.create(query=word)
        CuratedWork.objects.create(curated_query=rule, artwork_id=works[0])
    Synonyms.objects.create(terms=words[200:202])
    for word in words[:JUDGED_QUERIES]:
        query = JudgmentQuery.objects.create(query=word)
        PooledWork.objects.bulk_create(PooledWork(query=query, artwork_id=pk) for pk in works)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO search_retrievals (artwork_id, times, last_on) "
            "SELECT id, id % 1000, current_date FROM museum_artwork WHERE id % 5 < 3"
        )
        cursor.execute(
            "INSERT INTO auth_user (username, password, is_superuser, first_name, last_name, email,"
            " is_staff, is_active, date_joined) "
            "SELECT 'rater-' || n, '', false, '', '', '', true, true, now() "
            "FROM generate_series(1, 2) n"
        )
        cursor.execute(
            "INSERT INTO search_judgment (query_id, artwork_id, rater_id, grade, updated_at) "
            "SELECT p.query_id, p.artwork_id, u.id, (p.id * u.id) %% 4, now() "
            "FROM search_pooledwork p, auth_user u WHERE u.username LIKE 'rater-%%'",
            [],
        )
        cursor.execute("VACUUM ANALYZE search_querylog, search_retrievals, search_judgment")


def pages(client: Client, words: list[str]) -> dict[str, Page]:
    """Return what to visit and to send, by name."""
    rule, query = CuratedQuery.objects.earliest("pk"), JudgmentQuery.objects.earliest("pk")
    _pins(rule)
    synonyms = Synonyms.objects.earliest("pk")
    log, add_rule = (
        reverse(f"admin:search_{name}") for name in ("querylog_changelist", "curatedquery_add")
    )
    # A kept database has curated queries of an earlier run.
    known = set(CuratedQuery.objects.values_list("query", flat=True))
    pairs = (pair for n in count() if (pair := f"{words[n]} {words[n + 1]}") not in known)
    logged = list(QueryLog.objects.values_list("pk", flat=True)[:50])
    return {
        "insight": visit(client, reverse("admin:search_insight")),
        "insight: counted anew": uncached(
            visit(client, reverse("admin:search_insight"), days="90")
        ),
        "query log: searched": visit(client, log, q=words[3]),
        "query log: of weak answers": visit(client, log, relevance="weak"),
        "judge 50 queries of the log": post(
            client, log, lambda: {"action": "judge", "_selected_action": logged}
        ),
        "curated query: form": visit(
            client, reverse("admin:search_curatedquery_change", args=[rule.pk])
        ),
        "curated query: preview": post(
            client, reverse("admin:search_curatedquery_preview"), lambda: _rule(next(pairs))
        ),
        "save a curated query": post(client, add_rule, lambda: _rule(next(pairs))),
        "pin a work": _pin(client, rule),
        "synonyms: preview": post(
            client,
            reverse("admin:search_synonyms_preview"),
            lambda: {"terms": ",".join(words[300:302]), "is_active": "on"},
        ),
        "save synonyms": saved(
            client,
            reverse("admin:search_synonyms_change", args=[synonyms.pk]),
            terms=lambda: f"boat,{next(pairs)}",
        ),
        "save an example search": post(
            client,
            reverse("admin:museum_examplesearch_add"),
            lambda: {"query": next(pairs), "position": "0", "is_active": "on"},
        ),
        **_judging(client, query),
    }


def _rule(query: str) -> dict[str, str]:
    forms = {"works-TOTAL_FORMS": "0", "works-INITIAL_FORMS": "0"}
    return {"query": query, "is_active": "on", **forms}


def _pins(rule: CuratedQuery) -> None:
    """Reset the works of a query: each pinned one makes the page longer."""
    rule.works.all().delete()
    works = Artwork.objects.order_by("pk").values_list("pk", flat=True)[:PINNED_WORKS]
    CuratedWork.objects.bulk_create(
        CuratedWork(curated_query=rule, artwork_id=pk, position=n) for n, pk in enumerate(works)
    )


def _pin(client: Client, rule: CuratedQuery) -> Page:
    address = reverse("admin:search_curatedquery_change", args=[rule.pk])
    last = Artwork.objects.latest("pk").pk

    def make() -> dict[str, Any]:
        _pins(rule)
        return filled(client.get(address)) | {f"works-{PINNED_WORKS}-artwork": last}

    return post(client, address, make)


def _judging(client: Client, query: JudgmentQuery) -> dict[str, Page]:
    grid = reverse("admin:search_grade", args=[query.pk])
    works = list(query.pool.values_list("artwork", flat=True))
    grades = cycle("0123")
    return {
        "query to judge: grid": visit(client, grid),
        "query to judge: pool": post(client, reverse("admin:search_pool", args=[query.pk]), dict),
        "query to judge: one grade": post(
            client, grid, lambda: {f"grade-{works[0]}": next(grades)}
        ),
        "query to judge: all grades": post(
            client, grid, lambda: {f"grade-{work}": next(grades) for work in works}
        ),
        "agreement of raters": visit(client, reverse("admin:search_agreement")),
        "file of judgments": visit(client, reverse("admin:search_export", args=["training"])),
    }
