"""The running server against its own OpenAPI description."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.cache import caches
from django.utils import timezone

from museum.models.artwork import Theme, ThemeWork
from testing.factories import work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
# The coverage phase breaks each rule of each parameter once. Search and facets have dozens of
# parameters, the former in three kinds of body: 700 requests, so they are sent random ones instead.
SETTINGS = """
[[operations]]
include-path-regex = "^/api/(search|facets)$"
phases.coverage.enabled = false
phases.fuzzing.generation.max-examples = 25
"""


@pytest.fixture
def server(live_server, tiny):
    for each in caches.all():
        each.clear()
    works = [
        work(f"Boat {number}", artist="A Workshop", text="A boat.", subject_titles=["boats"])
        for number in range(3)
    ]
    theme = Theme.objects.create(title="Boats", slug="boats", published_from=timezone.now())
    ThemeWork.objects.create(theme=theme, artwork=works[0])
    return live_server.url


def test_the_server_keeps_to_its_description_whatever_it_is_sent(server, tmp_path):
    settings = tmp_path / "schemathesis.toml"
    settings.write_text(SETTINGS)
    checks = subprocess.run(
        [
            SCHEMATHESIS, "--config-file", settings, "run", f"{server}/api/schema",
            "--checks", "all",
            # What JSON Schema cannot say: that a search needs one of several parameters, that a
            # cursor or a picture's token is one that this server made, which of two goes with
            # which. Requests that break such a rule are valid by the description, and refused.
            "--exclude-checks", "positive_data_acceptance",
            "--phases", "coverage,fuzzing", "--max-examples", "8",
            "--generation-deterministic",
            "--no-shrink", "--warnings", "off", "--no-color",
        ],
        cwd=tmp_path,
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )  # fmt: skip
    print(checks.stdout, checks.stderr)  # noqa: T201 - pytest shows it with a failure
    assert checks.returncode == 0
    (made,) = re.findall(r"(\d+) generated", checks.stdout)
    assert int(made) > 200
    assert re.search(r"Tested: (\d+)", checks.stdout)[1] == "9"
