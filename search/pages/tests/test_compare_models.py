"""Two models side by side, and votes on them."""

import re
from contextlib import suppress

import numpy as np
import pytest
from django.core.cache import caches
from django.test import Client

from operations.benchmarks.browser import axe
from search import tasks
from search.embeddings import registry
from search.models import Vote
from testing.factories import give_vector, work
from testing.tiny_clip import write_checkpoint


@pytest.fixture(autouse=True)
def empty_caches():
    for name in ("default", "throttles"):
        caches[name].clear()


@pytest.fixture
def other(tiny, tmp_path):
    """A second model, of other weights, with its vectors ready."""
    words = ["red", "boat", "sea", "snow"]
    write_checkpoint(tmp_path / "other-clip", words=words, context_length=16, seed=1)
    model = registry.register(str(tmp_path / "other-clip"))
    model.state = "ready"
    model.save()
    return model


@pytest.fixture
def works(tiny, other):
    made = [work(f"Work {number}", seed=number) for number in range(4)]
    tasks.embed_artworks([each.pk for each in made])
    # For the second model the last work is exactly what the words mean.
    meant = registry.refresh(other).encode_texts(["red boat"])[0]
    rng = np.random.default_rng(0)
    for each in made[:-1]:
        away = rng.normal(size=len(meant))
        away -= (away @ meant) * meant
        give_vector(each, other, (away / np.linalg.norm(away)).astype(np.float32))
    give_vector(made[-1], other, meant)
    return made


def page(client, path, status=200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


def test_one_model_alone_is_said_to_be_alone(client, tiny):
    assert "only one model" in page(client, "/compare?q=boat")
    assert "Compare two models" not in page(client, "/about")


def test_each_side_is_answered_by_its_own_model(client, works, tiny, other):
    html = page(client, "/compare?q=red+boat")
    assert "Compare two models" in page(client, "/about")
    first, second = html.split('<ol class="side">')[1:]
    assert re.search(rf'id="side-1">{tiny.name}<', html)
    assert re.search(rf'id="side-2">{other.name}<', html)
    titles = [re.findall(r"Work \d", side) for side in (first, second)]
    assert titles[1][0] == "Work 3"
    assert sorted(titles[0]) == sorted(titles[1])
    place = titles[0].index("Work 3") + 1
    assert f"in the other answer: {place}" in second.split("</li>")[0]
    swapped = page(client, f"/compare?q=red+boat&a={other.name}")
    assert re.search(rf'id="side-1">{other.name}<', swapped)


def test_an_unknown_model_is_a_400(client, tiny, other):
    assert "<code>a</code>" in page(client, "/compare?q=boat&a=none", status=400)


def test_a_vote_keeps_what_was_compared_and_nothing_of_the_voter(client, works, tiny, other):
    asked = {"q": "red boat", "a": tiny.name, "b": other.name, "choice": "b"}
    response = client.post("/compare/vote", asked, follow=True)
    assert "your vote is kept" in response.content.decode()
    vote = Vote.objects.get()
    assert (vote.query, vote.model_a, vote.model_b) == ("red boat", tiny.name, other.name)
    assert vote.choice == "b"
    assert vote.works_b[0] == works[3].artic_id
    assert len(vote.works_a) == len(works)
    assert {field.name for field in Vote._meta.fields} == {
        "id", "query", "model_a", "model_b", "works_a", "works_b", "choice", "created_at",
    }  # fmt: skip


def test_a_forged_a_wrong_and_a_hasty_vote_are_refused(client, works, monkeypatch):
    asked = {"q": "red boat", "choice": "a"}
    assert Client(enforce_csrf_checks=True).post("/compare/vote", asked).status_code == 403
    assert client.post("/compare/vote", {"q": "red boat", "choice": "x"}).status_code == 400
    assert client.post("/compare/vote", {"choice": "a"}).status_code == 400
    assert client.get("/compare/vote").status_code == 405
    monkeypatch.setattr("museum.core.http.rate_limits.VOTES", ((1, 86400),))
    caches["throttles"].clear()
    codes = [client.post("/compare/vote", asked).status_code for _ in range(2)]
    assert codes == [302, 429]
    assert Vote.objects.count() == 1


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "scripts"), [(390, True), (390, False), (1440, True)])
@pytest.mark.usefixtures("works")
def test_a_visitor_compares_and_votes(browser, live_server, other, width, scripts):
    context = browser.new_context(
        base_url=live_server.url,
        java_script_enabled=scripts,
        viewport={"width": width, "height": 900},
    )
    page = context.new_page()
    page.goto("/compare")
    page.locator("#compared").fill("red boat")
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("heading", name=other.name).wait_for()
    if scripts:
        with suppress(axe.AxeMissingError):
            assert axe.violations(page) == []
    sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(sideways) == 0
    page.get_by_role("button", name="The second is better").click()
    page.get_by_text("your vote is kept").wait_for()
    assert Vote.objects.get().choice == "b"
    context.close()
