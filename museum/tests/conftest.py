import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def empty_cache():
    """No test sees what another one has cached."""
    cache.clear()
