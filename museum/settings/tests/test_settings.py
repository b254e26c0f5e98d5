"""Settings come from the environment; a wrong value stops start-up with the mend."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def start(tmp_path, **environment):
    """Import the settings in a fresh process; return its exit code and last line of output."""
    done = subprocess.run(
        [sys.executable, "-c", "import museum.settings as s; print('SECRET', len(s.SECRET_KEY))"],
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("environment", "mend"),
    [
        ({"DEBUG": "perhaps"}, "DEBUG='perhaps': give true or false"),
        ({"AIC_API_INTERVAL": "soon"}, "AIC_API_INTERVAL='soon': give a number of seconds"),
        ({"AIC_API_INTERVAL": "-1"}, "AIC_API_INTERVAL='-1': give a number of seconds, 0 or more"),
        ({"AIC_API_INTERVAL": "nan"}, "AIC_API_INTERVAL='nan': give a number of seconds"),
        ({"SWEEP_LIMIT": "101"}, "SWEEP_LIMIT=101: give a percentage from 0 to 100"),
        ({"NIGHTLY_INGEST": "24"}, "NIGHTLY_INGEST='24': give an hour from 0 to 23, or off"),
        ({"NUM_PROXIES": "-1"}, "NUM_PROXIES='-1': give a whole number"),
        ({"THROTTLE_TOKEN": "lots"}, "THROTTLE_TOKEN='lots': give off, or one or two rates"),
        ({"THROTTLE_PAGES": "1/day,2/day"}, "THROTTLE_PAGES='1/day,2/day': give off, or one"),
        ({"THROTTLE_PAGES": "0/day"}, "THROTTLE_PAGES='0/day': give off, or one or two rates"),
        ({"EMBED_BATCH_SIZE": "many"}, "EMBED_BATCH_SIZE='many': give a whole number"),
        ({"DATABASE_URL": "mysql://a/b"}, "give a URL that starts with postgres://"),
        ({"REDIS_URL": "localhost:6379"}, "give a URL that starts with redis://"),
        ({"SITE_URL": "museum.example"}, "give a URL that starts with http://"),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL='LOUD': give DEBUG"),
        ({"SECRET_KEY": "short"}, "at least 32 random characters"),
        ({"ALLOWED_HOSTS": "museum.example"}, "SECRET_KEY is unset while ALLOWED_HOSTS names"),
    ],
)
def test_a_wrong_value_stops_start_up_and_says_the_mend(tmp_path, environment, mend):
    code, line = start(tmp_path, **environment)
    assert code != 0
    assert mend in line


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    code, line = start(tmp_path, DATA_DIR=str(tmp_path / "file" / "below"))
    assert code != 0
    assert "DATA_DIR" in line
    assert "name a folder" in line


def test_a_secret_key_is_made_once_and_kept_for_this_machine_only(tmp_path):
    assert start(tmp_path)[0] == 0
    key = (tmp_path / "secret-key").read_text()
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600
    assert start(tmp_path)[0] == 0
    assert (tmp_path / "secret-key").read_text() == key


def test_secrets_come_from_files_where_containers_are_handed_them(tmp_path):
    (tmp_path / "key").write_text("k" * 61 + "\n")
    (tmp_path / "database").write_text("postgresql://a:hidden@127.0.0.1:1/b\n")
    (tmp_path / "wrong").write_text("mysql://a:hidden@127.0.0.1:1/b\n")
    files = {"SECRET_KEY_FILE": str(tmp_path / "key")}
    code, line = start(tmp_path, DATABASE_URL_FILE=str(tmp_path / "database"), **files)
    assert (code, line) == (0, "SECRET 61")
    code, line = start(tmp_path, DATABASE_URL_FILE=str(tmp_path / "wrong"), **files)
    assert code != 0
    assert "DATABASE_URL: give a URL" in line
    assert "hidden" not in line
    code, line = start(tmp_path, SECRET_KEY_FILE=str(tmp_path / "none"))
    assert "SECRET_KEY_FILE" in line
    assert "name a text file" in line


def test_env_example_lists_every_setting_and_no_other():
    files = sorted((ROOT / "museum" / "settings").glob("*.py"))
    source = "\n".join(file.read_text() for file in files)
    read = set(re.findall(r'env\.(?:str|list|bool|int)\(\s*"([A-Z_]+)"', source))
    kinds = "seconds|url|count|flag|percent|hour|rates|secret"
    read |= set(re.findall(rf'_(?:{kinds})\(\s*"([A-Z_]+)"', source))
    example = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    assert read == example


def test_compose_hands_on_every_setting_that_it_does_not_decide():
    example = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    compose = (ROOT / "docker-compose.yml").read_text()
    decided = {"DATA_DIR", "DEBUG", "EXPORT_DIR", "MODEL_CACHE_DIR", "OTEL_EXPORTER_OTLP_ENDPOINT"}
    assert example - decided <= set(re.findall(r"^    ([A-Z_]+):", compose, re.M))


def test_importing_the_settings_starts_no_database(tmp_path):
    start(tmp_path)
    assert not (tmp_path / "postgres").exists()
