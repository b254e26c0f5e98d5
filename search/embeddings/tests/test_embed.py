"""Embedding does what is missing, once, and survives being killed."""

import json

import pytest
from django.core.management import call_command
from django.db import connection

from museum.images import storage
from museum.models import Artwork, Description, ImageStatus
from search import tasks
from search.embeddings import hnsw_index, pending, registry
from search.embeddings.embed import NoActiveModelError
from search.models import Embedding, EmbeddingModel
from testing.factories import picture, work
from testing.waiting import until


def ids() -> list[int]:
    return list(Artwork.objects.order_by("pk").values_list("pk", flat=True))


def state() -> list[tuple]:
    """Everything that embedding decides, vectors included."""
    return [
        (*row[:-1], tuple(row[-1]))
        for row in Embedding.objects.order_by("artwork", "kind", "part").values_list(
            "artwork", "kind", "part", "description", "start", "end", "source_hash", "vector"
        )
    ]


def rows() -> dict[tuple, int]:
    return {
        (row.artwork_id, row.kind, row.start, row.end): row.pk for row in Embedding.objects.all()
    }


@pytest.fixture
def museum(tiny):
    for n in range(5):
        work(f"Work {n}", seed=n, text=f"A red boat lies in the harbour {n}. A man stands.")
    return tiny


def test_pictures_and_passages_get_unit_vectors(museum):
    assert tasks.embed_artworks(ids()) == {"embedded": 5, "unchanged": 0, "failed": []}
    assert Embedding.objects.filter(kind="image").count() == 5
    for row in Embedding.objects.all():
        assert sum(x * x for x in row.vector) == pytest.approx(1, abs=1e-2)
        if row.kind == "text":
            assert row.description.text[row.start : row.end]


def test_a_second_run_does_nothing(museum):
    tasks.embed_artworks(ids())
    before = rows()
    assert tasks.embed_artworks(ids()) == {"embedded": 0, "unchanged": 5, "failed": []}
    assert rows() == before
    assert not pending.outdated(museum, Artwork.objects.all()).exists()


def test_only_the_changed_text_is_encoded_again(museum, monkeypatch):
    tasks.embed_artworks(ids())
    encoder = registry.refresh(museum)
    encoded = []
    plain = encoder.encode_texts
    monkeypatch.setattr(
        encoder, "encode_texts", lambda texts: encoded.extend(texts) or plain(texts)
    )
    monkeypatch.setattr(encoder, "encode_images", lambda images: plain([]) if not images else 1 / 0)
    one = Description.objects.get(artwork__title="Work 2")
    Description.objects.filter(pk=one.pk).update(
        text=one.text + " " + "The quiet sea of the sunset lies in snow."
    )
    outdated = pending.outdated(museum, Artwork.objects.all())
    assert [each.title for each in outdated] == ["Work 2"]
    assert tasks.embed_artworks(ids())["embedded"] == 1
    # The first passage is as it was.
    assert encoded
    assert all("quiet sea" in text for text in encoded)
    assert not outdated.all().exists()


def test_a_changed_picture_replaces_its_vector_alone(museum):
    tasks.embed_artworks(ids())
    before = state()
    Artwork.objects.filter(title="Work 1").update(image_sha256=storage.store(picture(77)))
    assert tasks.embed_artworks(ids())["embedded"] == 1
    changed = [(old, new) for old, new in zip(before, state(), strict=True) if old != new]
    assert [old[1] for old, _ in changed] == ["image"]


def test_vectors_of_what_is_gone_are_dropped(museum):
    tasks.embed_artworks(ids())
    Artwork.objects.filter(title="Work 0").update(image_status=ImageStatus.MISSING)
    Description.objects.filter(artwork__title="Work 1").update(is_approved=False)
    Description.objects.filter(artwork__title="Work 2").update(is_boilerplate=True)
    titles = {each.title for each in pending.outdated(museum, Artwork.objects.all())}
    assert titles == {"Work 0", "Work 1", "Work 2"}
    tasks.embed_artworks(ids())
    left = set(Embedding.objects.values_list("artwork__title", "kind"))
    assert not left & {("Work 0", "image"), ("Work 1", "text"), ("Work 2", "text")}
    assert {("Work 0", "text"), ("Work 1", "image"), ("Work 3", "text")} <= left


def test_alt_text_is_a_passage_of_its_own(tiny):
    work(text="A red boat.", alt_text="A boat in the harbour.")
    tasks.embed_artworks(ids())
    assert set(Embedding.objects.values_list("description__source", "part")) == {
        ("alt_text", 0),
        ("description", 1),
    }


def test_an_unreadable_picture_is_a_named_failure_and_stops_nothing(museum, media_folder):
    lost, broken = Artwork.objects.filter(title__in=["Work 1", "Work 3"]).order_by("title")
    (media_folder / storage.path(lost.image_sha256)).unlink()
    (media_folder / storage.path(broken.image_sha256)).write_bytes(b"<html>no</html>")
    done = tasks.embed_artworks(ids())
    assert done["embedded"] == 5  # all have texts
    assert [(f["artic_id"], f["reason"]) for f in done["failed"]] == [
        (lost.artic_id, "picture"),
        (broken.artic_id, "picture"),
    ]
    assert "gone from the storage" in done["failed"][0]["message"]
    assert "HTML" in done["failed"][1]["message"]
    assert Embedding.objects.filter(kind="image").count() == 3
    again = tasks.embed_artworks(ids())
    assert (again["embedded"], again["unchanged"], len(again["failed"])) == (0, 3, 2)


def test_a_synthetic_model_refuses_real_works_unless_forced(museum):
    EmbeddingModel.objects.update(is_synthetic=True)
    real = work("A real painting", seed=50, is_generated=False)
    done = tasks.embed_artworks(ids())
    assert done["embedded"] == 5
    assert [(f["artic_id"], f["reason"]) for f in done["failed"]] == [(real.artic_id, "synthetic")]
    assert "generated pictures alone" in done["failed"][0]["message"]
    assert not real.embeddings.exists()
    assert tasks.embed_artworks([real.pk], force=True)["embedded"] == 1
    assert real.embeddings.exists()


def test_withdrawn_and_unknown_works_are_passed_over(museum):
    Artwork.objects.update(withdrawn_at="2026-01-01T00:00Z")
    assert tasks.embed_artworks([*ids(), 10**9])["embedded"] == 0
    assert not Embedding.objects.exists()


def test_without_a_model_it_says_what_to_do(db):
    with pytest.raises(NoActiveModelError, match=r"manage\.py embed --model"):
        tasks.embed_artworks([1])


# --- The command ----------------------------------------------------------------------------------
def embed(capsys, *arguments: str) -> tuple[int, str, str]:
    """Run the command; return its exit code and what it wrote to either stream."""
    code = 0
    try:
        call_command("embed", *arguments)
    except SystemExit as stop:
        code = int(stop.code or 0)
    return code, *capsys.readouterr()


@pytest.mark.django_db(transaction=True)
def test_the_command_embeds_what_is_missing_and_builds_the_indexes(museum, capsys):
    code, out, _ = embed(capsys, "--json")
    summary = json.loads(out.splitlines()[-1])
    assert code == 0
    assert (summary["model"], summary["embedded"], summary["failed"]) == ("tiny-clip", 5, 0)
    assert hnsw_index.rows(museum, "image") == 5
    assert hnsw_index.ensure(museum) == []
    code, out, _ = embed(capsys)
    assert code == 0
    assert "0 works embedded, 0 failed" in out


@pytest.mark.django_db(transaction=True)
def test_all_makes_every_vector_again(museum, capsys):
    embed(capsys)
    before, vectors = rows(), state()
    assert json.loads(embed(capsys, "--all", "--json")[1])["embedded"] == 5
    assert not set(rows().values()) & set(before.values())
    assert state() == vectors


@pytest.mark.django_db(transaction=True)
def test_a_new_model_grows_beside_the_active_one_until_activated(museum, capsys, tmp_path):
    from search.conftest import VOCABULARY
    from testing.tiny_clip import write_checkpoint

    write_checkpoint(tmp_path / "second", words=VOCABULARY.split(), context_length=16, seed=3)
    assert embed(capsys, "--model", str(tmp_path / "second"))[0] == 0
    second = EmbeddingModel.objects.get(name="second")
    assert (second.state, second.embeddings.filter(kind="image").count()) == ("ready", 5)
    assert registry.active() == museum
    code, _, err = embed(capsys, "--model", "second", "--queue", "--activate")
    assert (code, "when they are done" in err, registry.active()) == (2, True, museum)
    embed(capsys, "--model", "second", "--activate")
    assert registry.active() == second
    museum.refresh_from_db()
    assert museum.state == "ready"


@pytest.mark.django_db(transaction=True)
def test_exit_codes_are_honest(museum, capsys, media_folder):
    (media_folder / storage.path(Artwork.objects.first().image_sha256)).unlink()
    code, _, err = embed(capsys)
    assert code == 1
    assert "gone from the storage" in err
    code, _, err = embed(capsys, "--model", "no-such-model")
    assert code == 2
    assert "demo-synthetic" in err
    code, _, err = embed(capsys, "--model", "ViT-B-32/no-such-tag")
    assert code == 2
    EmbeddingModel.objects.update(is_synthetic=True)
    Artwork.objects.update(is_generated=False)
    Embedding.objects.all().delete()
    code, out, err = embed(capsys, "--json")
    assert code == 2
    assert json.loads(out)["left_out"] == 5
    assert "generated" in err


@pytest.mark.django_db(transaction=True)
def test_queued_work_ends_the_same(museum, capsys):
    # Without Redis a queue is this process.
    code, out, _ = embed(capsys, "--queue", "--json")
    assert (code, json.loads(out.splitlines()[-1])["queued"]) == (0, 5)
    assert not pending.outdated(museum, Artwork.objects.all()).exists()
    assert hnsw_index.rows(museum, "image") == 5


@pytest.mark.django_db(transaction=True)
def test_no_active_model_is_explained(capsys):
    code, _, err = embed(capsys)
    assert code == 2
    assert "--model vit-b-32 --activate" in err


def test_killed_and_run_again_it_ends_as_if_undisturbed(tiny_committed, manage, capsys):
    for n in range(60):
        work(f"Work {n}", seed=n, text=f"A red boat lies in the harbour {n}. A man stands.")
    process = manage("embed", EMBED_BATCH_SIZE="2")
    until(lambda: Embedding.objects.filter(kind="image").count() >= 6)
    process.kill()
    process.wait()
    wait_for_sessions_to_end()
    done = Embedding.objects.filter(kind="image").count()
    assert 6 <= done < 60
    # Whole works only: each that has its picture's vector has its passages' too.
    having = {kind: set(a) for kind, a in grouped(Embedding.objects.values_list("kind", "artwork"))}
    assert having["image"] == having["text"]
    assert json.loads(embed(capsys, "--json")[1])["embedded"] == 60 - done
    disturbed = state()
    Embedding.objects.all().delete()
    embed(capsys)
    assert [row[:-1] for row in state()] == [row[:-1] for row in disturbed]
    for row, other in zip(state(), disturbed, strict=True):
        assert row[-1] == pytest.approx(other[-1], abs=2e-3)  # the process may sum in other order


def grouped(pairs):
    groups: dict = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups.items()


@pytest.fixture
def tiny_committed(transactional_db, checkpoint):
    return registry.activate(registry.register(str(checkpoint)))


def wait_for_sessions_to_end() -> None:
    def alone() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            return cursor.fetchone()[0] == 0

    until(alone)
