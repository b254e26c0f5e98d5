"""What curators decide about a query: shown first, never shown, answered as another, synonyms."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.urls import reverse

from search.curation import store
from search.engine import results, search
from search.models import CuratedQuery, CuratedWork, Synonyms
from search.query.query import Query
from search.text import normalised
from testing.factories import work

PIN, HIDE = CuratedWork.Action.PIN, CuratedWork.Action.HIDE


def found(typed: str, **more) -> results.Results:
    return search.search(store.apply_rules(Query.parse(typed, **more)))


def titles(typed: str, **more) -> list[str]:
    return [hit.artwork.title for hit in found(typed, **more).hits]


def curate(query: str, pin=(), hide=(), **fields) -> CuratedQuery:
    row = CuratedQuery.objects.create(query=query, **fields)
    for action, works in ((PIN, pin), (HIDE, hide)):
        for position, each in enumerate(works):
            CuratedWork.objects.create(
                curated_query=row, artwork=each, action=action, position=position
            )
    return row


@pytest.fixture
def boats(db):
    return [work(f"Red boat {n}", text="A red boat " * (n + 1)) for n in range(6)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Café  Scène", "cafe scene"),
        ("STRASSE", "straße"),
        ("“a b”", '"a b"'),
        ("赤い 船", "赤い 船"),
    ],
)
def test_queries_are_the_same_whatever_their_case_accents_and_spaces(one, other):
    assert normalised(one) == normalised(other)


def test_pinned_works_come_first_in_the_curators_order_and_are_strong(boats):
    plain = titles("red boat")
    far = work("A quiet field")
    curate("Red  Boat", pin=[far, boats[0]])
    hits = found("red boat").hits
    assert [hit.artwork for hit in hits[:2]] == [far, boats[0]]
    assert [hit.relevance for hit in hits[:2]] == ["strong", "strong"]
    assert "pinned" in hits[0].channels
    assert [hit.artwork.title for hit in hits[2:]] == [t for t in plain if t != "Red boat 0"]
    assert titles("red") == titles("red boats")[: len(titles("red"))]
    assert "A quiet field" not in titles("red")


def test_hidden_works_never_show_and_are_not_counted(boats):
    curate("red boat", hide=[boats[2], boats[3]])
    assert not {"Red boat 2", "Red boat 3"} & set(titles("red boat", limit=100))
    assert found("red boat").count == 4
    assert "Red boat 2" in titles("boat")


def test_pins_obey_filters_and_what_a_work_hides_everywhere(boats):
    from search.query.filters import Filters

    gone = work("Gone", is_hidden=True)
    curate("red boat", pin=[gone, boats[5]])
    assert titles("red boat")[0] == "Red boat 5"
    assert titles("red boat", filters=Filters(type=("Painting",))) == []


def test_an_answer_of_before_is_not_given_once_the_query_is_curated(boats):
    before = titles("red boat")
    for change in (
        {"pin": [boats[0]]}, {"hide": [boats[5]]}, {"rewrite": "field"},
    ):  # fmt: skip
        row = curate("red boat", **change)
        assert titles("red boat") != before
        row.delete()
        assert titles("red boat") == before
    Synonyms.objects.create(terms=["boat", "ship"])
    work("Ship")
    assert "Ship" in titles("boat")


def test_pages_with_pins_join_to_the_whole(boats, client):
    curate("red boat", pin=[boats[4], boats[1]])
    whole = titles("red boat", limit=100)
    assert [t for n in range(0, 6, 2) for t in titles("red boat", limit=2, offset=n)] == whole
    address, paged = "/api/search?q=red+boat&limit=2", []
    while address:
        body = client.get(address).json()
        paged += [each["title"] for each in body["results"]]
        address = body["next"]
    assert paged == whole


def test_a_query_is_answered_as_another_and_says_so(boats):
    work("Starry sky", text="Stars over a river.")
    curate("starry nite", rewrite="starry sky")
    curate("starry sky", pin=[boats[0]])
    answer = found("Starry Nite")
    assert [hit.artwork.title for hit in answer.hits] == ["Red boat 0", "Starry sky"]
    assert answer.query.text == "Starry Nite"
    assert '"starry sky"' in f"{answer.warnings[-1]}{answer.warnings[0]}"


def test_a_cursor_outlives_a_rewrite(boats, client):
    following = client.get("/api/search?q=boat&limit=2").json()["next"]
    curate("boat", rewrite="red boat")
    assert client.get(following).status_code == 200


def test_synonyms_find_each_other_and_count_as_one_word(db):
    work("A sofa")
    work("An old davenport desk")
    work("A couch of red cloth")
    assert titles("sofa") == ["A sofa"]
    Synonyms.objects.create(terms=["Sofa", "couch", "davenport desk"])
    assert set(titles("sofa")) == set(titles("davenport desk"))
    assert len(titles("COUCH")) == 3
    assert {hit.relevance for hit in found("couch").hits} == {"strong"}
    assert titles("desk") == ["An old davenport desk"]


def test_a_search_reads_rules_once_and_then_asks_only_whether_they_changed(
    boats, monkeypatch, django_assert_num_queries
):
    curate("red boat", pin=[boats[3]])
    store.current()
    with django_assert_num_queries(0):
        store.current()
    monkeypatch.setattr(store, "RULES_TTL_SECONDS", 0.0)
    store.cache_rules(store.read(), store._version())
    with django_assert_num_queries(1):
        assert store.current().queries["red boat"].pinned == (boats[3].artic_id,)


def test_a_change_by_another_process_is_seen_without_a_restart(boats, monkeypatch):
    row = curate("red boat", pin=[boats[3]])
    monkeypatch.setattr(store, "RULES_TTL_SECONDS", 0.0)
    store.cache_rules(store.read(), store._version())
    with connection.cursor() as cursor:  # as another process would: no signal is sent here
        cursor.execute(
            "UPDATE search_curatedquery SET rewrite = 'field', updated_at = now() + '1 second' "
            "WHERE id = %s",
            [row.pk],
        )
    assert store.current().queries["red boat"].rewrite == "field"


# --- The admin ------------------------------------------------------------------------------------
def form(query: str, *works, **more) -> dict[str, str]:
    data = {
        "query": query,
        "rewrite": "",
        "note": "",
        "is_active": "on",
        "works-TOTAL_FORMS": str(len(works)),
        "works-INITIAL_FORMS": "0",
    }
    for n, (action, made) in enumerate(works):
        data |= {
            f"works-{n}-position": str(n),
            f"works-{n}-artwork": str(made.pk),
            f"works-{n}-action": action,
        }
    return {**data, **more}


ADD = "admin:search_curatedquery_add"
PREVIEW = "admin:search_curatedquery_preview"


def test_a_preview_shows_both_answers_and_saves_nothing(admin_client, boats):
    far = work("A quiet field")
    sent = form("red boat", (PIN, far), (HIDE, boats[5]))
    page = admin_client.post(reverse(PREVIEW), sent)
    now, then = page.content.decode().split("With this change")
    assert "Red boat 5" in now
    assert "A quiet field" not in now
    assert "Red boat 5" not in then
    assert "A quiet field" in then
    assert not CuratedQuery.objects.exists()
    assert titles("red boat")[0] != "A quiet field"
    assert admin_client.post(reverse(ADD), sent).status_code == 302
    assert titles("red boat")[0] == "A quiet field"
    row = CuratedQuery.objects.get()
    assert admin_client.get(reverse("admin:search_curatedquery_changelist")).status_code == 200
    page = admin_client.post(reverse(PREVIEW, args=[row.pk]), form("red boat"))
    now, then = page.content.decode().split("With this change")
    assert "A quiet field" in now


def stored(row) -> dict[str, str]:
    """What a browser sends back of the works of `row`."""
    sent = {"works-INITIAL_FORMS": str(row.works.count())}
    for number, each in enumerate(row.works.all()):
        sent[f"works-{number}-id"] = str(each.pk)
        sent[f"works-{number}-curated_query"] = str(row.pk)
    return sent


def test_works_sent_back_as_they_are_cost_no_query(
    admin_client, boats, django_assert_max_num_queries
):
    row = curate("red boat", pin=boats)
    address = reverse("admin:search_curatedquery_change", args=[row.pk])
    as_seen = {"_as_seen": admin_client.get(address).context["as_seen"]}
    works = [(PIN, each) for each in boats]
    assert len(works) > 5
    sent = form("red boat", *works, **stored(row), **as_seen, note="new")
    sent |= {f"works-{n}-position": str(each.position) for n, each in enumerate(row.works.all())}
    with django_assert_max_num_queries(30):
        assert admin_client.post(address, sent).status_code == 302
    row.refresh_from_db()
    assert (row.note, row.works.count()) == ("new", len(boats))


def test_a_work_that_is_changed_is_checked(admin_client, boats):
    row = curate("red boat", pin=boats[:2])
    address = reverse("admin:search_curatedquery_change", args=[row.pk])

    def send(*works, **more):
        as_seen = {"_as_seen": admin_client.get(address).context["as_seen"]}
        return admin_client.post(
            address, form("red boat", *works, **stored(row), **as_seen, **more)
        )

    twice = send((PIN, boats[0]), (PIN, boats[0]))
    assert "correct the duplicate" in twice.content.decode()
    unknown = send((PIN, boats[0]), ("burn", boats[1]))
    assert "burn is not one of the available choices" in unknown.content.decode()
    assert send((PIN, boats[0]), (HIDE, boats[2])).status_code == 302
    assert dict(row.works.values_list("artwork__title", "action")) == {
        boats[0].title: PIN, boats[2].title: HIDE,
    }  # fmt: skip
    assert send((PIN, boats[0]), (HIDE, boats[2]), **{"works-1-DELETE": "on"}).status_code == 302
    assert row.works.get().artwork == boats[0]


@pytest.mark.parametrize("query", ["", " \x00", "RED Boat"])
def test_a_preview_says_what_is_wrong_with_the_form(admin_client, boats, query):
    curate("red boat")
    page = admin_client.post(reverse(PREVIEW), form(query)).content.decode()
    assert "Correct the errors below" in page
    assert admin_client.post(reverse(ADD), form(query)).status_code == 200
    assert CuratedQuery.objects.count() == 1


def test_a_preview_of_synonyms_searches_for_each(admin_client, db):
    work("A sofa")
    work("A couch")
    address = reverse("admin:search_synonyms_preview")
    page = admin_client.post(address, {"terms": "sofa, couch", "is_active": "on"})
    text = page.content.decode()
    assert text.count("1 work<") == text.count("2 works<") == 2
    page = admin_client.post(address, {"terms": "sofa, SOFA", "is_active": "on"})
    assert "Give two terms or more" in page.content.decode()


def test_whoever_saves_second_is_told_and_nothing_is_lost(admin_client, boats):
    row = curate("red boat", pin=[boats[3]])
    address = reverse("admin:search_curatedquery_change", args=[row.pk])
    seen = admin_client.get(address).context["as_seen"]
    kept = row.works.get()
    works = {
        "works-INITIAL_FORMS": "1", "works-0-id": str(kept.pk),
        "works-0-curated_query": str(row.pk), "_as_seen": seen,
    }  # fmt: skip
    first = form("red boat", (HIDE, boats[3]), note="first", **works)
    assert admin_client.post(address, first).status_code == 302
    second = admin_client.post(address, form("red boat", (PIN, boats[3]), note="second", **works))
    assert second.status_code == 409
    text = second.content.decode()
    assert "Changed in the meantime" in text
    assert f"{boats[3].artic_id} (hide)" in text
    assert ">\nsecond</textarea>" in text
    row.refresh_from_db()
    assert (row.note, row.works.get().action) == ("first", HIDE)
    assert store.current().queries["red boat"].hidden == (boats[3].artic_id,)


def test_example_searches_are_previewed_and_take_the_place_of_those_that_ship(admin_client, boats):
    assert "lighthouse in a storm" in admin_client.get("/").content.decode()
    sent = {"query": "red boat", "position": "0", "is_active": "on"}
    page = admin_client.post(reverse("admin:museum_examplesearch_preview"), sent)
    assert "Red boat 5" in page.content.decode()
    admin_client.post(reverse("admin:museum_examplesearch_add"), sent)
    home = admin_client.get("/").content.decode()
    assert "/search?q=red%20boat" in home
    assert "lighthouse in a storm" not in home
    assert admin_client.get(reverse("admin:museum_examplesearch_changelist")).status_code == 200


def test_previews_and_changes_need_their_permissions(client, django_user_model, boats):
    row = curate("red boat")
    viewer = django_user_model.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_curatedquery"))
    client.force_login(viewer)
    assert client.get(reverse("admin:search_curatedquery_changelist")).status_code == 200
    for address in (reverse(ADD), reverse(PREVIEW), reverse(PREVIEW, args=[row.pk])):
        assert client.post(address, form("boat")).status_code == 403
    viewer.user_permissions.add(Permission.objects.get(codename="change_curatedquery"))
    assert client.post(reverse(PREVIEW, args=[row.pk]), form("boat")).status_code == 200
    assert client.get(reverse(PREVIEW, args=[row.pk])).status_code == 405
    assert client.post(reverse(PREVIEW), form("boat")).status_code == 403
    client.logout()
    assert client.post(reverse(PREVIEW), form("boat")).status_code == 302
