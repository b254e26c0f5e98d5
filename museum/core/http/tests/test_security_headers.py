"""What every answer says to browsers, and that Django has nothing to add to it."""

import os
import subprocess
import sys

import pytest
from django.contrib.auth.models import User
from django.core.cache import caches
from django.test import override_settings

PRODUCTION = {
    "SECRET_KEY": "vb6-BOjlZ0UcyfEsGRfVtYxKm3sHy3UJq2c5F0aJm5M7Bf8kTz-uQw",
    "ALLOWED_HOSTS": "search.museum.example",
    "SITE_URL": "https://search.museum.example",
    "BEHIND_PROXY": "true",
    "DATABASE_URL": "postgresql://a:b@127.0.0.1:1/none",
}


def test_django_finds_nothing_to_mend_in_a_production_site(settings, tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), **PRODUCTION},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.count("WARNING")) == (0, 0), done.stderr
    assert "no issues (1 silenced)" in done.stdout + done.stderr


def test_pages_are_for_this_site_and_the_api_for_all(client, db):
    page, api = client.get("/"), client.get("/api/models")
    assert page["Cross-Origin-Resource-Policy"] == "same-origin"
    assert page["Cross-Origin-Opener-Policy"] == "same-origin"
    assert api["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "camera=()" in page["Permissions-Policy"]
    assert client.get("/nothing")["Permissions-Policy"] == page["Permissions-Policy"]


@override_settings(SECURE_HSTS_SECONDS=31536000, SECURE_HSTS_INCLUDE_SUBDOMAINS=True)
def test_https_is_for_a_year(client, db):
    response = client.get("/", secure=True)
    assert response["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.django_db
def test_passwords_are_not_guessed_for_long(client, settings):
    caches["throttles"].clear()
    settings.THROTTLE_SIGN_IN = ((3, 86400), (5, 8_640_000))
    User.objects.create_superuser("ada", password="right")

    def attempt(name="ada", word="wrong", address="198.51.100.1"):
        given = {"username": name, "password": word}
        return client.post("/admin/login/?next=/admin/", given, REMOTE_ADDR=address)

    assert [attempt().status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = attempt(word="right")
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    # From elsewhere the same name is guessed no faster, and other names are free to enter.
    assert attempt(address="198.51.100.2").status_code == 429
    assert attempt("bob", address="198.51.100.3").status_code == 200
    assert client.get("/admin/login/", REMOTE_ADDR="198.51.100.1").status_code == 200
