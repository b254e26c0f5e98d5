"""Response times of the admin's pages over a large made-up collection.

Every registered list is measured without being named here; actions are sent as a browser sends
them. Requests run in this process, through all middleware, without a network.
"""

import time
from functools import partial
from statistics import median
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from operations.benchmarks.collection import Collection
from operations.benchmarks.search import admin_runs, admin_searches, admin_works
from operations.benchmarks.search.admin_requests import Page, visit
from search.analytics import insights
from search.embeddings import coverage
from search.models import EmbeddingModel

USERNAME = "bench"


def fill(made: Collection) -> None:
    """Add curators' data and an account to a made-up collection; needs an active model
    (`over_http.activate`)."""
    admin_works.fill()
    admin_searches.fill(made.words, len(made.pictures))
    admin_runs.fill(made.model)
    User.objects.create_superuser(USERNAME)


def measure(words: list[str], times: int) -> dict[str, dict[str, float]]:
    """Return the median of `times` answers in milliseconds, and the queries of each page."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.get(username=USERNAME))
    pages = {
        **_lists(client),
        **admin_runs.pages(client),  # first, as switching needs every vector
        **admin_works.pages(client, words),
        **admin_searches.pages(client, words),
    }
    return {name: _timed(page, times) for name, page in pages.items()}


def background_counts() -> dict[str, float]:
    """Return the milliseconds of counts that run in the background of pages."""
    candidate = EmbeddingModel.objects.get(name=admin_runs.CANDIDATE_NAME)
    spent = {}
    for name, count in (
        ("searches of 90 days", partial(insights.read_log, 90)),
        ("the collection", insights.read_collection),
        ("vectors that a model lacks", partial(coverage.gaps, candidate)),
    ):
        began = time.perf_counter()
        count()
        spent[name] = 1000 * (time.perf_counter() - began)
    return spent


def _timed(page: Page, times: int) -> dict[str, float]:
    cache.clear()
    request = page()
    with CaptureQueriesContext(connection) as captured:
        # The first request fills the caches, so its queries are the most.
        _check(request())
        queries = len(captured)
    spent = []
    for _ in range(times):
        request = page()
        began = time.perf_counter()
        response = request()
        spent.append(time.perf_counter() - began)
        _check(response)
    return {"p50_ms": round(1000 * median(spent), 1), "queries": queries}


def _check(response: Any) -> None:
    if response.status_code not in {200, 302}:
        path = response.request["PATH_INFO"]
        raise RuntimeError(f"{path} answers {response.status_code}: {response.content[:500]!r}")
    errors = (getattr(response, "context_data", None) or {}).get("errors")
    if errors:
        raise RuntimeError(f"{response.request['PATH_INFO']} rejects the form: {errors}")


def _lists(client: Client) -> dict[str, Page]:
    lists = {"first page": visit(client, "/admin/")}
    for model in admin.site._registry:
        opts = model._meta
        address = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
        lists[f"list of {opts.verbose_name_plural}"] = visit(client, address)
    return lists
