"""Tokens, throttles and other sites' pages: who may ask the API, and how often."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.cache import caches
from django.utils import timezone

from search.api import tokens
from search.models import ApiToken

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def counts():
    caches["throttles"].clear()


def models(client, secret: str = "", **headers):
    if secret:
        headers["authorization"] = f"Bearer {secret}"
    return client.get("/api/models", headers=headers)


def problem(response, status: int) -> dict:
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    return json.loads(response.content)


def test_a_token_is_found_by_its_secret_which_is_nowhere_kept(client):
    row, secret = tokens.issue("Reading room")
    assert tokens.find(secret) == row
    stored = ApiToken.objects.filter(pk=row.pk).values().get()
    assert secret not in json.dumps(stored, default=str)
    assert models(client, secret).status_code == 200


@pytest.mark.parametrize("secret", ["x", "", "ekp_" + "ü" * 20, " ", "a b"])
def test_a_wrong_token_is_refused_with_a_problem(client, secret):
    response = client.get("/api/models", headers={"authorization": f"Bearer {secret}"})
    body = problem(response, 401)
    assert "unknown or revoked" in body["detail"]
    assert response["WWW-Authenticate"] == "Bearer"


def test_a_revoked_token_is_refused(client):
    row, secret = tokens.issue("Gone")
    ApiToken.objects.filter(pk=row.pk).update(revoked_at=timezone.now())
    problem(models(client, secret), 401)


def test_use_is_noted_once_a_minute(client, django_assert_num_queries):
    row, secret = tokens.issue("Reading room")
    tokens.find(secret)
    row.refresh_from_db()
    first = row.last_used_at
    assert first is not None
    with django_assert_num_queries(1):
        tokens.find(secret)
    ApiToken.objects.update(last_used_at=first - timedelta(minutes=2))
    tokens.find(secret)
    row.refresh_from_db()
    assert row.last_used_at >= first


def test_the_admin_shows_a_secret_once_and_revokes(client, admin_user):
    client.force_login(admin_user)
    shown = client.post("/admin/search/apitoken/add/", {"name": "<Reading room>"})
    row = ApiToken.objects.get()
    secret = shown.content.decode().partition('id="token">')[2].partition("<")[0]
    assert tokens.find(secret) == row
    assert "no-store" in shown["Cache-Control"]
    assert not any(secret in str(cookie) for cookie in client.cookies.values())
    for path in ("", f"{row.pk}/change/"):
        page = client.get(f"/admin/search/apitoken/{path}").content.decode()
        assert "&lt;Reading room&gt;" in page
        assert secret not in page
        assert row.digest not in page
    client.post("/admin/search/apitoken/", {"action": "revoke", "_selected_action": [str(row.pk)]})
    assert tokens.find(secret) is None


def test_only_those_with_the_permission_make_tokens(client):
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert client.post("/admin/search/apitoken/add/", {"name": "x"}).status_code == 403
    assert not ApiToken.objects.exists()


def test_too_many_requests_are_refused_with_a_problem_and_when_to_come_back(client, settings):
    settings.THROTTLE_ANONYMOUS = ((2, 86400),)
    for left in (1, 0):
        answer = models(client)
        assert answer.status_code == 200
        assert answer["RateLimit-Policy"] == '"burst";q=2;w=86400'
        assert answer["RateLimit"].startswith(f'"burst";r={left};t=')
    refused = models(client)
    body = problem(refused, 429)
    assert f"in {refused['Retry-After']} seconds" in body["detail"]
    assert refused["Cache-Control"] == "no-store"
    assert client.get("/api/models", REMOTE_ADDR="203.0.113.7").status_code == 200


def test_a_token_has_a_rate_of_its_own(client, settings):
    settings.THROTTLE_ANONYMOUS, settings.THROTTLE_TOKEN = ((1, 86400),), ((3, 86400),)
    _, secret = tokens.issue("Reading room")
    assert models(client).status_code == 200
    problem(models(client), 429)
    assert [models(client, secret).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_guessing_tokens_counts_for_the_address(client, settings):
    settings.THROTTLE_ANONYMOUS = ((2, 86400),)
    assert [models(client, "guess").status_code for _ in range(3)] == [401, 401, 429]


def test_errors_and_unchanged_answers_say_what_is_left_too(client):
    assert "RateLimit" in client.get("/api/search?limit=x")
    unchanged = models(client, **{"if-none-match": models(client)["ETag"]})
    assert unchanged.status_code == 304
    assert "RateLimit" in unchanged


@pytest.mark.parametrize("path", ["/api/models", "/api/search?limit=x", "/api/nothing"])
def test_any_site_may_read(client, path):
    response = client.get(path, headers={"origin": "https://elsewhere.example"})
    assert response["Access-Control-Allow-Origin"] == "*"
    assert {"Link", "ETag", "RateLimit"} <= set(
        response["Access-Control-Expose-Headers"].split(", ")
    )
    assert "Access-Control-Allow-Credentials" not in response


def test_a_preflight_allows_reading_alone(client, django_assert_num_queries):
    headers = {
        "origin": "https://elsewhere.example",
        "access-control-request-method": "GET",
        "access-control-request-headers": "authorization",
    }
    with django_assert_num_queries(0):
        response = client.options("/api/search", headers=headers)
    assert response.status_code == 204
    assert "Authorization" in response["Access-Control-Allow-Headers"]
    assert response["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"


def test_other_sites_read_neither_pages_nor_answers_to_posts(client):
    for response in (
        client.get("/", headers={"origin": "https://elsewhere.example"}),
        client.post("/api/search", {"q": "a"}, headers={"origin": "https://elsewhere.example"}),
    ):
        assert response.status_code == 200
        assert "Access-Control-Allow-Origin" not in response
