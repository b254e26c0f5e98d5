import pytest
from django.db import connection
from django.db.utils import OperationalError
from django.test import override_settings

from museum.core.observability import health


def broken(*args, **kwargs):
    raise OperationalError("connection to server at db.internal failed")


def test_a_living_process_needs_no_database(client):
    response = client.get("/healthz")  # there is no `db` fixture here
    assert (response.status_code, response.content) == (200, b"ok\n")


@override_settings(ALLOWED_HOSTS=["museum.example"], SECURE_SSL_REDIRECT=True)
def test_a_probe_knows_neither_host_name_nor_https(client):
    assert client.get("/healthz", headers={"host": "10.0.0.7:8000"}).status_code == 200


@pytest.mark.django_db
def test_a_migrated_database_is_well():
    assert health.database() == health.migrations() == "ok"


@pytest.mark.django_db
def test_a_lost_database_is_told_without_its_address(monkeypatch):
    monkeypatch.setattr(connection, "cursor", broken)
    assert health.database() == "the database does not answer"


@pytest.mark.django_db
def test_a_missing_migration_is_told_with_the_mend():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'search'")
    assert "run manage.py migrate" in health.migrations()
