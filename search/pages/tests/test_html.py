"""Every page is valid HTML, by the Nu Html Checker (vnu), in one run of it."""

import json
import shutil
import subprocess

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone

from museum.models import Theme, ThemeWork
from search.collection_map.tests.test_maps import blobs
from testing.factories import give_vector, vector_model, work

pytestmark = pytest.mark.django_db
JAR = settings.BASE_DIR / "node_modules/vnu-jar/build/dist/vnu.jar"


@pytest.fixture
def paths() -> dict[str, int]:
    """Addresses of every kind of page, and the status of each."""
    cache.clear()
    model = vector_model(state="active", fingerprint="f" * 32)
    vector_model(name="other", state="ready")
    works = [
        work(
            f"Boat {n} & sea",
            seed=n,
            image_width=300,
            image_height=200,
            artist="Ada <Field>",
            text="A boat at anchor.",
            alt_text="A boat.",
            subject_titles=["boat"],
            date_start=1700 + 40 * n,
            date_end=1700 + 40 * n,
        )
        for n in range(6)
    ]
    for each, vector in zip(works, blobs(2)[0], strict=True):
        give_vector(each, model, vector)
    call_command("map", linear=True)
    theme = Theme.objects.create(title="Boats", slug="boats", published_from=timezone.now())
    ThemeWork.objects.create(theme=theme, artwork=works[0])
    one, other = works[:2]
    asked = f"q=boat+-people&like={one.artic_id}&year_from=1700&color=%23aa0000&w_text=2&limit=2"
    return {
        "/": 200,
        "/search": 200,
        "/search?q=boat&limit=2&offset=2": 200,
        f"/search?{asked}": 200,
        "/search?q=zzz": 200,
        "/search?limit=x": 400,
        f"{one.get_absolute_url()}?q=boat": 200,
        "/themes": 200,
        "/themes/boats": 200,
        f"/artists/{one.artist_id}": 200,
        f"/saved?works={one.artic_id},{other.artic_id}": 200,
        "/saved": 200,
        "/map?q=boat": 200,
        "/map?region=0": 200,
        "/compare?q=boat": 200,
        "/about": 200,
        "/api/docs": 200,
        "/nothing": 404,
    }


def test_every_page_is_valid(client, paths, tmp_path):
    if not (JAR.is_file() and shutil.which("java")):
        pytest.skip("vnu is not installed: npm ci, and Java 11 or newer")
    folder = tmp_path / "pages"
    folder.mkdir()
    for place, (path, status) in enumerate(paths.items()):
        response = client.get(path)
        assert response.status_code == status, path
        (folder / f"{place:02}.html").write_bytes(response.content)
    run = subprocess.run(
        ["java", "-jar", str(JAR), "--errors-only", "--format", "json", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    said = json.loads(run.stderr)["messages"]
    names = list(paths)
    wrong = {
        (names[int(each["url"].rsplit("/", 1)[1][:2])], each["message"], each.get("extract", ""))
        for each in said
    }
    assert wrong == set()
