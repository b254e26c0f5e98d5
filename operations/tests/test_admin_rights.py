"""What each group may do in the admin: every table, page and action there is, by direct requests.

A hidden button is no lock. What is registered and not in these tables makes a test fail.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from ingest.models import IngestFailure, IngestRun, IngestStep
from museum.models import Artist, Description, ExampleSearch, Theme
from operations.models import RecallProbe
from search.models import (
    ApiToken,
    CuratedQuery,
    EmbeddingModel,
    Experiment,
    JudgmentQuery,
    PooledWork,
    QueryLog,
    Synonyms,
    Vote,
)
from testing.factories import give_vector, vector_model, work

pytestmark = pytest.mark.django_db
GROUPS = ("nobody", "viewer", "curator", "editor", "admin")  # each may what those before it may
NEVER = "-"  # not even an administrator
State = EmbeddingModel.State

# The first group that may see, add, change and delete rows of each table.
TABLES = {
    "admin.logentry": "admin - - -",
    "auth.group": "admin admin admin admin",
    "auth.user": "admin admin admin admin",
    "otp_static.staticdevice": "admin admin admin admin",
    "otp_totp.totpdevice": "admin admin admin admin",
    "museum.artist": "viewer admin curator admin",
    "museum.artwork": "viewer - curator -",
    "museum.description": "viewer curator curator editor",
    "museum.examplesearch": "viewer curator curator editor",
    "museum.theme": "viewer curator curator editor",
    "search.apitoken": "viewer admin admin admin",
    "search.curatedquery": "viewer curator curator editor",
    "search.embedding": "viewer - - admin",
    "search.embeddingmodel": "viewer - admin admin",
    "search.experiment": "viewer admin admin admin",
    "search.judgmentquery": "viewer curator curator editor",
    "search.querylog": "viewer - - admin",
    "search.synonyms": "viewer curator curator editor",
    "search.vote": "viewer - - admin",
    "ingest.ingestfailure": "viewer - - admin",
    "ingest.ingestrun": "viewer - - admin",
    "ingest.ingeststep": "viewer - - admin",
    "operations.recallprobe": "viewer - - admin",
}
# The first group that may do it with rows of a list; deleting them is in the table above.
ACTIONS = {
    "museum.artwork hide": "curator",
    "museum.artwork show": "curator",
    "museum.artwork raise_by": "curator",
    "museum.artwork make_theme": "curator",
    "museum.artwork forget_corrections": "curator",
    "museum.artwork embed_again": "editor",
    "museum.artwork fetch_pictures": "editor",
    "museum.description approve": "curator",
    "museum.description reject": "curator",
    "search.apitoken revoke": "admin",
    "search.embeddingmodel activate": "admin",
    "search.experiment end": "admin",
    "search.querylog judge": "curator",
    "ingest.ingestrun stop": "editor",
}
# The first group that may use each page beside lists and forms.
PAGES = {
    "auth_user_password_change": "admin",
    "otp_totp_totpdevice_config": "admin",
    "otp_totp_totpdevice_qrcode": "admin",
    "museum_artist_simple_history": NEVER,
    "museum_artwork_simple_history": NEVER,
    "museum_description_simple_history": NEVER,
    "museum_theme_simple_history": NEVER,
    "museum_description_review": "curator",
    "museum_examplesearch_preview": "curator",
    "search_curatedquery_preview": "curator",
    "search_synonyms_preview": "curator",
    "search_grade": "curator",
    "search_pool": "curator",
    "search_agreement": "viewer",
    "search_export": "viewer",
    "search_insight": "viewer",
    "search_activate": "admin",
    "search_rollback": "admin",
    "ingest_status": "viewer",
    "ingest_retry": "editor",
}
# What is posted to pages that want something.
SENT = {
    "ingest_retry": {"stage": "image", "reason": "http-403"},
    "search_curatedquery_preview": {
        "query": "blue boat", "works-TOTAL_FORMS": "0", "works-INITIAL_FORMS": "0",
    },
    "search_synonyms_preview": {"terms": "car, automobile"},
    "museum_examplesearch_preview": {"query": "snow", "position": "0"},
}  # fmt: skip
USUAL = ("changelist", "add", "change", "delete", "history")
# Django's own pages of the whole site, for whoever may enter.
SITE = {
    "index", "login", "logout", "password_change", "password_change_done", "autocomplete",
    "jsi18n", "view_on_site", "app_list",
}  # fmt: skip


def may(group: str, first: str) -> bool:
    return first != NEVER and GROUPS.index(group) >= GROUPS.index(first)


def address(row: Any, page: str) -> str:
    """Of a usual page about `row`."""
    opts = row._meta
    keys = [] if page in {"changelist", "add"} else [row.pk]
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=keys)


def actions_of(model_admin: Any) -> set[str]:
    request = RequestFactory().get("/")
    request.user = User(is_active=True, is_staff=True, is_superuser=True)
    return set(model_admin.get_actions(request))


def own_pages(model_admin: Any) -> list[URLPattern]:
    """Those that Django does not have for every table."""
    opts = model_admin.opts
    usual = {f"{opts.app_label}_{opts.model_name}_{page}" for page in USUAL}
    return [each for each in model_admin.get_urls() if each.name and each.name not in usual]


def test_every_table_action_and_page_of_the_admin_is_in_these_tables():
    registered = admin.site._registry
    assert {model._meta.label_lower for model in registered} == set(TABLES)
    actions = {
        f"{model._meta.label_lower} {name}"
        for model, each in registered.items()
        for name in actions_of(each) - {"delete_selected"}
    }
    assert actions == set(ACTIONS)
    assert {page.name for each in registered.values() for page in own_pages(each)} == set(PAGES)
    others = [each for each in admin.site.get_urls() if not isinstance(each, URLResolver)]
    assert {each.name for each in others if each.name} == SITE


# --- One row of each table ------------------------------------------------------------------------
@pytest.fixture
def rows(settings) -> dict[str, Any]:
    settings.REDIS_URL = ""
    boat = work("Boat", seed=1, text="A boat.", artist="Ada Field")
    active = vector_model("active", state=State.ACTIVE)
    other = vector_model("other", state=State.READY)
    query = JudgmentQuery.objects.create(query="red boat")
    PooledWork.objects.create(query=query, artwork=boat)
    run = IngestRun.objects.create(options={"mode": "full"}, iiif_url="http://127.0.0.1:9/iiif/2")
    user = User.objects.create_user("somebody")
    found = [
        Group.objects.create(name="A group"),
        user,
        StaticDevice.objects.create(user=user, name="paper"),
        TOTPDevice.objects.create(user=user, name="phone"),
        Artist.objects.create(name="Bea"),
        boat,
        Description.objects.create(artwork=boat, source="generated", text="Fog."),
        ExampleSearch.objects.create(query="snow"),
        Theme.objects.create(title="Sea", slug="sea"),
        ApiToken.objects.create(name="One", start="one", digest="one"),
        CuratedQuery.objects.create(query="stormy sea"),
        Synonyms.objects.create(terms=["sofa", "couch"]),
        give_vector(boat, active, np.ones(8)),
        vector_model("spare", state=State.READY),
        Experiment.objects.create(baseline=active, candidate=other, share=0.1),
        query,
        QueryLog.objects.create(
            at=timezone.now(), query="fog", key="fog", count=0, milliseconds=1, source="site"
        ),
        Vote.objects.create(
            query="boat", model_a="a", model_b="b", works_a=[1], works_b=[2], choice="a"
        ),
        run,
        IngestStep.objects.create(run=run, stage="image", number=1, keys=[boat.pk]),
        IngestFailure.objects.create(
            run=run, stage="image", reason="http-403", message="Refused", artic_id=boat.artic_id
        ),
        RecallProbe.objects.create(
            model=active, kind="image", queries=1, recall=1, index_ms=1, exact_ms=1
        ),
    ]
    assert {row._meta.label_lower for row in found} | {"admin.logentry"} == set(TABLES)
    return {row._meta.label_lower: row for row in found}


@pytest.fixture(params=GROUPS)
def group(request) -> str:
    return request.param


@pytest.fixture
def ask(client, rows, group) -> Callable[..., tuple[int, bool]]:
    """Send a request as somebody of `group` and undo what it did: its status, and whether it wrote
    something or led to another page."""
    user = User.objects.create_user("ada", is_staff=True)
    if group != "nobody":
        user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    # The trail has a row of somebody else's, so that nothing keeps others from being deleted.
    rows["admin.logentry"] = LogEntry.objects.create(user=user, action_flag=1, object_repr="Boat")

    def send(path: str, data: dict[str, Any] | None = None) -> tuple[int, bool]:
        with transaction.atomic(), CaptureQueriesContext(connection) as asked:
            response = client.get(path) if data is None else client.post(path, data)
            transaction.set_rollback(True)
        writes = [
            each["sql"]
            for each in asked.captured_queries
            if each["sql"].startswith(("INSERT", "UPDATE", "DELETE"))
            and "django_session" not in each["sql"]
        ]
        is_elsewhere = response.status_code == 302 and response.url != path
        return response.status_code, bool(writes) or is_elsewhere

    return send


# --- What each may do -----------------------------------------------------------------------------
def test_rows_are_seen_added_changed_and_deleted_by_whoever_may(ask, rows, group):
    wrong = []
    for label, row in rows.items():
        see, add, change, delete = TABLES[label].split()
        for page, first, data, done in (
            ("changelist", see, None, {200}),
            ("change", see, None, {200}),
            ("history", see, None, {200}),
            ("add", add, {}, {200}),  # the form again, with what is missing
            ("change", change, {}, {200, 302, 409}),
            ("delete", delete, {"post": "yes"}, {302}),
        ):
            status, did = ask(address(row, page), data)
            refused = status == 403 and not did
            if not (status in done if may(group, first) else refused):
                wrong.append((label, page, data, status, did))
    assert wrong == []


def test_actions_are_done_by_whoever_may(ask, rows, group):
    deletions = {
        f"{model._meta.label_lower} delete_selected": TABLES[model._meta.label_lower].split()[3]
        for model, each in admin.site._registry.items()
        if "delete_selected" in actions_of(each)
    }
    done = {}
    for name in (tried := {**ACTIONS, **deletions}):
        label, action = name.split()
        row = rows[label]
        data = {"action": action, "_selected_action": row.pk, "boost": "0.5", "post": "yes"}
        done[name] = ask(address(row, "changelist"), data)[1]
    assert done == {name: may(group, first) for name, first in tried.items()}


def test_pages_are_used_by_whoever_may(ask, rows, group):
    wrong = []
    for model, model_admin in admin.site._registry.items():
        row = rows[model._meta.label_lower]
        for page in own_pages(model_admin):
            names = page.pattern.regex.groupindex or {}
            keys = {name: "training" if name == "split" else row.pk for name in names}
            arguments = {"kwargs": keys} if keys else {"args": [row.pk] * page.pattern.regex.groups}
            path = reverse(f"admin:{page.name}", **arguments)
            first = PAGES[page.name]
            sent = [ask(path), ask(path, SENT.get(page.name, {}))]
            refusals = {404} if first == NEVER else {403, 405}
            for status, did in sent:
                if not may(group, first) and (status not in refusals or did):
                    wrong.append((page.name, status, did))
            if may(group, first) and not {200, 302} & {status for status, _ in sent}:
                wrong.append((page.name, sent))
    assert wrong == []
