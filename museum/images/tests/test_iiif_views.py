import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image, ImageChops, ImageCms, ImageStat

from museum.images import decoding, storage, tiles, urls
from museum.models import Artwork, ImageStatus

REMOTE = "https://www.artic.edu/iiif/2"
SHA = "ab" * 32


def picture(width=1000, height=500) -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(buffer, "JPEG")
    return buffer.getvalue()


def address(sha256, parameters="full/400,/0/default.jpg") -> str:
    return f"/iiif/2/{sha256}/{parameters}"


def remote(**fields) -> Artwork:
    fields = {"image_status": ImageStatus.PENDING, "image_width": 3000, **fields}
    return Artwork(artic_id=1, title="Work", iiif_url=REMOTE, image_id="abc", **fields)


def stored(**fields) -> Artwork:
    fields = {"image_sha256": SHA, "image_width": 3000, **fields}
    return Artwork(artic_id=1, title="Work", image_status=ImageStatus.STORED, **fields)


@pytest.fixture
def sha256() -> str:
    return storage.store(picture())


class TestAddresses:
    def test_a_picture_on_an_allowed_host_is_loaded_from_there(self):
        assert urls.picture_url(remote(), 400) == f"{REMOTE}/abc/full/400,/0/default.jpg"

    def test_a_stored_copy_does_not_replace_the_allowed_host(self):
        work = remote(image_status=ImageStatus.STORED, image_sha256=SHA)
        assert urls.picture_url(work, 400).startswith(REMOTE)

    def test_a_stored_picture_of_another_host_is_served_by_us(self):
        work = stored(iiif_url="http://127.0.0.1:9/iiif/2", image_id="abc")
        assert urls.picture_url(work, 400) == address(SHA)

    def test_a_host_that_only_begins_like_an_allowed_one_is_not_used(self):
        work = remote()
        work.iiif_url = "https://www.artic.edu.example.org/iiif/2"
        assert urls.picture_url(work, 400) is None

    @pytest.mark.parametrize("status", [ImageStatus.NONE, ImageStatus.MISSING, ImageStatus.INVALID])
    def test_an_unusable_picture_has_no_address(self, status):
        work = remote(image_status=status)
        assert urls.picture_url(work, 400) is None
        assert urls.srcset(work) == ""

    @pytest.mark.parametrize("status", [ImageStatus.REFUSED, ImageStatus.RESTRICTED])
    def test_a_visitor_may_load_what_our_server_was_refused(self, status):
        assert urls.picture_url(remote(image_status=status), 400) is not None

    def test_the_large_width_is_for_the_public_domain_only(self):
        assert "1686" in urls.srcset(remote(is_public_domain=True))
        assert "1686" not in urls.srcset(remote(is_public_domain=False))
        assert urls.picture_url(remote(is_public_domain=False), 1686).endswith(
            "/full/843,/0/default.jpg"
        )

    def test_no_width_beyond_the_original_is_asked_of_another_host(self):
        assert urls.srcset(remote(image_width=500)).endswith("/400,/0/default.jpg 400w")
        assert urls.picture_url(remote(image_width=500), 843).endswith("/400,/0/default.jpg")
        assert urls.picture_url(remote(image_width=90), 843).endswith("/200,/0/default.jpg")

    def test_our_own_widths_end_with_the_original(self):
        assert urls.srcset(stored(image_width=500)).endswith("/full/600,/0/default.jpg 500w")

    def test_an_unknown_width_asks_for_the_usual_ones(self):
        assert urls.srcset(remote(image_width=None)).endswith("843w")
        assert urls.srcset(stored(image_width=None)).endswith("843w")

    def test_deep_zoom_is_told_where_info_json_is(self):
        assert urls.information_url(stored()) == address(SHA, "info.json")
        public = remote(is_public_domain=True)
        assert urls.information_url(public) == f"{REMOTE}/abc/info.json"

    def test_another_host_is_asked_for_tiles_of_the_public_domain_only(self):
        assert urls.information_url(remote(is_public_domain=False)) is None


class TestServing:
    @pytest.mark.parametrize("width", urls.WIDTHS)
    def test_it_serves_each_width_in_proportion(self, client, sha256, width):
        response = client.get(address(sha256, f"full/{width},/0/default.jpg"))
        served = Image.open(io.BytesIO(response.content))
        assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
        assert served.format == "JPEG"
        assert served.size == (width, round(width / 2))

    def test_a_turned_picture_is_served_upright(self, client):
        buffer = io.BytesIO()
        exif = Image.Exif()
        exif[0x0112] = 6  # to be turned by a quarter
        Image.new("RGB", (1000, 500)).save(buffer, "JPEG", exif=exif)
        sha256 = storage.store(buffer.getvalue())
        served = Image.open(io.BytesIO(client.get(address(sha256)).content))
        assert served.size == (400, 800)
        assert 0x0112 not in served.getexif()
        information = client.get(address(sha256, "info.json")).json()
        assert (information["width"], information["height"]) == (500, 1000)

    @pytest.mark.parametrize(("mode", "kept"), [("RGB", True), ("L", False)])
    def test_a_colour_profile_is_kept_where_it_fits(self, client, mode, kept):
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        if mode == "L":
            profile = profile[:16] + b"GRAY" + profile[20:]
        buffer = io.BytesIO()
        Image.new(mode, (1000, 500)).save(buffer, "JPEG", icc_profile=profile)
        served = client.get(address(storage.store(buffer.getvalue())))
        assert ("icc_profile" in Image.open(io.BytesIO(served.content)).info) is kept

    def test_it_never_enlarges(self, client):
        sha256 = storage.store(picture(150, 300))
        response = client.get(address(sha256))
        assert Image.open(io.BytesIO(response.content)).size == (150, 300)

    @pytest.mark.parametrize(
        "parameters",
        [
            "full/401,/0/default.jpg",
            "full/1686,/0/default.jpg",
            "full/full/0/default.jpg",
            "0,0,512,500/512,/1/default.jpg",
            "0,0,512,500/256,/0/default.jpg",
            "1,0,511,500/full/0/default.jpg",
            "0,0,0,0/0,/0/default.jpg",
            "full/400,/90/default.jpg",
            "0,0,10,10/400,/0/default.jpg",
            "full/400,/0/default.png",
            "full/99999999999,/0/default.jpg",
        ],
    )
    def test_anything_else_is_a_400_that_names_the_mend(self, client, sha256, parameters):
        response = client.get(address(sha256, parameters))
        assert response.status_code == 400
        assert "200, 400, 600, 843" in response.content.decode()

    @pytest.mark.parametrize("parameters", ["full/400,/0/default.jpg", "info.json"])
    def test_an_unknown_picture_is_a_404(self, client, parameters):
        assert client.get(address(SHA, parameters)).status_code == 404

    @pytest.mark.parametrize("sha256", ["..", "AB" * 32, "ab" * 31, "../" * 20])
    def test_what_is_no_hash_is_a_404(self, client, sha256):
        assert client.get(address(sha256)).status_code == 404

    def test_a_stored_file_that_is_no_picture_any_more_is_a_404(self, client, sha256):
        with default_storage.open(storage.path(sha256), "wb") as file:
            file.write(b"\xff\xd8\xff\xe0 cut short")
        assert client.get(address(sha256)).status_code == 404
        assert client.get(address(sha256, "info.json")).status_code == 404

    def test_it_may_be_kept_for_ever(self, client, sha256):
        response = client.get(address(sha256))
        assert response["Cache-Control"] == "public, max-age=31536000, immutable"
        again = client.get(address(sha256), headers={"if-none-match": response["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert client.get(address(sha256, "full/200,/0/default.jpg"))["ETag"] != response["ETag"]

    def test_it_asks_no_database(self, client, sha256):
        assert client.get(address(sha256)).status_code == 200  # no `db` fixture here

    def test_it_takes_no_post(self, client, sha256):
        assert client.post(address(sha256)).status_code == 405

    def test_info_json_describes_the_sizes_on_offer(self, client, sha256):
        response = client.get(address(sha256, "info.json"))
        information = response.json()
        assert information["@id"] == f"http://testserver/iiif/2/{sha256}"
        assert (information["width"], information["height"]) == (1000, 500)
        assert information["profile"] == ["http://iiif.io/api/image/2/level0.json"]
        assert information["sizes"][-1] == {"width": 843, "height": 422}
        assert information["tiles"] == [{"width": 512, "scaleFactors": [1, 2]}]
        assert response["Access-Control-Allow-Origin"] == "*"

    @pytest.mark.parametrize(
        ("parameters", "size"),
        [
            ("0,0,512,500/512,/0/default.jpg", (512, 500)),
            ("512,0,488,500/488,/0/default.jpg", (488, 500)),
            ("512,0,488,500/full/0/default.jpg", (488, 500)),
            ("full/500,/0/default.jpg", (500, 250)),
        ],
    )
    def test_it_serves_the_tiles_that_info_json_declares(self, client, sha256, parameters, size):
        response = client.get(address(sha256, parameters))
        assert response.status_code == 200
        assert Image.open(io.BytesIO(response.content)).size == size

    def test_the_tiles_of_a_level_are_cut_at_once(self, client, media_folder, monkeypatch):
        whole = Image.effect_noise((1300, 700), 60).convert("RGB")
        buffer = io.BytesIO()
        whole.save(buffer, "PNG")
        sha256 = storage.store(buffer.getvalue())
        level = tiles.level(1300, 700, 1)
        client.get(address(sha256, f"{level[0].name}/0/default.jpg"))
        monkeypatch.setattr(decoding, "decode", lambda data: pytest.fail("decoded again"))
        joined = Image.new("RGB", whole.size)
        for tile in level:
            response = client.get(address(sha256, f"{tile.name}/0/default.jpg"))
            joined.paste(Image.open(io.BytesIO(response.content)), (tile.left, tile.top))
        difference = ImageStat.Stat(ImageChops.difference(joined, whole)).mean
        assert max(difference) < 10  # what JPEG takes away of noise

    def test_a_refused_region_decodes_nothing(self, client, sha256, monkeypatch):
        monkeypatch.setattr(decoding, "decode", lambda data: pytest.fail("decoded"))
        assert client.get(address(sha256, "3,3,512,400/full/0/default.jpg")).status_code == 400

    def test_a_derived_picture_is_made_once(self, client, sha256, monkeypatch):
        first = client.get(address(sha256)).content
        monkeypatch.setattr(decoding, "decode", lambda data: pytest.fail("made twice"))
        assert client.get(address(sha256)).content == first

    def test_a_lost_cache_is_made_again(self, client, sha256, media_folder):
        first = client.get(address(sha256)).content
        for path in (media_folder / "derived").rglob("*.jpg"):
            path.unlink()
        assert client.get(address(sha256)).content == first

    def test_many_visitors_at_once_all_get_the_whole_picture(self, sha256, media_folder):
        barrier = threading.Barrier(12)

        def visit(_: int) -> bytes:
            barrier.wait()
            return Client().get(address(sha256)).content

        with ThreadPoolExecutor(12) as visitors:
            answers = set(visitors.map(visit, range(12)))
        assert len(answers) == 1
        Image.open(io.BytesIO(answers.pop())).load()
        kept = [path for path in (media_folder / "derived").rglob("*") if path.is_file()]
        assert len(kept) == 1

    def test_a_writer_that_was_killed_leaves_nothing_to_serve(self, client, sha256, monkeypatch):
        def killed(self, target):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr("pathlib.Path.replace", killed)
            with pytest.raises(KeyboardInterrupt):
                client.get(address(sha256))
        assert Image.open(io.BytesIO(client.get(address(sha256)).content)).size == (400, 200)
