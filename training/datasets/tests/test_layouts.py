"""Published collections, in small copies true to their layouts, and folders that are not them."""

import json

import pytest
from PIL import Image

from training.datasets import specs
from training.datasets.dataset import DatasetError
from training.datasets.split import split


def picture(path, shade=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (6, 4), (shade, 90, 90)).save(path)


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


def coco(folder):
    for part, numbers in (("train2017", (9, 25)), ("val2017", (139,))):
        for number in numbers:
            picture(folder / part / f"{number:012}.jpg", number)
        images = [
            {"license": 3, "file_name": f"{n:012}.jpg", "height": 4, "width": 6, "id": n,
             "coco_url": f"http://images.cocodataset.org/{part}/{n:012}.jpg"}
            for n in numbers
        ]  # fmt: skip
        said = [
            {"image_id": n, "id": n * 10 + k, "caption": f"Caption {k}\n of {n}. "}
            for k in range(5)
            for n in numbers
        ]
        table = {"info": {}, "licenses": [], "images": images, "annotations": said}
        write_json(folder / "annotations" / f"captions_{part}.json", table)


def flickr30k(folder):
    lines = []
    for number in (1000092795, 10002456):
        picture(folder / "flickr30k-images" / f"{number}.jpg", number % 250)
        lines += [f'{number}.jpg#{k}\tA "guy" | number {k} .' for k in range(5)]
    (folder / "results_20130124.token").write_text("\n".join(lines) + "\n")


def visual_genome(folder):
    picture(folder / "VG_100K_2" / "1.jpg", 1)
    picture(folder / "VG_100K" / "2.jpg", 2)
    data = [
        {"image_id": n, "width": 800, "height": 600, "coco_id": None if n == 1 else 77,
         "flickr_id": None, "url": f"https://cs.stanford.edu/people/rak248/VG_100K/{n}.jpg"}
        for n in (1, 2)
    ]  # fmt: skip
    write_json(folder / "image_data.json", data)
    regions = [
        {"region_id": 10 * n + k, "image_id": n, "x": 0, "y": 0, "width": 10 * k, "height": 10,
         "phrase": f"thing  {k} of {n}"}
        for n in (1, 2)
        for k in range(1, 8)
    ]  # fmt: skip
    described = [{"id": n, "regions": [r for r in regions if r["image_id"] == n]} for n in (1, 2)]
    write_json(folder / "region_descriptions.json", described)


def unsplash(folder):
    head = "photo_id photo_image_url photo_description photographer_username ai_description"
    rows = [
        ["XMyPniM9LF0", "https://images.unsplash.com/uploads/1", '"Red ""boats"" at rest"', "ann",
         "boats on body of water"],
        ["rDLBArZUl1c", "https://images.unsplash.com/uploads/2", "", "ben", "brown house"],
        ["gone0000000", "https://images.unsplash.com/uploads/3", "Gone", "ben", ""],
    ]  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    table = [head.split(), *rows]
    (folder / "photos.tsv000").write_text("".join("\t".join(row) + "\n" for row in table))
    keywords = "photo_id\tkeyword\tai_service_1_confidence\tsuggested_by_user\n"
    keywords += "XMyPniM9LF0\tboat\t99.1\tf\nXMyPniM9LF0\tharbour\t\tt\n"
    (folder / "keywords.tsv000").write_text(keywords)
    for key in ("XMyPniM9LF0", "rDLBArZUl1c"):
        picture(folder / "photos" / f"{key}.jpg", len(key))


WRITERS = {each.__name__: each for each in (coco, flickr30k, visual_genome, unsplash)}


@pytest.fixture(params=WRITERS)
def kind(request):
    return request.param


def test_every_item_opens_and_has_texts(kind, tmp_path):
    WRITERS[kind](tmp_path)
    found = specs.load(f"{kind}:{tmp_path}")
    assert found.name == kind
    assert found.licence
    assert all(item.open().size == (6, 4) for item in found.items)
    assert all(item.captions or item.alt_texts for item in found.items)
    assert len({item.key for item in found.items}) == len(found)


def test_another_folder_is_refused_with_the_layout(kind, tmp_path):
    with pytest.raises(DatasetError, match=r"expected .*\n  DIR/"):
        specs.load(f"{kind}:{tmp_path}")


def test_a_missing_picture_is_named_with_the_layout(kind, tmp_path):
    WRITERS[kind](tmp_path)
    for path in tmp_path.rglob("*.jpg"):
        path.unlink()
    with pytest.raises(DatasetError, match=r"(the first is .*jpg|has none of the 3)[^$]*\n  DIR/"):
        specs.load(f"{kind}:{tmp_path}")


def test_coco_has_five_captions_a_picture_and_its_val_pictures_are_for_test(tmp_path):
    coco(tmp_path)
    found = specs.load(f"coco:{tmp_path}")
    first, _, last = found.items
    assert first.key == "train2017/000000000009.jpg"
    assert first.captions == tuple(f"Caption {k} of 9." for k in range(5))
    assert split(found, 0)[last.key] == "test"
    rows = [{"filename": "000000000139.jpg", "split": "val"},
            {"filename": "000000000009.jpg", "split": "restval"}]  # fmt: skip
    write_json(tmp_path / "dataset_coco.json", {"dataset": "coco", "images": rows})
    parts = split(specs.load(f"coco:{tmp_path}"), 0)
    assert (parts[first.key], parts[last.key]) == ("train", "val")


def test_flickr30k_reads_both_forms_of_its_captions_alike(tmp_path):
    flickr30k(tmp_path)
    found = specs.load(f"flickr30k:{tmp_path}")
    assert found.items[0].captions[1] == 'A "guy" | number 1 .'
    (tmp_path / "results_20130124.token").unlink()
    lines = ["image_name| comment_number| comment"]
    lines += [f"{item.key}| {k}| A dog {k} ." for item in found.items for k in range(4)]
    lines += [f"{item.key}| 4   A dog 4 ." for item in found.items]  # a fault of the published file
    (tmp_path / "results.csv").write_text("\n".join(lines) + "\n")
    for item in specs.load(f"flickr30k:{tmp_path}").items:
        assert item.captions == tuple(f"A dog {k} ." for k in range(5))
    rows = [{"filename": item.key, "split": "test"} for item in found.items]
    write_json(tmp_path / "dataset_flickr30k.json", {"images": rows})
    assert set(specs.load(f"flickr30k:{tmp_path}").parts.values()) == {"test"}


def test_visual_genome_says_what_its_largest_regions_say(tmp_path):
    visual_genome(tmp_path)
    one, two = specs.load(f"visual_genome:{tmp_path}").items
    assert one.captions == tuple(f"thing {k} of 1" for k in (7, 6, 5, 4, 3))
    assert (one.ties, two.ties) == ((), ("coco:77",))


def test_unsplash_tells_the_photographers_words_from_a_models(tmp_path):
    unsplash(tmp_path)
    boats, house = specs.load(f"unsplash:{tmp_path}").items
    assert boats.captions == ('Red "boats" at rest',)
    assert boats.facts == ("harbour",)
    assert (house.captions, house.alt_texts) == ((), ("brown house",))
    assert boats.ties == ("photographer:ann",)


def test_a_damaged_file_is_named(tmp_path):
    coco(tmp_path)
    (tmp_path / "annotations" / "captions_val2017.json").write_text('{"images": [')
    with pytest.raises(DatasetError, match=r"captions_val2017\.json cannot be read"):
        specs.load(f"coco:{tmp_path}")
    write_json(tmp_path / "annotations" / "captions_val2017.json", {"images": []})
    with pytest.raises(DatasetError, match="not a COCO captions file"):
        specs.load(f"coco:{tmp_path}")
