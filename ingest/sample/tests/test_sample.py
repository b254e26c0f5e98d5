"""The sample museum: the same seed gives the same works, and words say what pictures show."""

import base64
import json
import random
import re
import uuid
from datetime import datetime

import numpy as np
import pytest
from PIL import Image

from ingest.sample import (
    Scene,
    alt_text,
    caption,
    compose,
    description,
    record,
    render,
    title,
    write_collection,
)
from ingest.sample.lexicon import COLOURS, NOUNS
from ingest.sample.records import FIRST_ID, collection_scenes
from ingest.sample.scenes import GENRES, MONOCHROME, SUBJECTS


def scenes(number: int, seed: int = 7) -> list[Scene]:
    rng = random.Random(seed)
    return [compose(rng) for _ in range(number)]


def test_a_seed_composes_the_same_scenes():
    assert scenes(50) == scenes(50)


def test_the_space_holds_far_more_compositions_than_training_draws():
    keys = {scene.key() for scene in scenes(20_000)}
    # A space of N compositions repeats about n²/2N times in n draws: 15,000 distinct of 20,000
    # would still mean tens of thousands; the genres are uneven, so the rare ones repeat first.
    assert len(keys) > 16_000
    outdoor = [s.key() for s in scenes(20_000) if s.genre in ("landscape", "seascape")]
    assert len(set(outdoor)) > 0.97 * len(outdoor)


def test_keys_tell_scenes_apart():
    made = scenes(2_000)
    assert len({scene.key() for scene in made}) == len(set(made))


def test_monochrome_scenes_claim_no_colour():
    grey = [scene for scene in scenes(2_000) if scene.style in MONOCHROME]
    assert grey
    assert all("colour" not in scene.attributes() for scene in grey)
    assert all(scene.light in ("", "day", "night") for scene in grey)


def test_portraits_show_people_and_still_lifes_none():
    for scene in scenes(1_000):
        people = scene.attributes()["people"]
        if scene.genre == "portrait":
            assert people == {"some"}
        if scene.genre in ("still life", "animal", "abstract", "textile", "ceramic"):
            assert people == {"none"}


@pytest.mark.parametrize("genre", GENRES)
def test_every_subject_renders_and_repeats_to_the_pixel(genre):
    rng = random.Random(genre)
    for subject in SUBJECTS[genre]:
        scene = compose(rng, genre, subject)
        first, second = render(scene, 96, 5), render(scene, 96, 5)
        assert first.mode == "RGB"
        assert first.width == 96
        assert first.tobytes() == second.tobytes()
        assert render(scene, 96, 6).tobytes() != first.tobytes()


def test_widths_look_alike():
    differences = []
    for seed, scene in enumerate(scenes(18)):
        small = render(scene, 128, seed).resize((16, 16), Image.Resampling.BOX)
        large = render(scene, 420, seed).resize((16, 16), Image.Resampling.BOX)
        gap = np.abs(np.asarray(small, float) - np.asarray(large, float)).mean()
        differences.append(gap)
    assert max(differences) < 22
    assert np.mean(differences) < 10


def test_monochrome_pictures_have_hardly_any_colour():
    for style in sorted(MONOCHROME):
        picture = render(compose(random.Random(style), "landscape", "house", style), 96, 1)
        pixels = np.asarray(picture, float)
        assert (pixels.max(2) - pixels.min(2)).mean() < 35


def test_a_red_boat_is_red_in_every_coloured_style():
    for style in ("oil", "watercolour", "woodblock", "pointillism", "poster", "mosaic", "pastel"):
        scene = Scene(
            "seascape",
            "sailboat",
            "one",
            "red",
            "open sea",
            "day",
            "",
            "",
            "",
            (),
            False,
            style,
            "wide",
        )
        pixels = np.asarray(render(scene, 128, 3), float)
        red = pixels[..., 0] > 1.5 * np.maximum(pixels[..., 1], pixels[..., 2])
        assert red.mean() > 0.015, style


@pytest.mark.parametrize("count", ["two", "three", "several"])
def test_several_boats_spread_over_the_picture(count):
    scene = Scene(
        "seascape",
        "sailboat",
        count,
        "red",
        "open sea",
        "day",
        "",
        "",
        "",
        (),
        False,
        "poster",
        "wide",
    )
    pixels = np.asarray(render(scene, 128, 3), float)
    red = pixels[..., 0] > 1.5 * np.maximum(pixels[..., 1], pixels[..., 2])
    assert red[:, :64].sum() > 20
    assert red[:, 64:].sum() > 20


def names(scene: Scene) -> set[str]:
    """Every word that may stand for the scene's subject."""
    return {word.lower() for pair in NOUNS[scene.subject] for word in pair}


def test_alt_text_names_the_subject():
    for index, scene in enumerate(scenes(400)):
        text = alt_text(scene, random.Random(index)).lower()
        assert any(name in text for name in names(scene)), (scene, text)
        assert text.endswith(".")
        assert "<" not in text


def test_alt_text_names_the_colour_of_coloured_subjects():
    for index, scene in enumerate(scenes(400)):
        if not scene.colour or scene.is_monochrome():
            continue
        text = alt_text(scene, random.Random(index)).lower()
        assert any(word in text for word in COLOURS[scene.colour]), (scene, text)


def test_monochrome_words_name_no_hue():
    hues = re.compile(r"\b(red|orange|yellow|green|blue|purple|pink|crimson|golden)\b")
    for index, scene in enumerate(scenes(3_000)):
        if scene.style in MONOCHROME and scene.subject != "orange" and scene.second != "orange":
            text = caption(scene, random.Random(index))
            assert not hues.search(text), (scene, text)


def test_descriptions_are_short_paragraphs():
    for index, scene in enumerate(scenes(300)):
        text = description(scene, random.Random(index))
        assert text.startswith("<p>")
        assert text.endswith("</p>")
        assert 2 <= len(re.findall(r"\.(?=\s|<)", text)) <= 5
        assert set(re.findall(r"</?(\w+)>", text)) <= {"p", "em"}


def test_captions_differ_widely_and_keep_a_small_vocabulary():
    rng = random.Random(1)
    one = compose(rng, "seascape", "sailboat", "oil")
    assert len({caption(one, rng) for _ in range(300)}) > 220
    texts = [caption(scene, rng) for scene in scenes(8_000)]
    assert all(text == text.lower() and text for text in texts)
    words = {word for text in texts for word in re.findall(r"[a-z'-]+", text)}
    assert 700 < len(words) < 2_500


def test_empty_places_are_sometimes_called_so_and_never_wrongly():
    rng = random.Random(4)
    absent = re.compile(
        r"\b(no people|without|nobody|no figures|deserted|no one|empty of people)\b"
    )
    found = 0
    for scene in scenes(4_000):
        if absent.search(caption(scene, rng)):
            found += 1
            assert not scene.has_people
    assert found > 60


def test_titles_vary():
    rng = random.Random(2)
    titles = [title(scene, rng) for scene in scenes(600)]
    assert len(set(titles)) > 480
    assert all(text[0].isupper() or text[0].isdigit() for text in titles)


def test_records_carry_what_the_listing_carries():
    scene = scenes(1)[0]
    row = record(scene, 4, 1869)
    assert row["id"] == FIRST_ID + 4
    assert row["credit_line"] == "Generated by the Ekphrasis sample museum"
    assert "(generated, active " in row["artist_display"]
    assert row["department_title"].startswith("Generated ")
    assert uuid.UUID(row["image_id"])
    assert row["is_public_domain"] is True
    assert row["date_start"] <= row["date_end"]
    assert set(row["color"]) == {"h", "s", "l", "percentage", "population"}
    assert datetime.fromisoformat(row["updated_at"]).utcoffset() is not None
    head, data = row["thumbnail"]["lqip"].split(",")
    assert head == "data:image/gif;base64"
    assert base64.b64decode(data).startswith(b"GIF")
    assert json.loads(json.dumps(row)) == row
    assert record(scene, 4, 1869) == row


def test_a_collection_has_every_genre_and_no_scene_twice():
    made = collection_scenes(720, 1869)
    assert len({scene.key() for scene in made}) == len(made) == 720
    for genre in GENRES:
        assert sum(scene.genre == genre for scene in made) >= 40
    red_sunset = [
        s for s in made if s.subject == "sailboat" and (s.colour, s.light) == ("red", "sunset")
    ]
    assert len(red_sunset) >= 3


def test_a_collection_is_written_whole_and_once(tmp_path):
    out, again = tmp_path / "museum", tmp_path / "again"
    seen = []
    write_collection(out, 6, 3, 64, lambda done, count: seen.append((done, count)))
    write_collection(again, 6, 3, 64)
    assert seen[-1] == (6, 6)
    rows = [json.loads(line) for line in (out / "records.jsonl").read_text("utf-8").splitlines()]
    assert {path.stem for path in (out / "images").iterdir()} == {row["image_id"] for row in rows}
    for path in sorted(out.rglob("*.*")):
        assert path.read_bytes() == (again / path.relative_to(out)).read_bytes()
    assert json.loads((out / "collection.json").read_text("utf-8"))["generated"] is True
    before = (out / "records.jsonl").stat().st_mtime_ns
    write_collection(out, 6, 3, 64)
    assert (out / "records.jsonl").stat().st_mtime_ns == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "museum"]
