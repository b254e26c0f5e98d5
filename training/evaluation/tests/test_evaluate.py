"""An evaluation finds what is known of its rows, and its command writes all of it down."""

import io
import json
from functools import partial
from pathlib import Path

import ir_measures
import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from museum.models import Artwork
from search.encoders import get_encoder
from search.models import EmbeddingModel
from testing.factories import give_vector, vector_model, work
from testing.tiny_clip import write_checkpoint
from training.datasets.dataset import DatasetError, Item
from training.evaluation import minimal_pairs, query_sets, rankers, results, slices
from training.evaluation.finetuned_run import FinetunedRun, unblended_encoder
from training.evaluation.full_text import FullText
from training.evaluation.results import TO_PICTURE, TO_TEXT

SHADES = [(r, g, b) for r in (0, 80, 160, 240) for g in (0, 80, 160, 240) for b in (0, 120, 240)]


class Colours:
    """An encoder that sees the colour of a picture and reads it in a text, with some noise."""

    dim, fingerprint, context_length = 3, "colours", 77

    def __init__(self, noise=0.0):
        self.name, self.noise, self.chance = "colours", noise, np.random.default_rng(0)
        self.seen = 0

    def prepare(self, image):
        return image

    def encode_images(self, images):
        self.seen += len(images)
        return self._unit([image.resize((1, 1)).getpixel((0, 0)) for image in images])

    def encode_texts(self, texts):
        return self._unit([tuple(map(int, text.split()[1].split("-"))) for text in texts])

    def _unit(self, colours):
        centred = np.array(colours, float).reshape(-1, 3) - 119.5
        centred += self.chance.normal(0, self.noise, centred.shape) if self.noise else 0
        # Longer colours may not win: equal directions are told apart by a fourth number.
        whole = np.c_[centred, np.full(len(centred), 200.0)]
        return (whole / np.linalg.norm(whole, axis=1, keepdims=True)).astype(np.float32)


def items():
    return [
        Item(
            key=f"{r}-{g}-{b}",
            open=partial(Image.new, "RGB", (4, 4), (r, g, b)),
            image=f"{r}-{g}-{b}",
            captions=(f"Shade {r}-{g}-{b} of paint. It is item{n}.",),
            title=f"item{n}",
            ties=(f"red {r}",),
        )
        for n, (r, g, b) in enumerate(SHADES)
    ]


def asked(gallery, most=1000):
    parts = {item.key: "test" if n % 3 else "train" for n, item in enumerate(gallery)}
    return query_sets.held_out(gallery, parts, [item.ties[0] for item in gallery], "test", most)


def test_a_model_that_sees_is_told_from_one_that_guesses():
    gallery = items()
    models, readable = rankers.encode_gallery(
        {"sees": Colours(), "guesses": Colours(noise=900)}, gallery, {}
    )
    assert readable == list(range(len(SHADES)))
    sets = asked(gallery)
    assert [each.name for each in sets] == ["first sentence", "full description"]
    parts = results.rank_sets(models, sets)
    assert [part.direction for part in parts] == [TO_PICTURE, TO_TEXT] * 2
    for part in parts:
        found = part.summary("guesses")
        assert (found["gallery"], found["queries"], found["groups"]) == (48, 32, 4)
        assert found["rows"]["sees"]["R@1"]["mean"] == 1
        assert found["rows"]["sees"]["median_rank"] == 1
        assert found["rows"]["chance"]["R@5"] == pytest.approx(5 / 48)
        assert found["rows"]["guesses"]["R@1"]["mean"] < 0.3
        gain = found["differences"]["sees"]["MRR"]
        assert 0 < gain["low"] < gain["mean"] < gain["high"]


def test_full_text_does_not_read_the_text_that_is_asked_with():
    gallery = items()
    [first, full] = asked(gallery)
    assert not any("Shade" in document for document in first.documents)
    parts = results.rank_sets([rankers.encode_gallery({"m": Colours()}, gallery, {})[0][0]], [full])
    # "It is item7." finds the title "item7".
    assert parts[0].rankings[rankers.FULL_TEXT].ranks.tolist() == [1] * len(full.queries)
    assert set(parts[0].rankings) == {"m", rankers.FULL_TEXT, "hybrid, m"}


def test_full_text_ranks_rare_words_first_and_says_how_much_a_work_carries():
    index = FullText(["the red boat", "the boat", "the the house at sea", ""])
    scores, carried = index.search("Red boat!")
    assert scores.argmax() == 0
    assert scores[1] > scores[2] == scores[3] == 0
    assert carried[0] == pytest.approx(1)
    assert 0 < carried[1] < 0.5


def test_each_picture_is_opened_once_and_what_is_known_not_at_all(caplog):
    gallery = items()[:6]
    gallery[4] = Item(key="broken", open=partial(Image.open, "/none.png"), image="broken")
    opened = []
    for n, item in enumerate(gallery):
        gallery[n] = Item(item.key, partial(lambda f, n: opened.append(n) or f(), item.open, n),
                          item.image)  # fmt: skip
    one, two = Colours(), Colours()
    stored = {item.key: np.full(4, 0.5, np.float32) for item in gallery[:2]}
    models, readable = rankers.encode_gallery(
        {"one": one, "two": two}, gallery, {"one": stored, "two": {gallery[0].key: stored[
            gallery[0].key]}}
    )  # fmt: skip
    assert readable == [0, 1, 2, 3, 5]
    assert opened == [1, 2, 3, 4, 5]
    assert (one.seen, two.seen) == (3, 4)
    assert models[0].pictures[0].tolist() == [0.5] * 4
    assert "broken is left out" in caplog.text


def test_judged_queries_go_by_key_and_one_that_asks_for_nothing_here_is_passed_over(tmp_path):
    gallery = items()[:10]
    path = tmp_path / "short.jsonl"
    lines = [
        {"query": "a", "relevant": {gallery[3].key: 2, gallery[4].key: 1, "elsewhere": 2}},
        {"query": "b", "relevant": {"elsewhere": 2, gallery[1].key: 1}},
    ]
    path.write_text("\n".join(map(json.dumps, lines)) + "\n")
    [only] = [query_sets.judged("short", gallery, query_sets.read(path))]
    assert (list(only.queries), list(only.relevant)) == (["a"], [{3: 2, 4: 1}])
    with pytest.raises(DatasetError, match="ids such as 0-0-0"):
        query_sets.judged("short", gallery, [("b", {"elsewhere": 2})])
    path.write_text('{"query": "a"}\n')
    with pytest.raises(DatasetError, match=r"short\.jsonl, line 1: expected"):
        query_sets.read(path)


def test_pictures_to_text_counts_equal_texts_once():
    gallery = items()[:4]
    same = [Item(i.key, i.open, i.image, captions=("One text.",), ties=i.ties) for i in gallery[:2]]
    [one] = query_sets.held_out([*same, *gallery[2:]], dict.fromkeys([i.key for i in gallery], "x"),
                                list("abcd"), "x", 99)[:1]  # fmt: skip
    back = query_sets.reverse(one)
    assert len(back.keys) == 3
    assert [list(grades) for grades in back.relevant] == [[0], [0], [1], [2]]


def test_several_captions_a_picture_are_each_a_query_and_any_is_right_the_other_way():
    gallery = [
        Item(i.key, i.open, i.image, captions=(f"{i.key} a", f"{i.key} b")) for i in items()[:5]
    ]
    parts = {item.key: "test" for item in gallery[:2]} | {i.key: "train" for i in gallery[2:]}
    [only] = query_sets.held_out(gallery, parts, list("vwxyz"), "test", 99)
    assert (only.name, len(only.queries), list(only.groups)) == ("captions", 4, list("vvww"))
    back = query_sets.reverse(only)
    assert (len(back.keys), [len(g) for g in back.relevant]) == (10, [2, 2])


def test_drawn_pairs_are_fair_and_true():
    drawn = minimal_pairs.draw_pairs(60, seed=4)
    for pair in drawn:
        colours = {p[1] for p in pair.picture.getcolors(SHADES.__len__() * 10)} - {(255, 255, 255)}
        assert pair.right != pair.wrong
        if pair.kind == "negation":
            assert ("without" in pair.right) == (len(colours) == 1)
    # Words alone say nothing: each sentence is as often right as wrong.
    rights = [pair.right for pair in drawn if pair.kind == "negation"]
    assert 15 < sum("without" in right for right in rights) < 45


@pytest.mark.parametrize(
    ("text", "kind", "wrong"),
    [
        ("Two boats at sea", "counting", None),
        ("with three boats", "counting", "with four boats"),
        ("a red boat on a blue sea", "colour binding", "a blue boat on a red sea"),
        ("a man without a hat", "negation", "a man with a hat"),
        ("a man with a hat", "negation", "a man without a hat"),
        ("a tree behind a house", "position", "a tree in front of a house"),
        ("a tree to the left", "position", "a tree to the right"),
    ],
)
def test_texts_are_made_wrong_in_one_thing(text, kind, wrong):
    assert dict(minimal_pairs.edits(text)).get(kind) == wrong


@pytest.mark.parametrize(
    ("year", "name"),
    [(1900, "19th century"), (1901, "20th century"), (1, "1st century"), (-1, "1st century BCE"),
     (-100, "1st century BCE"), (-101, "2nd century BCE"), (1150, "12th century")],
)  # fmt: skip
def test_years_lie_in_their_centuries(year, name):
    assert slices.century(year) == name


@pytest.mark.django_db
def test_slices_are_of_known_works_and_large_enough():
    for n in range(70):
        department = "Prints" if n < 40 else "Textiles"
        work(f"Work {n}", artic_id=5000 + n, department=department, date_start=1850 + n,
             medium_display="Etching, hand coloured")  # fmt: skip
    known = slices.facts([str(5000 + n) for n in range(70)] + ["a/b.jpg"])
    said = [known[str(5000 + n)] for n in range(70)]
    found = slices.by_fact(said[:60], {"row": np.arange(60) / 60})
    assert [(s["value"], s["n"]) for s in found["department"]] == [("Prints", 40)]
    assert found["department"][0]["rows"]["row"] == pytest.approx(np.mean(np.arange(40) / 60))
    assert found["medium"][0]["value"] == "etching"
    assert [s["value"] for s in found["century"]] == ["19th century"]


@pytest.mark.django_db
def test_vectors_of_changed_pictures_are_not_taken_from_the_database():
    model = vector_model(dimension=3, fingerprint="colours")
    kept, changed = work("Kept", seed=1), work("Changed", seed=2)
    for each in (kept, changed):
        give_vector(each, model, np.eye(3)[0])
    model.embeddings.filter(artwork=kept).update(source_hash=kept.image_sha256)
    assert set(rankers.stored_vectors(model, Colours())) == {str(kept.artic_id)}
    model.fingerprint = "other"
    assert rankers.stored_vectors(model, Colours()) == {}


# --- The command ----------------------------------------------------------------------------------
@pytest.fixture
def museum(db, tmp_path):
    """Works with pictures, and a base and a blend of it with what a run leaves."""
    for n in range(24):
        work(f"Boat {n}", seed=n, source="sample", department="Paintings",
             text=f"A red boat lies in harbour {n}. A man stands with a horse.",
             alt_text=f"boat {n}")  # fmt: skip
    for name, seed in (("base", 1), ("tuned", 2)):
        write_checkpoint(tmp_path / name, seed=seed)
    parts = {str(pk): "test" if n % 2 else "train" for n, pk in enumerate(_ids())}
    facts = {"base": {"name": "base"}, "data": {"spec": "sample"}, "alpha": 0.5,
             "sweep": [{"alpha": a, "mrr": a / 2, "probe": 0.5} for a in (0, 0.5, 1)]}  # fmt: skip
    history = [{"phase": 2, "step": n, "loss": 1 / n, "rate": 1e-5} for n in range(1, 5)]
    for name, text in (
        ("facts.json", json.dumps(facts)),
        ("split.json", json.dumps(parts)),
        ("history.jsonl", "\n".join(map(json.dumps, history))),
    ):
        (tmp_path / "tuned" / name).write_text(text)
    return tmp_path


def _ids():
    return Artwork.objects.order_by("artic_id").values_list("artic_id", flat=True)


def test_the_command_reports_every_row_and_writes_it_down(museum):
    queries = museum / "visitors.jsonl"
    first = _ids()[0]
    queries.write_text(json.dumps({"query": "red boat", "relevant": {str(first): 2}}) + "\n")
    out = io.StringIO()
    call_command(
        "evaluate", "--json", model=str(museum / "tuned"), against=str(museum / "base"),
        queries=queries, pairs=30, report=museum / "report", stdout=out, stderr=io.StringIO(),
    )  # fmt: skip
    found = json.loads(out.getvalue().splitlines()[-1])
    assert (found["gallery"], found["part"], found["alpha"]) == (24, "test", 0.5)
    assert found["is_generated"]
    by_set = {(s["set"], s["direction"]): s for s in found["sets"]}
    assert {name for name, _ in by_set} == {"alt text", "first sentence", "full description",
                                            "visitors"}  # fmt: skip
    one = by_set["first sentence", TO_PICTURE]
    models = {"tuned", "base", "tuned, alpha 1"}
    assert set(one["rows"]) == {"chance", *models, "full text", "hybrid, tuned"}
    assert one["queries"] == 12
    assert set(one["differences"]["tuned"]) >= {"MRR", "R@1", "minus"}
    assert "nDCG@10" in by_set["visitors", TO_PICTURE]["rows"]["tuned"]
    assert by_set["first sentence", TO_TEXT]["rows"].keys() == {"chance", *models}
    assert found["probes"]["tuned"]["drawn"]["counting"]["pairs"] == 30

    report = museum / "report"
    page = (report / "index.html").read_text()
    assert "Synthetic data" in page
    assert "legacy: top-5 of 128" not in page  # twelve queries fill no batch
    assert "legacy: R@5 % of the library" in page
    for picture in [*report.glob("*.png")]:
        assert Image.open(picture).size[0] > 200
        assert picture.name in page
    assert {"loss.png", "alpha.png", "visitors-text-to-picture.png"} <= {
        p.name for p in report.glob("*.png")
    }
    assert json.loads((report / "evaluation.json").read_text()) == found
    trec = report / "trec" / "first-sentence-text-to-picture"
    [mrr] = ir_measures.calc_aggregate(
        [ir_measures.RR(rel=2)],
        ir_measures.read_trec_qrels(str(trec / "qrels.txt")),
        ir_measures.read_trec_run(str(trec / "tuned.run")),
    ).values()
    assert mrr == pytest.approx(one["rows"]["tuned"]["MRR"]["mean"])


def test_the_end_of_training_is_found_from_base_and_blend(museum):
    base, end = (
        get_encoder(EmbeddingModel(name=n, architecture=n, checkpoint=str(museum / n), dimension=1))
        for n in ("base", "tuned")
    )
    import copy

    blend = copy.copy(end)
    blend.model = copy.deepcopy(end.model)
    before, after = base.model.state_dict(), end.model.state_dict()
    blend.model.load_state_dict({n: before[n].lerp(w, 0.3) if w.is_floating_point() else w
                                 for n, w in after.items()})  # fmt: skip
    whole = unblended_encoder(base, blend, 0.3)
    texts = ["a red boat", "the house in the snow"]
    np.testing.assert_allclose(whole.encode_texts(texts), end.encode_texts(texts), atol=1e-5)
    assert unblended_encoder(Colours(), blend, 0.3) is None


def test_a_model_that_was_not_tuned_has_left_nothing(museum):
    model = EmbeddingModel(name="b", architecture="b", checkpoint=str(museum / "base"))
    assert FinetunedRun.of(model) == FinetunedRun()
    assert not FinetunedRun().is_blend


def test_errors_say_what_to_mend(museum):
    for options, message in (
        ({"model": None}, "no model is active"),
        ({"model": "nothing"}, "is no model"),
        ({"model": str(museum / "base"), "against": str(museum / "base")}, "with itself"),
        ({"model": str(museum / "base"), "data": "zoo"}, "folder:DIR"),
        ({"model": str(museum / "base"), "data": "artic"}, "no picture with a text"),
        ({"model": str(museum / "base"), "data": "sample", "queries": Path("none")}, "cannot be"),
    ):
        with pytest.raises(CommandError, match=message):
            call_command("evaluate", stdout=io.StringIO(), **options)


def test_queries_that_curators_judged_are_asked_too(museum):
    from search.models import Judgment, JudgmentQuery
    from training.datasets import specs
    from training.evaluation import evaluate

    first, second = Artwork.objects.order_by("artic_id")[:2]
    for split, words in (("test", "red boats"), ("training", "not for reporting")):
        query = JudgmentQuery.objects.create(query=words, split=split)
        for judged, grade in ((first, 3), (second, 1)):
            Judgment.objects.create(query=query, artwork=judged, grade=grade)
    model = evaluate.find_model(str(museum / "base"))
    done = evaluate.evaluate(model, None, specs.load("sample"), pairs=0)
    [only] = [part for part in done.results if part.query_set.is_graded]
    assert list(only.query_set.queries) == ["red boats"]
    assert list(only.query_set.relevant) == [{0: 3, 1: 1}]
    assert "P@10" in only.summary(None)["rows"]["base"]
