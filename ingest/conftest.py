import pytest


@pytest.fixture(autouse=True)
def shared_here(settings, tmp_path):
    """What processes share lies in files of this test alone."""
    settings.DATA_DIR, settings.REDIS_URL = tmp_path, ""


@pytest.fixture(params=["files", pytest.param("redis", marks=pytest.mark.redis)])
def redis_or_files(request, settings, shared_here) -> str:
    """Once without Redis and once with a real one; gives its URL or ""."""
    if request.param == "redis":
        settings.REDIS_URL = request.getfixturevalue("redis_url")
    return settings.REDIS_URL
