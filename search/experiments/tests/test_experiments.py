"""Experiments show two models' works on one page, and count clicks without knowing who clicks."""

import re
from datetime import timedelta
from html import unescape

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from museum.models import Artwork
from search.embeddings import activation, hnsw_index, registry
from search.experiments import ab_testing
from search.models import Click, EmbeddingModel, Experiment, experiments
from testing.factories import give_vector, unit, vector_model, work
from testing.waiting import until

WORKS = 24


@pytest.fixture
def models(db):
    """An active model and a ready one, which rank the works unlike."""
    rng = np.random.default_rng(5)
    works = [work(f"Work {n}", seed=n) for n in range(WORKS)]
    made = []
    for name, fingerprint in (("one", "a1" * 16), ("other", "b2" * 16)):
        model = vector_model(name, state="ready", fingerprint=fingerprint)
        for each, vector in zip(works, unit(rng, WORKS), strict=True):
            row = give_vector(each, model, vector)
            row.source_hash = each.image_sha256
            row.save()
        made.append(model)
    return registry.activate(made[0]), made[1]


@pytest.fixture
def experiment(models):
    return Experiment.objects.create(baseline=models[0], candidate=models[1], share=1)


@pytest.fixture
def address(models):
    """A search that needs no encoder: works like one work."""
    return f"/search?like={Artwork.objects.order_by('pk').first().artic_id}&limit=8"


def cards(page: str) -> list[tuple[int, str]]:
    """The ids of the works on a page, with the addresses of their pings."""
    found = re.findall(r'data-work="(\d+)"(.*?)</h3>', page, re.DOTALL)
    pings = [re.search(r'ping="([^"]+)"', rest) for _, rest in found]
    return [
        (int(number), unescape(ping[1]) if ping else "")
        for (number, _), ping in zip(found, pings, strict=True)
    ]


def test_none_runs_unless_a_curator_begins_one(client, models, address):
    assert {ping for _, ping in cards(client.get(address).content.decode())} == {""}
    assert "draft=" not in client.get(address).content.decode()


def test_a_page_has_works_of_both_and_the_next_one_goes_on(client, experiment, address):
    response = client.get(address)
    first = cards(response.content.decode())
    assert len(first) == 8
    assert all(ping.startswith("/ab/click?t=") for _, ping in first)
    assert response.cookies == {}
    following = unescape(re.search(r'rel="next" href="([^"]+)"', response.content.decode())[1])
    assert "draft=" in following
    pages = [first, cards(client.get(following).content.decode())]
    shown = [number for page in pages for number, _ in page]
    assert len(set(shown)) == len(shown) == 16
    for _, ping in pages[0] + pages[1]:
        client.post(ping)
    assert Click.objects.count() == 16
    assert Click.objects.values("page").distinct().count() == 1
    assert set(Click.objects.values_list("place", flat=True)) == set(range(16))
    assert Click.objects.filter(is_candidate=True).count() == 8
    # Each team's works are the best of its own ranking.
    mine = {row.place for row in Click.objects.filter(is_candidate=True)}
    own = [shown[place] for place in sorted(mine)]
    query = ab_testing.Query.parse(
        "", like=(int(re.search(r"like=(\d+)", address)[1]),), limit=WORKS
    )
    ranked = [
        h.artwork.artic_id for h in ab_testing.search.search(query, experiment.candidate).hits
    ]
    assert own == sorted(own, key=ranked.index)


def test_a_click_counts_once_and_keeps_nothing_of_who_clicked(client, experiment, address):
    (_, ping), *_ = cards(client.get(address).content.decode())
    answers = [client.post(ping, headers={"cookie": "a=b"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]
    assert all(not answer.cookies and not answer.content for answer in answers)
    assert Click.objects.count() == 1
    kept = {field.name for field in Click._meta.get_fields()}
    assert kept == {"id", "experiment", "page", "place", "is_candidate"}


@pytest.mark.parametrize("token", ["", "x", "WzEsMSwxLHRydWVd:1tAAAA:aaaa"])
def test_what_nobody_signed_is_refused(client, experiment, token):
    assert client.post("/ab/click", query_params={"t": token}).status_code == 400
    assert client.get("/ab/click", {"t": token}).status_code == 405
    assert not Click.objects.exists()


def test_who_asks_not_to_be_followed_sees_the_same_and_is_not_counted(client, experiment, address):
    page = client.get(address + "&draft=7").content.decode()
    private = client.get(address + "&draft=7", headers={"DNT": "1"}).content.decode()
    assert [number for number, _ in cards(page)] == [number for number, _ in cards(private)]
    assert {ping for _, ping in cards(private)} == {""}


def test_a_share_of_the_searches_is_drawn(client, experiment, address, monkeypatch):
    Experiment.objects.update(share=0.3)
    for drawn, expected in ((0.29, True), (0.3, False)):
        monkeypatch.setattr(ab_testing.random, "random", lambda value=drawn: value)
        page = client.get(address).content.decode()
        assert {bool(ping) for _, ping in cards(page)} == {expected}


def test_the_api_and_other_orders_are_left_alone(client, experiment, address):
    body = client.get("/api" + address).json()
    assert body["model"]["name"] == "one"
    for other in ("&sort=date", "&min_relevance=related"):
        assert not any(ping for _, ping in cards(client.get(address + other).content.decode()))


def click(experiment, page: int, **clicks: int) -> None:
    for n in range(clicks.get("candidate", 0) + clicks.get("baseline", 0)):
        is_candidate = n < clicks.get("candidate", 0)
        Click.objects.create(experiment=experiment, page=page, place=n, is_candidate=is_candidate)


def test_pages_are_won_by_more_clicks_and_an_end_leaves_only_sums(experiment):
    click(experiment, 1, candidate=2, baseline=1)
    click(experiment, 2, candidate=1)
    click(experiment, 3, baseline=1)
    click(experiment, 4, baseline=2, candidate=2)
    before = experiment.outcome
    assert (before.wins, before.losses, before.ties) == (2, 1, 1)
    experiment.end()
    assert experiment.outcome == before
    assert not Click.objects.exists()
    ended = experiment.ended_at
    experiment.end()
    assert (experiment.outcome, experiment.ended_at) == (before, ended)


def test_a_click_after_the_end_is_not_counted(client, experiment, address):
    (_, ping), *_ = cards(client.get(address).content.decode())
    experiment.end()
    assert client.post(ping).status_code == 204
    assert not Click.objects.exists()


def test_it_ends_after_ninety_days_at_the_latest(client, experiment, address):
    click(experiment, 1, candidate=1)
    Experiment.objects.update(started_at=experiment.started_at - timedelta(days=91))
    assert experiments.running_experiment() is None
    experiment.refresh_from_db()
    assert (experiment.is_running, experiment.wins, Click.objects.count()) == (False, 1, 0)


def test_only_one_runs_and_only_of_two_models(experiment, models):
    for candidate in models:
        with pytest.raises(IntegrityError), transaction.atomic():
            Experiment.objects.create(
                baseline=models[0],
                candidate=candidate,
                share=0.5,
                is_running=candidate != models[0],
            )


@pytest.mark.django_db(transaction=True)
class TestTheLifeOfModels:
    def test_a_switch_ends_it(self, experiment, models):
        click(experiment, 1, candidate=1)
        activation.activate(models[1])
        experiment.refresh_from_db()
        assert (experiment.is_running, experiment.wins) == (False, 1)

    def test_a_retirement_ends_it(self, experiment, models):
        activation.retire(models[1])
        experiment.refresh_from_db()
        assert not experiment.is_running

    def test_curators_begin_and_end_it_and_read_the_win_rate(self, admin_client, models):
        add = reverse("admin:search_experiment_add")
        form = {"candidate": models[1].pk, "share": "0.2"}
        said = admin_client.post(add, form).content.decode()
        assert "other has no indexes: run manage.py activate other" in said
        hnsw_index.ensure(models[1])
        assert "above 0" in admin_client.post(add, {**form, "share": "2"}).content.decode()
        assert admin_client.post(add, form).status_code == 302
        found = Experiment.objects.get()
        assert (found.baseline, found.candidate, found.share) == (*models, 0.2)
        assert "Another experiment is running" in admin_client.post(add, form).content.decode()

        for page in range(30):
            click(found, page, candidate=1)
        for name in ("experiment", "embeddingmodel"):
            listing = admin_client.get(reverse(f"admin:search_{name}_changelist"))
            assert "100% (89% to 100%), better; 30 pages decided" in listing.content.decode()
        change = reverse("admin:search_experiment_change", args=[found.pk])
        assert admin_client.get(change).status_code == 200
        listing = reverse("admin:search_experiment_changelist")
        admin_client.post(listing, {"action": "end", "_selected_action": [found.pk]})
        found.refresh_from_db()
        assert (found.is_running, found.wins) == (False, 30)


def test_a_candidate_that_is_no_longer_ready_is_not_asked(client, experiment, address):
    EmbeddingModel.objects.filter(name="other").update(state="embedding")
    assert not any(ping for _, ping in cards(client.get(address).content.decode()))


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_browser_without_scripts_tells_of_a_click_by_itself(
    browser, live_server, experiment, address
):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    page.locator(".results-works h3 a").first.click()
    until(Click.objects.exists)
    assert page.url.startswith(f"{live_server.url}/artworks/")
    assert Click.objects.get().place == 0
    assert context.cookies() == []
    context.close()
