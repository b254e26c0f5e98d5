"""Metrics from the database and Redis, queried for each scrape.

If either is down, its `ekphrasis_up` is 0 and its metrics are missing.
"""

from collections.abc import Iterator

from django.db import DatabaseError, connection, connections
from django.db.models import Count
from prometheus_client.core import GaugeMetricFamily as Gauge
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from ingest.images import sources
from ingest.models import IngestFailure, IngestRun
from ingest.runs import queues
from museum.core.database.read_replica import REPLICA
from museum.models import Artwork
from operations.models import RecallProbe
from search.embeddings import registry

# Seconds since the newest replayed change, 0 if all received changes are replayed. No row if the
# replica receives nothing.
_LAG = """
SELECT CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
       ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END::float
FROM pg_stat_wal_receiver WHERE status = 'streaming'
"""
BREAKER_STATES = {"closed": 0, "half-open": 1, "open": 2}


class StateCollector(Collector):
    """Gauges of queues, picture hosts, ingest and the vector indexes."""

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of the services that answer."""
        up = Gauge("ekphrasis_up", "Whether the service answers.", labels=["service"])
        depths = queues.depths()
        if depths:
            up.add_metric(["redis"], float(None not in depths.values()))
        yield _gauge("ekphrasis_queue_depth", "Waiting tasks.", "queue", depths)
        try:
            # A list, so that an outage in between drops all of them.
            metrics = [*_ingest(), *_breakers(), *_recall()]
        except DatabaseError:
            connection.close()
            metrics = []
        up.add_metric(["database"], float(bool(metrics)))
        behind = Gauge("ekphrasis_replica_lag_seconds", "Lag of the replica.")
        if REPLICA in connections.settings:
            lag = _lag()
            up.add_metric(["replica"], float(lag is not None))
            if lag is not None:
                behind.add_metric([], lag)
        yield up
        yield behind
        yield from metrics


def _lag() -> float | None:
    """Return the replica's lag in seconds; None if it is down or receives nothing."""
    replica = connections[REPLICA]
    try:
        with replica.cursor() as cursor:
            cursor.execute(_LAG)
            row = cursor.fetchone()
    except DatabaseError:
        replica.close()
        return None
    return row[0] if row else None


def _gauge(name: str, text: str, label: str, values: dict[str, int | None]) -> Gauge:
    gauge = Gauge(name, text, labels=[label])
    for key, value in values.items():
        if value is not None:
            gauge.add_metric([key], value)
    return gauge


def _ingest() -> Iterator[Metric]:
    works = Artwork.objects.filter(withdrawn_at__isnull=True).values_list("image_status")
    statuses = dict(works.annotate(Count("pk")).order_by())
    yield _gauge("ekphrasis_works", "Works by state of their picture.", "picture", statuses)
    runs = dict(IngestRun.objects.values_list("state").annotate(Count("pk")).order_by())
    yield _gauge("ekphrasis_ingest_runs", "Runs by state.", "state", runs)
    open_failures = IngestFailure.objects.filter(resolved_at__isnull=True).values_list("stage")
    failures = dict(open_failures.annotate(Count("pk")).order_by())
    yield _gauge("ekphrasis_ingest_failures", "Unresolved failures.", "stage", failures)
    newest = IngestRun.objects.filter(state=IngestRun.State.DONE).order_by("-finished_at").first()
    age = Gauge(
        "ekphrasis_ingest_finished_seconds", "End of the newest complete run, as Unix time."
    )
    if newest is not None and newest.finished_at is not None:
        age.add_metric([], newest.finished_at.timestamp())
    yield age


def _breakers() -> Iterator[Metric]:
    newest = IngestRun.objects.exclude(iiif_url="").order_by("-pk")[:10]
    gauge = Gauge(
        "ekphrasis_breaker",
        "Circuit of a picture host: 0 closed, 1 half-open, 2 open.",
        labels=["host"],
    )
    for url in sorted({run.iiif_url for run in newest if run.iiif_url}):
        try:
            gauge.add_metric([url], BREAKER_STATES[sources.breaker(url).state])
        except RedisError:
            continue  # `ekphrasis_up` already reports that Redis is down
    yield gauge


def _recall() -> Iterator[Metric]:
    recall = Gauge("ekphrasis_index_recall", "recall@10 by the newest probe.", labels=["kind"])
    taken = Gauge(
        "ekphrasis_index_probed_seconds", "Time of that probe, as Unix time.", labels=["kind"]
    )
    model = registry.active()
    for kind in model.kinds if model else ():
        probe = RecallProbe.objects.filter(model=model, kind=kind).first()
        if probe is not None:
            recall.add_metric([kind], probe.recall)
            taken.add_metric([kind], probe.taken_at.timestamp())
    yield recall
    yield taken
