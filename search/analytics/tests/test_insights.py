"""The page of what the query log tells."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from search.analytics import charts, insights
from search.embeddings import registry
from search.models import QueryLog, Retrievals
from testing import factories
from testing.factories import work

ADDRESS = "admin:search_insight"


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


def searched(query: str, times: int = 1, *, days: int = 0, **fields) -> None:
    facts = {"count": 9, "relevance": "strong", "milliseconds": 10.0, "source": "site", **fields}
    at = timezone.now() - timedelta(days=days)
    for _ in range(times):
        QueryLog.objects.create(at=at, query=query, key=query.casefold(), **facts)


def test_days_queries_and_weak_answers_are_counted(db):
    searched("Boat", 3)
    searched("boat", 2, days=2)
    searched("zeppelin", 2, count=0, relevance="")
    searched("fog", relevance="weak", days=6)
    searched("old", days=7)
    searched("", filters=["type"])
    found = insights.read_log(7)
    assert [day.searches for day in found.days] == [1, 0, 0, 0, 2, 0, 6]
    assert [day.weak for day in found.days] == [1, 0, 0, 0, 0, 0, 2]
    assert [(each.query, each.times) for each in found.top[:2]] == [("boat", 5), ("zeppelin", 2)]
    assert [(each.query, each.weak) for each in found.weak] == [("zeppelin", 2), ("fog", 1)]
    assert found.searches == 9
    assert insights.read_log(30).searches == 10


def test_percentiles_are_those_of_each_source(db):
    for n in range(1, 101):
        searched("boat", milliseconds=float(n))
    searched("boat", source="api", milliseconds=7.0)
    api, site = insights.read_log(7).latency
    assert (api.source, api.searches, api.milliseconds) == ("api", 1, (7.0,) * 4)
    assert site.milliseconds == pytest.approx((50.5, 90.1, 95.05, 99.01))


def test_departments_say_what_is_missing_and_what_is_never_found(db):
    model = registry.activate(factories.vector_model())
    one = work("One", seed=1, department="Prints", text="A text.")
    other = work("Other", department="Prints")
    work("Hidden", department="Prints", is_hidden=True)
    work("Third", alt_text="A picture.")
    factories.give_vector(one, model, factories.np.ones(8))
    Retrievals.objects.create(artwork=other, times=5, last_on=timezone.localdate())
    found = insights.read_collection()
    prints, none = found.departments
    assert vars(prints) == {
        "name": "Prints", "works": 2, "pictured": 1, "described": 1, "embedded": 1, "retrieved": 1,
    }  # fmt: skip
    assert (none.name, none.works, none.described) == ("", 1, 1)
    assert found.total.works == 3
    assert [(hub.title, hub.times) for hub in found.hubs] == [("Other", 5)]


def test_works_that_are_never_found_can_be_listed(admin_client, db):
    shown, other = work("Shown once"), work("Never shown")
    Retrievals.objects.create(artwork=shown, times=5, last_on=timezone.localdate())
    address = reverse("admin:museum_artwork_changelist")
    for value, there, absent in (("never", other, shown), ("yes", shown, other)):
        page = admin_client.get(address, {"found": value}).content.decode()
        assert there.title in page
        assert absent.title not in page


def test_columns_fill_the_chart():
    made = charts.columns([("a", 4, 1), ("b", 0, 0), ("c", 2, 2)])
    assert [(c.x, c.y, c.height, c.marked_height) for c in made.columns] == [
        (0, 0, 60, 15), (12, 60, 0, 0), (24, 30, 30, 30),
    ]  # fmt: skip
    assert (made.width, made.most) == (34, 4)
    assert [c.height for c in charts.columns([("a", 0, 0)]).columns] == [0]


def test_lines_share_one_scale():
    made = charts.lines({"a": [(0, 0.2), (1, 0.6)], "b": [(0.5, 0.4)]}, marked=0.25)
    assert [(line.name, line.points) for line in made.lines] == [
        ("a", "0.0,60.0 160.0,0.0"), ("b", "80.0,30.0"),
    ]  # fmt: skip
    assert (made.first, made.last, made.least, made.most, made.marked) == (0, 1, 0.2, 0.6, 40)
    (alone,) = charts.lines({"a": [(1, 0.5)]}, marked=1).lines
    assert alone.points == "0.0,0.0"


def test_the_page_costs_few_queries_and_none_again(admin_client, django_assert_num_queries):
    searched("<b>boat", 3)
    searched("zeppelin", count=0, relevance="")
    work("One", department="Prints")
    address = reverse(ADDRESS)
    # Session, user; days, top, weak, latency; model, departments, hubs.
    with django_assert_num_queries(9):
        page = admin_client.get(address)
    text = page.content.decode()
    assert "&lt;b&gt;boat" in text
    assert "Prints" in text
    assert "<script>" not in text
    assert "style=" not in text
    with django_assert_num_queries(2):
        admin_client.get(address)
    assert admin_client.get(address, {"days": "7; DROP"}).context["days"] == 30
    log = admin_client.get(reverse("admin:search_querylog_changelist")).content.decode()
    assert address in log


def test_only_who_may_see_the_log_sees_it(client, django_user_model):
    viewer = django_user_model.objects.create_user("viewer", is_staff=True)
    client.force_login(viewer)
    assert client.get(reverse(ADDRESS)).status_code == 403
    viewer.user_permissions.add(Permission.objects.get(codename="view_querylog"))
    assert client.get(reverse(ADDRESS)).status_code == 200
    assert client.post(reverse("admin:search_querylog_add"), {"query": "x"}).status_code == 403
