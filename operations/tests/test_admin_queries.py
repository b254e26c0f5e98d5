"""What lists of the admin ask of the database, which must not grow with their rows.

Those of works, texts, themes and artists are in museum/admin/tests/test_admin_queries.py.
"""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from ingest.models import IngestFailure, IngestRun, IngestStep
from museum.models import ExampleSearch
from operations.models import RecallProbe
from search.models import (
    ApiToken,
    CuratedQuery,
    CuratedWork,
    EmbeddingModel,
    Experiment,
    Judgment,
    JudgmentQuery,
    PooledWork,
    QueryLog,
    Synonyms,
    Vote,
)
from testing.factories import give_vector, np, vector_model, work

pytestmark = pytest.mark.django_db
# Session and user are two. The first row of each table is there from the start.
PAGES = {
    "": 5,
    "admin/logentry/": 6,
    "auth/group/": 5,
    "auth/user/": 6,
    "otp_static/staticdevice/": 5,
    "otp_totp/totpdevice/": 5,
    "museum/examplesearch/": 5,
    "search/apitoken/": 5,
    "search/curatedquery/": 5,
    "search/curatedquery/{rule}/change/": 6,
    "search/embedding/": 6,
    "search/embeddingmodel/": 8,
    "search/experiment/": 6,
    "search/judgmentquery/": 5,
    "search/judgmentquery/{query}/grade/": 8,
    "search/judgmentquery/agreement/": 6,
    "search/querylog/": 8,
    "search/synonyms/": 5,
    "search/vote/": 9,
    "ingest/ingestfailure/": 6,
    "ingest/ingestrun/": 7,
    "ingest/ingestrun/status/": 7,
    "ingest/ingeststep/": 5,
    "operations/recallprobe/": 6,
}


def fill(first: int, last: int) -> None:
    """Some more rows in each table."""
    now = timezone.now()
    rule, query = CuratedQuery.objects.earliest("pk"), JudgmentQuery.objects.earliest("pk")
    active, run = EmbeddingModel.objects.earliest("pk"), IngestRun.objects.earliest("pk")
    for n in range(first, last):
        user = User.objects.create_user(f"user-{n}", is_staff=True)
        boat = work(f"Boat {n}")
        model = vector_model(f"model-{n}")
        LogEntry.objects.create(user=user, action_flag=1, object_repr="Boat")
        Group.objects.create(name=f"group-{n}")
        StaticDevice.objects.create(user=user, name="paper")
        TOTPDevice.objects.create(user=user, name="phone")
        ExampleSearch.objects.create(query=f"snow {n}")
        ApiToken.objects.create(name="One", start="one", digest=f"{n}")
        CuratedQuery.objects.create(query=f"sea {n}")
        CuratedWork.objects.create(curated_query=rule, artwork=boat, position=n)
        Synonyms.objects.create(terms=[f"sofa {n}", f"couch {n}"])
        give_vector(boat, active, np.ones(8))
        Experiment.objects.create(baseline=active, candidate=model, share=0.1, is_running=not n)
        JudgmentQuery.objects.create(query=f"sea {n}")
        PooledWork.objects.create(query=query, artwork=boat)
        Judgment.objects.create(query=query, artwork=boat, rater=user, grade=n % 4)
        QueryLog.objects.create(
            at=now, query="fog", key="fog", count=0, milliseconds=1, source="site"
        )
        Vote.objects.create(
            query="boat", model_a="a", model_b="b", works_a=[1], works_b=[2], choice="a"
        )
        IngestRun.objects.create(options={"mode": "full"}, iiif_url="http://127.0.0.1:9/iiif/2")
        IngestStep.objects.create(run=run, stage="image", number=n, keys=[boat.pk])
        IngestFailure.objects.create(run=run, stage="image", reason=f"http-{n}", message="Refused")
        RecallProbe.objects.create(
            model=active, kind="image", queries=1, recall=1, index_ms=1, exact_ms=1
        )


def asked(client) -> dict[str, int]:
    keys = {
        "rule": CuratedQuery.objects.earliest("pk").pk,
        "query": JudgmentQuery.objects.earliest("pk").pk,
    }
    counts = {}
    for page in PAGES:
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/admin/{page.format(**keys)}").status_code == 200
        counts[page] = len(captured)
    return counts


def test_pages_ask_the_same_however_many_rows_there_are(client):
    client.force_login(User.objects.create_superuser("curator"))
    CuratedQuery.objects.create(query="sea")
    JudgmentQuery.objects.create(query="sea")
    vector_model("active", state=EmbeddingModel.State.ACTIVE)
    IngestRun.objects.create(options={"mode": "full"}, iiif_url="http://127.0.0.1:9/iiif/2")
    fill(0, 3)
    asked(client)  # what is asked once a process, such as content types
    few = asked(client)
    fill(3, 12)
    many = asked(client)
    assert many == few
    assert {page: count for page, count in many.items() if count > PAGES[page]} == {}
