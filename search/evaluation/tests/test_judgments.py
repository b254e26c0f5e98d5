"""Queries pooled, graded by several people, compared, and handed on."""

import json
import random

import numpy as np
import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from search import tasks
from search.embeddings import registry
from search.evaluation import grading, judged_queries, pooling, rater_agreement
from search.evaluation.rater_agreement import weighted_kappa
from search.models import EmbeddingModel, Judgment, JudgmentQuery, PooledWork, QueryLog
from testing.factories import give_vector, unit, vector_model, work

TRAINING, TEST = JudgmentQuery.Split.TRAINING, JudgmentQuery.Split.TEST


# --- Agreement ------------------------------------------------------------------------------------
def naive_kappa(pairs, grades=4):
    """By the definition: 1 - disagreement seen / disagreement by chance, over a table of shares."""
    seen = np.zeros((grades, grades))
    for one, other in pairs:
        seen[one, other] += 1 / len(pairs)
    by_chance = np.outer(seen.sum(1), seen.sum(0))
    a, b = np.indices((grades, grades))
    weights = (a - b) ** 2 / (grades - 1) ** 2
    return 1 - (weights * seen).sum() / (weights * by_chance).sum()


def test_kappa_is_that_of_its_definition():
    rng = random.Random(0)
    for _ in range(20):
        pairs = [(rng.randrange(4), rng.randrange(4)) for _ in range(rng.randrange(2, 60))]
        assert weighted_kappa(pairs) == pytest.approx(naive_kappa(pairs))


def test_kappa_at_its_ends():
    assert weighted_kappa([(0, 0), (3, 3), (1, 1)]) == 1
    assert weighted_kappa([(0, 3), (3, 0)]) == -1
    assert weighted_kappa([(2, 2), (2, 2)]) is None
    # Two who grade at random agree by chance alone; one step apart counts less than three.
    rng = random.Random(1)
    by_chance = [(rng.randrange(4), rng.randrange(4)) for _ in range(20_000)]
    assert weighted_kappa(by_chance) == pytest.approx(0, abs=0.02)
    assert weighted_kappa([(0, 1), (3, 2), (0, 0), (3, 3)]) > weighted_kappa(
        [(0, 3), (3, 3), (0, 0), (3, 3)]
    )


def test_raters_are_compared_over_what_both_judged():
    judged = [("ada", n, n % 4) for n in range(8)] + [("ben", n, n % 4) for n in range(4, 12)]
    (found,) = rater_agreement.agreements([*judged, ("cleo", 99, 1)])
    assert (found.one, found.other, found.items, found.same, found.kappa) == ("ada", "ben", 4, 1, 1)


# --- Pools ----------------------------------------------------------------------------------------
@pytest.fixture
def query(db):
    return JudgmentQuery.objects.create(query="red boat", split=TRAINING)


def judge(query, rater, **grades):
    """Judge works by their titles."""
    for title, grade in grades.items():
        pooled = query.pool.get(artwork__title=title).artwork
        grading.save(query, rater, {f"grade-{pooled.pk}": str(grade)})


@pytest.fixture
def pool(query):
    """Four works in a pool: A to D."""
    for title in "ABCD":
        PooledWork.objects.create(query=query, artwork=work(title))
    return query.pool


@pytest.fixture
def raters(django_user_model):
    names = ("ada", "ben", "cleo")
    return [django_user_model.objects.create_user(name, is_staff=True) for name in names]


def test_a_pool_joins_the_active_model_candidates_and_words(tiny, checkpoint, query):
    works = [work(f"Boat {n}", seed=n, text="A red boat.") for n in range(4)]
    lonely = work("Red boat without a picture")
    tasks.embed_artworks([each.pk for each in works])
    candidate = vector_model("candidate", checkpoint=str(checkpoint), dimension=tiny.dimension)
    EmbeddingModel.objects.filter(pk=candidate.pk).update(
        architecture=tiny.architecture, fingerprint=tiny.fingerprint, state="ready"
    )
    far = work("Far", seed=9)
    vectors = unit(np.random.default_rng(0), 1, tiny.dimension)
    give_vector(far, candidate, vectors[0])
    assert pooling.candidates() == [candidate]
    assert pooling.pool(query) == 5
    ranks = {row.artwork_id: row.ranks for row in query.pool.all()}
    assert set(ranks[works[0].pk]) == {tiny.name, "full text"}
    assert set(ranks[lonely.pk]) == {tiny.name, "full text"}
    assert far.pk not in ranks
    judge(query, None, **{"Boat 0": 3})
    assert pooling.pool(query, [candidate]) == 1
    assert set(query.pool.get(artwork=far).ranks) == {"candidate"}
    assert set(query.pool.get(artwork=works[0]).ranks) == {tiny.name, "full text", "candidate"}
    assert query.judgments.get().grade == 3
    assert registry.active() == tiny


# --- Grades ---------------------------------------------------------------------------------------
def test_a_grade_is_kept_once_for_each_rater_and_may_change(pool, query, raters):
    ada, ben, _ = raters
    judge(query, ada, A=3, B=0)
    judge(query, ben, A=2)
    judge(query, ada, A=1)
    assert dict(query.judgments.filter(rater=ada).values_list("artwork__title", "grade")) == {
        "A": 1, "B": 0,
    }  # fmt: skip
    seen = {card.work.title: card.grade for card in grading.cards(query, ada)}
    assert seen == {"A": 1, "B": 0, "C": None, "D": None}
    with pytest.raises(IntegrityError), transaction.atomic():
        query.judgments.update(grade=4)


def test_what_is_no_grade_of_a_pooled_work_keeps_nothing(pool, query, raters):
    a = query.pool.get(artwork__title="A").artwork
    other = work("Not pooled")
    for bad in ({f"grade-{other.pk}": "1"}, {f"grade-{a.pk}": "4"}, {"grade-x": "1"}):
        with pytest.raises(ValueError, match="no grade"):
            grading.save(query, raters[0], {f"grade-{a.pk}": "1", **bad})
    assert not Judgment.objects.exists()


def test_the_order_of_the_grid_says_nothing_of_ranks_and_stays(pool, query, raters):
    orders = {tuple(c.work.title for c in grading.cards(query, rater)) for rater in raters}
    again = {tuple(c.work.title for c in grading.cards(query, rater)) for rater in raters}
    assert orders == again
    assert len(orders) > 1


def test_what_remains_to_be_judged_leads_on(pool, query, raters):
    other = JudgmentQuery.objects.create(query="a boat")
    PooledWork.objects.create(query=other, artwork=work("E"))
    assert grading.following(query, raters[0]) == other
    judge(other, raters[0], E=1)
    assert grading.following(query, raters[0]) is None
    judge(query, raters[0], A=1, B=1, C=1)
    assert list(grading.unfinished(raters[0])) == [query]
    query.pool.get(artwork__title="D").artwork.delete()
    assert not grading.unfinished(raters[0]).exists()


# --- What they come to ----------------------------------------------------------------------------
@pytest.fixture
def judged(pool, query, raters):
    ada, ben, cleo = raters
    judge(query, ada, A=3, B=2, C=0, D=0)
    judge(query, ben, A=3, B=0, C=0)
    judge(query, cleo, A=1)
    test = JudgmentQuery.objects.create(query="blue boat", split=TEST)
    for row in pool.all():
        PooledWork.objects.create(query=test, artwork=row.artwork)
    judge(test, ada, A=0, B=2, C=1)
    none = JudgmentQuery.objects.create(query="nothing fits", split=TEST)
    PooledWork.objects.create(query=none, artwork=pool.first().artwork)
    judge(none, ada, A=0)
    return {row.artwork.title: row.artwork.artic_id for row in pool.select_related("artwork")}


def test_hard_negatives_are_of_training_queries_alone(judged):
    (found,) = judged_queries.hard_negatives()
    # A has 3, 3 and 1; B has 2 and 0, of which the lower counts.
    assert found == judged_queries.HardNegatives(
        "red boat", (judged["A"],), (judged["B"], judged["C"], judged["D"])
    )


def test_a_file_has_a_line_for_each_query_that_something_answers(judged, tmp_path, capsys):
    path = tmp_path / "judged.jsonl"
    call_command("export_judgments", path, "--split", "test", "--json")
    assert json.loads(capsys.readouterr().out) == {"queries": 1}
    assert json.loads(path.read_text()) == {
        "query": "blue boat",
        "relevant": {str(judged["B"]): 2, str(judged["C"]): 1},
        "irrelevant": [judged["A"]],
    }
    Judgment.objects.all().delete()
    with pytest.raises(CommandError, match="grade some"):
        call_command("export_judgments", path)


def test_a_user_who_goes_leaves_the_judgments(judged, raters, query):
    number = query.judgments.count()
    raters[0].delete()
    assert query.judgments.count() == number
    assert list(judged_queries.hard_negatives())


# --- The admin ------------------------------------------------------------------------------------
def grid(query) -> str:
    return reverse("admin:search_grade", args=[query.pk])


def test_a_query_is_added_pooled_and_graded_without_scripts(admin_client, admin_user):
    made = work("Red boat")
    add = reverse("admin:search_judgmentquery_add")
    page = admin_client.post(add, {"query": "Red  boat", "split": "test"}, follow=True)
    assert "Nothing is pooled yet" in page.content.decode()
    query = JudgmentQuery.objects.get()
    again = admin_client.post(add, {"query": "red BOAT", "split": "training"})
    assert "here already" in again.content.decode()
    page = admin_client.post(reverse("admin:search_pool", args=[query.pk]), follow=True)
    assert "1 works added" in page.content.decode()
    page = admin_client.post(grid(query), {f"grade-{made.pk}": "2"}, follow=True)
    text = page.content.decode()
    assert "1 grades saved" in text
    assert f'name="grade-{made.pk}" value="2" checked' in text
    assert "style=" not in text
    assert "<script>" not in text
    # What has been judged stays on its side.
    change = reverse("admin:search_judgmentquery_change", args=[query.pk])
    admin_client.post(change, {"query": "other", "split": "training"})
    query.refresh_from_db()
    assert (query.query, query.split) == ("Red  boat", "test")
    assert admin_client.post(grid(query), {f"grade-{made.pk}": "7"}).status_code == 400


def test_the_list_the_grid_and_the_agreement_cost_few_queries(
    admin_client, judged, query, django_assert_max_num_queries
):
    for n in range(5):
        more = JudgmentQuery.objects.create(query=f"more {n}")
        PooledWork.objects.create(query=more, artwork=work("More", seed=n))
    agreement_page = reverse("admin:search_agreement")
    for address, most in (
        (reverse("admin:search_judgmentquery_changelist"), 6),
        (grid(query), 8),
        (agreement_page, 6),
    ):
        with django_assert_max_num_queries(most):
            assert admin_client.get(address).status_code == 200
    text = admin_client.get(agreement_page).content.decode()
    assert "ada and ben" in text
    assert "0 to 2" in text
    files = admin_client.get(reverse("admin:search_export", args=["test"]))
    assert files["Content-Disposition"] == 'attachment; filename="judged-test.jsonl"'
    assert b"blue boat" in files.content
    assert b"red boat" not in files.content


def test_queries_come_from_the_log(admin_client, query):
    from django.utils import timezone

    for typed in ("RED boat", "fog", "Fog"):
        QueryLog.objects.create(
            at=timezone.now(), query=typed, key=typed.casefold(), count=0, milliseconds=1,
            source="site",
        )  # fmt: skip
    ids = list(QueryLog.objects.values_list("pk", flat=True))
    log = reverse("admin:search_querylog_changelist")
    page = admin_client.post(log, {"action": "judge", "_selected_action": ids}, follow=True)
    assert "1 added; 1 already existed" in page.content.decode()
    assert set(JudgmentQuery.objects.values_list("key", flat=True)) == {"red boat", "fog"}


def test_each_page_and_each_post_needs_its_right(client, raters, pool, query):
    ada = raters[0]
    client.force_login(ada)

    def give(codename):
        ada.user_permissions.add(Permission.objects.get(codename=codename))

    a = pool.first().artwork
    to_pool = reverse("admin:search_pool", args=[query.pk])
    give("view_judgmentquery")
    assert client.get(reverse("admin:search_judgmentquery_changelist")).status_code == 200
    assert client.get(grid(query)).status_code == 403
    assert client.post(grid(query), {f"grade-{a.pk}": "1"}).status_code == 403
    assert client.post(to_pool).status_code == 403
    assert client.get(reverse("admin:search_agreement")).status_code == 403
    assert client.get(reverse("admin:search_export", args=["test"])).status_code == 403
    give("add_judgment")
    assert client.get(grid(query)).status_code == 200
    assert client.post(to_pool).status_code == 403
    assert client.get(to_pool).status_code == 405
    sent = client.post(grid(query), {f"grade-{a.pk}": "1"}, headers={"X-Requested-With": "fetch"})
    assert sent.content == b"1 saved"
    assert query.judgments.get().rater == ada
    give("change_judgmentquery")
    assert client.post(to_pool).status_code == 302
    give("view_judgment")
    assert client.get(reverse("admin:search_agreement")).status_code == 200
    give("delete_judgmentquery")
    delete = reverse("admin:search_judgmentquery_delete", args=[query.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
