"""Data in one form, and the split that keeps groups together."""

from dataclasses import replace

import pytest
from PIL import Image

from training.datasets import specs
from training.datasets.dataset import Dataset, DatasetError, Item
from training.datasets.split import groups, split


def item(key, *ties, **more):
    return Item(key=key, open=lambda: Image.new("RGB", (8, 8)), image=key, ties=ties, **more)


def dataset(*items, **more):
    return Dataset("test", "test", items, **more)


def test_a_folder_is_read_with_its_captions(tmp_path):
    (tmp_path / "in").mkdir()
    Image.new("RGB", (8, 6), "red").save(tmp_path / "in" / "one.png")
    (tmp_path / "captions.csv").write_text(
        "file,description,artist,medium\nin/one.png,A red square.,Ada,Oil\n"
    )
    found = specs.load(f"folder:{tmp_path}")
    [only] = found.items
    assert (only.key, only.captions, only.facts) == ("in/one.png", ("A red square.",), ("Oil",))
    assert only.open().size == (8, 6)
    before = found.fingerprint
    (tmp_path / "captions.csv").write_text("file,description\nin/one.png,A crimson square.\n")
    assert specs.load(f"folder:{tmp_path}").fingerprint != before


def test_wrong_data_are_named_with_the_mend(tmp_path):
    for spec in ("zoo", "folder", "artic:/tmp", "folder:"):
        with pytest.raises(DatasetError, match=r"folder:DIR|write artic"):
            specs.load(spec)
    with pytest.raises(DatasetError, match=r"captions\.csv.*\n.*DIR/captions"):
        specs.load(f"folder:{tmp_path}")
    (tmp_path / "captions.csv").write_text("file,description\nnone.png,Nothing.\n")
    with pytest.raises(DatasetError, match=r"none\.png.*no such picture"):
        specs.load(f"folder:{tmp_path}")


@pytest.mark.django_db
def test_works_of_the_database_come_with_their_approved_texts():
    from museum.models import Artist, Artwork, Description

    ada = Artist.objects.create(name="Ada")
    stored = {"source": "artic", "image_status": "stored", "record_hash": "x", "artist": ada}
    work = Artwork.objects.create(artic_id=1, title="Boats", image_sha256="a" * 64, **stored)
    Artwork.objects.create(
        artic_id=2, title="No picture", record_hash="x", source="artic", artist=ada
    )
    for source, text, approved in (
        ("description", "Two boats at rest.", True),
        ("alt_text", "Boats on water.", True),
        ("generated", "A boat, perhaps.", False),
    ):
        Description.objects.create(artwork=work, source=source, text=text, is_approved=approved)
    [only] = specs.load("artic").items
    assert only.captions == ("Two boats at rest.",)
    assert only.alt_texts == ("Boats on water.",)
    assert (only.title, only.artist) == ("Boats", "Ada")
    assert f"artist:{ada.pk}" in only.ties


def test_groups_join_over_chains_of_ties_and_like_hashes():
    items = [
        item("a", "x"), item("b", "x", "y"), item("c", "y"), item("d"),
        item("e", phash=0b1011_0110), item("f", phash=-(2**63) | 0b1011_0001),
        item("g", phash=0b1011_0110 << 40),
    ]  # fmt: skip
    assert groups(items) == ["a", "a", "a", "d", "e", "e", "g"]


def test_like_hashes_are_found_as_comparing_all_pairs_finds_them():
    import random

    rng = random.Random(3)
    hashes = [rng.getrandbits(64) for _ in range(40)]
    for _ in range(80):
        flipped = rng.choice(hashes)
        for bit in rng.sample(range(64), rng.randint(1, 7)):
            flipped ^= 1 << bit
        hashes.append(flipped)
    items = [item(f"{n:03}", phash=value) for n, value in enumerate(hashes)]
    tied = [
        replace(
            one,
            phash=None,
            ties=tuple(
                f"{min(n, m)}-{max(n, m)}"
                for m, other in enumerate(hashes)
                if m != n and (hashes[n] ^ other).bit_count() <= 4
            ),
        )
        for n, one in enumerate(items)
    ]
    assert groups(items) == groups(tied)


def test_a_split_keeps_groups_whole_is_stored_and_survives_growth(tmp_path):
    items = [item(f"{n:03}", f"artist {n // 3}") for n in range(300)]
    stored = tmp_path / "split.json"
    first = split(dataset(*items), 0, stored)
    parts = list(first.values())
    assert parts.count("val") == parts.count("test") == 30
    assert all(len({first[f"{n:03}"] for n in (k, k + 1, k + 2)}) == 1 for k in range(0, 300, 3))
    assert split(dataset(*items), 1) != first
    grown = [*items, *(item(f"{n:03}", "artist 7") for n in range(300, 330))]
    second = split(dataset(*grown), 1, stored)
    assert {key: second[key] for key in first} == first
    assert {second[f"{n:03}"] for n in range(300, 330)} == {first["021"]}


def test_the_publishers_own_parts_win():
    items = [item(f"{n}") for n in range(20)]
    parts = split(dataset(*items, parts={"3": "test", "4": "val"}), 0)
    assert (parts["3"], parts["4"]) == ("test", "val")
