"""What each group may do with searches, by direct requests: a hidden button is no lock."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from search.curated import CuratedQuery, Synonyms
from search.judgments import JudgmentQuery, PooledWork
from search.logged import QueryLog
from search.tests.factories import vector_model, work

WORKS = {"works-TOTAL_FORMS": "0", "works-INITIAL_FORMS": "0"}
SEEN, CHANGED, REFUSED = 200, 302, 403


@pytest.fixture
def rows(db):
    query = JudgmentQuery.objects.create(query="red boat")
    made = work("Red boat")
    PooledWork.objects.create(query=query, artwork=made)
    QueryLog.objects.create(
        at=timezone.now(), query="fog", key="fog", count=0, milliseconds=1, source="site"
    )
    return {
        "curated": CuratedQuery.objects.create(query="stormy sea").pk,
        "synonyms": Synonyms.objects.create(terms=["sofa", "couch"]).pk,
        "judged": query.pk,
        "work": made.pk,
        "model": vector_model().pk,
    }


def requests(rows) -> dict[str, tuple[str, dict[str, str] | None]]:
    """Name, address, and what is posted (None: it is read)."""

    def at(name, *arguments):
        return reverse(f"admin:{name}", args=arguments)

    curated = {"query": "blue boat", "is_active": "on", **WORKS}
    terms = {"terms": "car, automobile", "is_active": "on"}
    return {
        "read the log": (at("search_querylog_changelist"), None),
        "read the insight": (at("search_insight"), None),
        "read agreement": (at("search_agreement"), None),
        "preview": (at("search_curatedquery_preview"), curated),
        "curate": (at("search_curatedquery_add"), curated),
        "name synonyms": (at("search_synonyms_add"), terms),
        "offer an example": (
            at("museum_examplesearch_add"), {"query": "snow", "position": "0", "is_active": "on"}
        ),
        "judge": (at("search_grade", rows["judged"]), {f"grade-{rows['work']}": "2"}),
        "pool": (at("search_pool", rows["judged"]), {}),
        "stop curating": (at("search_curatedquery_delete", rows["curated"]), {"post": "yes"}),
        "drop synonyms": (at("search_synonyms_delete", rows["synonyms"]), {"post": "yes"}),
        "drop judgments": (at("search_judgmentquery_delete", rows["judged"]), {"post": "yes"}),
        "switch models": (at("search_activate", rows["model"]), {}),
        "roll back": (at("search_rollback"), {}),
    }  # fmt: skip


READ = {"read the log": SEEN, "read the insight": SEEN, "read agreement": SEEN}
CURATE = {
    **READ, "preview": SEEN, "curate": CHANGED, "name synonyms": CHANGED,
    "offer an example": CHANGED, "judge": CHANGED, "pool": CHANGED,
}  # fmt: skip
EDIT = {
    **CURATE, "stop curating": CHANGED, "drop synonyms": CHANGED, "drop judgments": CHANGED,
}  # fmt: skip
# The model has no vectors, so it is not switched to; but the admin may ask for it.
ALL = {**EDIT, "switch models": SEEN, "roll back": CHANGED}


@pytest.mark.parametrize(
    ("group", "may"),
    [(None, {}), ("viewer", READ), ("curator", CURATE), ("editor", EDIT), ("admin", ALL)],
)
def test_each_group_may_do_what_is_its_own_and_no_more(client, django_user_model, rows, group, may):
    user = django_user_model.objects.create_user("ada", is_staff=True)
    if group:
        user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    answers = {
        name: (client.get(address) if data is None else client.post(address, data)).status_code
        for name, (address, data) in requests(rows).items()
    }
    assert answers == {**dict.fromkeys(answers, REFUSED), **may}
