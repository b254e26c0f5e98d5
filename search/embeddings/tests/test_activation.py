"""A model answers once nothing is lost by it; the one before comes back at once; old ones go."""

import contextlib
import json
import threading
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from django.db import connection

from museum.images import storage
from museum.models import Artwork
from search import tasks
from search.conftest import VOCABULARY
from search.embeddings import activation, hnsw_index, pending, registry
from search.encoders import families
from search.engine import search
from search.explanations import highlights
from search.models import Embedding, EmbeddingModel
from search.query.query import Query, Weights
from search.retrieval import query_vector
from testing.factories import give_vector, unit, vector_model, work
from testing.tiny_clip import write_checkpoint

QUERY = Query.parse("a red boat in the harbour")


@pytest.fixture(scope="session")
def second_checkpoint(tmp_path_factory):
    """Another CLIP with random weights, which reads the same words."""
    folder = tmp_path_factory.mktemp("models") / "second"
    write_checkpoint(folder, words=VOCABULARY.split(), context_length=16, seed=3)
    return folder


def run(capsys, command: str, *arguments: str) -> tuple[int, str, str]:
    """Run the command; return its exit code and what it wrote to either stream."""
    code = 0
    try:
        call_command(command, *arguments)
    except SystemExit as stop:
        code = int(stop.code or 0)
    return code, *capsys.readouterr()


def activate(capsys, *arguments: str) -> dict:
    code, out, err = run(capsys, "activate", *arguments, "--json")
    assert code == 0, err
    return json.loads(out.splitlines()[-1])


def ready(name: str, works: list[Artwork], rng, **fields) -> EmbeddingModel:
    """A model with a vector and indexes for each of `works`, as `embed` leaves it."""
    model = vector_model(name, state="ready", fingerprint=name * 4, **fields)
    for each, vector in zip(works, unit(rng, len(works)), strict=True):
        give_vector(each, model, vector)
    model.embeddings.update(source_hash=works[0].image_sha256)
    hnsw_index.ensure(model)
    return model


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.fixture
def two(transactional_db, rng):
    """An active model and a ready one over the same works; the test itself supplies vectors."""
    works = [work(f"Work {n}", seed=0) for n in range(3)]
    one, other = ready("one", works, rng), ready("other", works, rng)
    return registry.activate(one), other


@pytest.mark.django_db(transaction=True)
def test_from_a_checkpoint_to_searches_and_back(
    capsys, settings, checkpoint, second_checkpoint, exports
):
    settings.QUERY_ENCODER = "onnx"
    for n in range(3):
        work(f"Work {n}", seed=n, text=f"A red boat lies in the harbour {n}. A man stands.")
    for arguments in ((str(checkpoint), "--activate"), (str(second_checkpoint),)):
        code, _, err = run(capsys, "embed", "--model", *arguments)
        assert code == 0, err
    second = registry.get_registered("second")
    assert (second.state, search.search(QUERY).model.name) == ("ready", "tiny-clip")

    done = activate(capsys, "second")
    assert (done["active"], done["before"], done["figure"]) == ("second", "tiny-clip", None)
    found = search.search(QUERY)
    assert (found.model.name, found.warnings, len(found.hits)) == ("second", [], 3)
    assert Path(exports, second.fingerprint, "export.json").is_file()

    assert activate(capsys, "--rollback")["active"] == "tiny-clip"
    assert search.search(QUERY).model.name == "tiny-clip"
    assert activate(capsys, "--rollback")["active"] == "second"
    assert activate(capsys, "--retire", "tiny-clip")["vectors"] == 6
    retired = registry.get_registered("tiny-clip")
    assert (retired.state, retired.embeddings.count()) == ("retired", 0)
    assert {hnsw_index.rows(retired, kind) for kind in families.family_of(retired).kinds} == {None}
    code, _, err = run(capsys, "activate", "--rollback")
    assert (code, "no earlier model" in err) == (2, True)
    code, _, err = run(capsys, "activate", "tiny-clip")
    assert (code, "manage.py embed --model tiny-clip" in err) == (2, True)
    assert run(capsys, "embed", "--model", "tiny-clip")[0] == 0
    assert activate(capsys, "tiny-clip")["before"] == "second"


@pytest.mark.django_db(transaction=True)
class TestRefusals:
    @pytest.fixture
    def refused(self, capsys):
        def refused(*arguments: str) -> str:
            before = registry.active()
            code, _, err = run(capsys, "activate", *arguments)
            assert code == 2
            assert registry.active() == before
            return err

        return refused

    def test_a_name_that_nobody_registered(self, two, refused):
        said = refused("no-such")
        assert "registered: one, other" in said
        assert "manage.py embed --model NAME" in said
        assert "no-such" in refused("--retire", "no-such")

    def test_a_model_that_lacks_vectors(self, two, refused, capsys):
        late = work("Late", seed=0)
        said = refused("other")
        assert "other lacks vectors of 1 works: run manage.py embed --model other" in said
        assert "lacks" in refused("other", "--force")
        Artwork.objects.filter(pk=late.pk).update(withdrawn_at="2026-01-01T00:00Z")
        assert activate(capsys, "other")["active"] == "other"

    def test_a_model_that_has_no_vectors_yet(self, two, refused):
        vector_model("new")
        assert "manage.py embed --model new" in refused("new")

    def test_a_picture_that_nobody_can_read_is_no_gap(self, two, capsys, media_folder):
        broken = work("Broken", seed=99)
        (media_folder / storage.path(broken.image_sha256)).write_bytes(b"no picture")
        assert activate(capsys, "other")["active"] == "other"

    def test_real_works_that_a_synthetic_model_leaves_out(self, two, refused, capsys):
        EmbeddingModel.objects.filter(name="other").update(is_synthetic=True)
        work("Real", seed=0, is_generated=False)
        assert "leaves out 1 real works" in refused("other")
        assert activate(capsys, "other", "--force")["active"] == "other"

    def test_a_model_that_finds_less(self, two, refused, capsys):
        for model, figure in zip(two, (0.8, 0.7), strict=True):
            model.metrics = {
                "evaluation": {"titles": {"queries": 50, "gallery": 90, "nDCG@10": figure}}
            }
            model.save()
        assert "nDCG@10 on titles is 0.700, and the active model's 0.800" in refused("other")
        done = activate(capsys, "other", "--force")
        assert (done["figure"]["candidate"], done["figure"]["active"]) == (0.7, 0.8)
        out = run(capsys, "activate", "one")[1]
        assert "one answers searches now instead of other; its nDCG@10 on titles is 0.800" in out

    def test_the_model_that_answers_is_not_retired(self, two, refused):
        assert "activate another model first" in refused("--retire", "one")
        assert two[0].embeddings.count() == 3

    def test_a_rollback_to_a_model_that_lost_its_indexes(self, two, refused, capsys):
        assert activate(capsys, "other")["before"] == "one"
        hnsw_index.drop(two[0])
        assert "manage.py activate one" in refused("--rollback")
        assert activate(capsys, "one")["active"] == "one"


def test_a_rollback_does_not_wait_for_works_that_came_in(two, capsys):
    activate(capsys, "other")
    work("Late", seed=0)
    code, out, err = run(capsys, "activate", "--rollback", "--json")
    assert (code, json.loads(out)["active"], json.loads(out)["lacking"]) == (1, "one", 1)
    assert "manage.py embed --model one" in err


def test_a_retirement_that_was_killed_goes_on(two, monkeypatch):
    other = two[1]
    monkeypatch.setattr(activation, "DELETED_AT_ONCE", 1)

    def killed(number: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        activation.retire(other, killed)
    assert (registry.get_registered("other").state, other.embeddings.count()) == ("retired", 2)
    with pytest.raises(activation.ActivationRefusedError, match="embed --model other"):
        activation.switch(other)
    assert (activation.retire(other), other.embeddings.count()) == (2, 0)


def test_those_who_switch_and_retire_at_once_leave_one_model_that_can_answer(two):
    errors: list[Exception] = []

    def attempt(act) -> None:
        try:
            for _ in range(5):
                with contextlib.suppress(activation.ActivationRefusedError):
                    act()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    acts = [
        lambda: activation.activate(registry.get_registered("one")),
        lambda: activation.activate(registry.get_registered("other")),
        activation.rollback,
        lambda: activation.retire(registry.get_registered("other")),
    ]
    threads = [threading.Thread(target=attempt, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    active = EmbeddingModel.objects.get(state="active")
    assert active.embeddings.count() == 3
    assert hnsw_index.rows(active, "image") == 3


def test_a_search_that_has_begun_ends_with_the_model_it_began_with(two, rng, monkeypatch):
    vectors = dict(zip(("one", "other"), unit(rng, 2), strict=True))

    def switched_meanwhile(query, model):
        other = next(each for each in two if each != model)
        activation.switch(other)
        return vectors[model.name], []

    monkeypatch.setattr(query_vector, "build_query_vector", switched_meanwhile)
    for name in ("one", "other", "one"):
        found = search.search(QUERY)
        assert found.model.name == name
        for hit in found.hits:
            own = Embedding.objects.get(artwork=hit.artwork, model=found.model)
            cosine = float(np.asarray(own.vector, np.float32) @ vectors[name])
            assert hit.channels["image"].value == pytest.approx(cosine, abs=2e-3)


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_is_not_through_leaves_the_model_embedding(checkpoint):
    works = [work(f"Work {n}", seed=n) for n in range(2)]
    model = registry.register(str(checkpoint))
    registry.mark_embedding(model)
    tasks.embed_artworks([works[0].pk], model.pk)
    tasks.build_indexes(model.pk)
    assert registry.get_registered(model.name).state == "embedding"
    tasks.embed_artworks([works[1].pk], model.pk)
    tasks.build_indexes(model.pk)
    assert registry.get_registered(model.name).state == "ready"
    assert not pending.outdated(model, Artwork.objects.all()).exists()


class TestDescriptionsByAnotherModel:
    """A model that is better with texts compares descriptions beside one that knows pictures."""

    @pytest.fixture
    def museum(self, db, rng, monkeypatch):
        """A model of pictures, one of texts of another width, and what either makes of words."""
        of_pictures = vector_model("clip", state="active", fingerprint="c" * 32)
        of_texts = vector_model("texts", dimension=4, state="ready", fingerprint="t" * 32)
        for n in range(3):
            made = work(f"Work {n}", text="Nothing that was typed.")
            text = made.descriptions.get()
            give_vector(made, of_pictures, np.eye(8)[n])
            give_vector(made, of_pictures, np.eye(8)[n], text)
            give_vector(made, of_texts, np.eye(4)[2 - n], text)
        first = {"clip": np.eye(8)[0], "texts": np.eye(4)[0]}
        monkeypatch.setattr(
            query_vector,
            "_text",
            lambda query, model: (first[model.name].astype(np.float32), []),
        )
        of_pictures.text_model = of_texts
        of_pictures.save()
        return of_pictures, of_texts

    def channel(self, query: Query, name: str) -> list[str]:
        found = [hit for hit in search.search(query).hits if name in hit.channels]
        return [h.artwork.title for h in sorted(found, key=lambda h: h.channels[name].rank)]

    def test_each_model_compares_what_is_its_own(self, museum):
        query = Query.parse("zzz")
        assert self.channel(query, "image")[0] == "Work 0"
        assert self.channel(query, "text")[0] == "Work 2"
        reasons = highlights.explain(search.search(query))
        assert reasons[self.number(2)].passage.cosine == pytest.approx(1, abs=1e-3)

    def number(self, n: int) -> int:
        return Artwork.objects.get(title=f"Work {n}").artic_id

    def test_a_search_without_words_asks_the_one_model(self, museum):
        query_vectors = search.search(Query.parse("", like=(self.number(1),))).query_vectors
        assert {model.name for model, _ in query_vectors.values()} == {"clip"}

    def test_words_that_count_for_nothing_are_compared_with_nothing(self, museum):
        query = Query.parse("zzz", like=(self.number(1),), weights=Weights(text=0.0))
        query_vectors = search.search(query).query_vectors
        assert {model.name for model, _ in query_vectors.values()} == {"clip"}

    def test_one_that_is_not_ready_has_no_say(self, museum):
        EmbeddingModel.objects.filter(name="texts").update(state="embedding")
        assert self.channel(Query.parse("zzz"), "text")[0] == "Work 0"

    def test_one_that_does_not_load_is_named(self, museum, monkeypatch):
        monkeypatch.setattr(
            query_vector,
            "_text",
            lambda query, model: (None if model.name == "texts" else np.eye(8)[0], []),
        )
        found = search.search(Query.parse("zzz"))
        assert found.warnings == [
            "Results may be less precise: texts could not be loaded, so descriptions were compared "
            "with clip."
        ]
        assert found.query_vectors["text"][0].name == "clip"
