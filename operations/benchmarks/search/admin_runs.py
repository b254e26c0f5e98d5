"""Admin pages about models, ingest runs and accounts, for `bench_admin`."""

from contextlib import suppress
from functools import partial
from itertools import count
from typing import Any

from celery import current_app
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse

from museum.core.caching import background
from operations.benchmarks.search.admin_requests import Page, Request, post, saved, uncached, visit
from search.embeddings import activation, coverage, hnsw_index, registry
from search.models import ApiToken, EmbeddingModel, Experiment

CANDIDATE_NAME = "candidate"
RUN_COUNT = 200
STEP_COUNT = 5_000
FAILURE_COUNT = 50_000  # ten reasons, one picture in 26 for each
VOTE_COUNT = 20_000


def fill(active: EmbeddingModel) -> None:
    """Add a second ready model, runs with steps and failures, votes, and log entries."""
    embed(_candidate(active))
    candidate = EmbeddingModel.objects.get(name=CANDIDATE_NAME)
    hnsw_index.ensure(candidate)
    with connection.cursor() as cursor:
        for statement, number in (
            (_RUNS, RUN_COUNT), (_STEPS, STEP_COUNT), (_FAILURES, FAILURE_COUNT),
            (_VOTES, VOTE_COUNT), (_TRAIL, STEP_COUNT),
        ):  # fmt: skip
            cursor.execute(statement, [number])
        cursor.execute("VACUUM ANALYZE ingest_ingestfailure, ingest_ingeststep, search_vote")
    ApiToken.objects.create(name="One", start="one", digest="one")


def _candidate(active: EmbeddingModel) -> EmbeddingModel:
    return EmbeddingModel.objects.create(
        name=CANDIDATE_NAME,
        architecture=active.architecture,
        checkpoint=active.checkpoint,
        fingerprint=active.fingerprint,
        dimension=active.dimension,
        state=EmbeddingModel.State.READY,
    )


def embed(model: EmbeddingModel) -> None:
    """Copy any vectors to `model` where it lacks some, and delete outdated ones."""
    with connection.cursor() as cursor:
        # An earlier run asked for these to be fetched again.
        cursor.execute(
            "UPDATE museum_artwork SET image_status = 'stored' WHERE image_status = 'pending'"
        )
        for statement in (_OUTDATED, _PICTURES, _PASSAGES):
            cursor.execute(statement, {"model": model.pk})
        cursor.execute("ANALYZE search_embedding")


def pages(client: Client) -> dict[str, Page]:
    """Return what to visit and to send, by name."""
    candidate = EmbeddingModel.objects.get(name=CANDIDATE_NAME)
    embed(candidate)
    model = reverse("admin:search_embeddingmodel_change", args=[candidate.pk])
    return {
        "model: form": visit(client, model),
        **_switching(client, candidate),
        **_experiments(client, candidate),
        **_runs(client),
        **_accounts(client),
    }


def _switching(client: Client, candidate: EmbeddingModel) -> dict[str, Page]:
    activate = reverse("admin:search_activate", args=[candidate.pk])
    back = reverse("admin:search_rollback")

    times = count()

    def go_back() -> dict[str, Any]:
        if registry.active() == candidate:
            activation.rollback()
        elif next(times):
            raise RuntimeError(f"{candidate} was not activated")
        _count_vectors(candidate)
        return {}

    def go_on() -> dict[str, Any]:
        activation.switch(candidate)
        return {}

    def asked() -> Request:
        _count_vectors(candidate)
        return visit(client, activate)()

    return {
        "let a model answer: counted anew": uncached(visit(client, activate)),
        "let a model answer: asked": asked,
        "let a model answer": post(client, activate, go_back),
        "roll back": post(client, back, go_on),
    }


def _count_vectors(model: EmbeddingModel) -> None:
    """Count vectors, as the confirmation page does."""
    with suppress(coverage.BeingCounted):
        coverage.lately(model)
    background.settle()


def _experiments(client: Client, candidate: EmbeddingModel) -> dict[str, Page]:
    def none() -> dict[str, Any]:
        Experiment.objects.all().delete()
        _count_vectors(candidate)
        return {"candidate": candidate.pk, "share": "0.1"}

    def one() -> dict[str, Any]:
        none()
        active: Any = registry.active()
        made = Experiment.objects.create(baseline=active, candidate=candidate, share=0.1)
        return {"action": "end", "_selected_action": [made.pk]}

    return {
        "begin an experiment": post(client, reverse("admin:search_experiment_add"), none),
        "end an experiment": post(client, reverse("admin:search_experiment_changelist"), one),
    }


def _runs(client: Client) -> dict[str, Page]:
    runs = reverse("admin:ingest_ingestrun_changelist")
    failures = reverse("admin:ingest_ingestfailure_changelist")
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM ingest_ingestrun")
        (latest,) = cursor.fetchone()
    retry = post(
        client, reverse("admin:ingest_retry"), lambda: {"stage": "image", "reason": "reason-1"}
    )
    return {
        "status of the ingest": visit(client, reverse("admin:ingest_status")),
        "ingest run: form": visit(client, reverse("admin:ingest_ingestrun_change", args=[latest])),
        "failures: not mended, of a reason": visit(
            client, failures, stage="image", reason="reason-1", resolved_at__isempty="1"
        ),
        f"retry {FAILURE_COUNT // 10} failures": _with_workers(retry),
        "stop a run": post(client, runs, lambda: {"action": "stop", "_selected_action": [latest]}),
    }


def _with_workers(page: Page) -> Page:
    """Simulate workers with a queue in memory that nobody reads."""

    def send(request: Request) -> Any:
        conf: Any = current_app.conf
        conf.broker_url = "memory://"
        with override_settings(REDIS_URL="memory://"):
            return request()

    return lambda: partial(send, page())


def _accounts(client: Client) -> dict[str, Page]:
    numbers = count()
    group, user = Group.objects.get(name="curator"), User.objects.get(username="rater-1")
    token = ApiToken.objects.earliest("pk")
    tokens, new_token = (reverse(f"admin:search_apitoken_{name}") for name in ("changelist", "add"))

    def named() -> dict[str, Any]:
        return {"name": f"Token {next(numbers)}"}

    user_form = reverse("admin:auth_user_change", args=[user.pk])
    return {
        "group: form": visit(client, reverse("admin:auth_group_change", args=[group.pk])),
        "user: form": visit(client, user_form),
        "save a user": saved(client, user_form),
        "make a token": post(client, new_token, named),
        "revoke a token": post(
            client, tokens, lambda: {"action": "revoke", "_selected_action": [token.pk]}
        ),
    }


_OUTDATED = """
DELETE FROM search_embedding e USING museum_description d
WHERE e.model_id = %(model)s AND d.id = e.description_id
AND (NOT d.is_approved OR d.is_boilerplate OR left(e.source_hash, 32) <> md5(d.text))
"""
_PICTURES = """
INSERT INTO search_embedding (artwork_id, model_id, kind, part, start, "end", source_hash, vector,
    created_at)
SELECT a.id, %(model)s, 'image', 0, 0, 0, a.image_sha256, e.vector, now()
FROM museum_artwork a JOIN search_embedding e ON e.artwork_id = a.id AND e.kind = 'image'
WHERE a.image_status = 'stored' AND e.model_id <> %(model)s
ON CONFLICT DO NOTHING
"""
_PASSAGES = """
INSERT INTO search_embedding (artwork_id, model_id, kind, part, description_id, start, "end",
    source_hash, vector, created_at)
SELECT d.artwork_id, %(model)s, 'text', array_position(ARRAY['description', 'alt_text',
    'generated', 'curator', 'curator_alt_text'], d.source), d.id, 0, 9, md5(d.text) || md5(d.text),
    e.vector, now()
FROM museum_description d JOIN search_embedding e ON e.artwork_id = d.artwork_id
WHERE d.is_approved AND NOT d.is_boilerplate AND e.kind = 'image' AND e.model_id <> %(model)s
ON CONFLICT DO NOTHING
"""
_RUNS = """
INSERT INTO ingest_ingestrun (source, base_url, options, state, message, started_at, finished_at,
    iiif_url, stopped, seen, created, updated, unchanged, failed, images, embedded, withdrawn,
    restored)
SELECT 'artic', '', '{"mode": "full", "queue": true, "all_images": false, "images_from": null}',
    'partial', '', now(), now(), 'http://127.0.0.1:9/iiif/2', '{}', 131000, 0, 0, 131000, 9, 0, 0,
    0, 0
FROM generate_series(1, %s)
"""
_STEPS = """
INSERT INTO ingest_ingeststep (run_id, stage, number, page, keys, state, claimed_by, finished_at)
SELECT (SELECT max(id) FROM ingest_ingestrun) - n %% 10, 'image', n, 1, ARRAY[n, n + 1], 'done', '',
    now()
FROM generate_series(1, %s) n
"""
_FAILURES = """
INSERT INTO ingest_ingestfailure (run_id, stage, reason, message, artic_id, url, created_at)
SELECT (SELECT max(id) FROM ingest_ingestrun) - n %% 10, 'image', 'reason-' || n %% 10,
    'The picture host refused it', n, '', now()
FROM generate_series(1, %s) n
"""
_VOTES = """
INSERT INTO search_vote (query, model_a, model_b, works_a, works_b, choice, created_at)
SELECT 'boat ' || n, 'one', 'other', '{1,2}', '{2,1}', 'a', now() - n * interval '1 minute'
FROM generate_series(1, %s) n
"""
_TRAIL = """
INSERT INTO django_admin_log (action_time, user_id, content_type_id, object_id, object_repr,
    action_flag, change_message)
SELECT now() - n * interval '1 minute', u.id, t.id, n, 'Work', 2, 'Hidden.'
FROM auth_user u, django_content_type t, generate_series(1, %s) n
WHERE u.username LIKE 'rater-%%' AND t.app_label = 'museum'
"""
