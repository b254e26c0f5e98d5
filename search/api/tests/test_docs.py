"""The examples of docs/api.md do what they say, against a running server."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from search.api.docs import description
from testing.factories import work

pytestmark = pytest.mark.django_db(transaction=True)
DOCS = Path(settings.BASE_DIR) / "docs" / "api.md"


def example(language: str, server: str) -> str:
    (code,) = re.findall(rf"```{language}\n(.*?)```", DOCS.read_text(), re.S)
    assert "http://127.0.0.1:8000" in code
    return code.replace("http://127.0.0.1:8000", server)


@pytest.fixture
def server(live_server):
    for number in range(5):
        work(f"Boat {number}")
    return live_server.url


def printed(*command: str) -> list[str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_python_client_reads_every_page(server):
    lines = printed(sys.executable, "-c", example("python", server))
    assert sorted(lines) == [f"Boat {number}" for number in range(5)]


def test_the_javascript_client_reads_a_page(server):
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node.js to run the example with")
    lines = printed(node, "--input-type=module", "-e", example("javascript", server))
    assert len(lines) == 2
    assert all(line.startswith("Boat ") for line in lines)


def test_every_address_is_listed():
    told = DOCS.read_text()
    for path in description()["paths"]:
        assert re.search(rf"{re.sub(r'{.*?}', '{[a-z]+}', path)}`", told), path
