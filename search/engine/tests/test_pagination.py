"""Where the pages around one page begin."""

import pytest

from search.engine.pagination import next_offset, previous_offset


@pytest.mark.parametrize(
    ("offset", "limit", "count", "before", "after"),
    [
        (0, 20, 0, None, None),
        (0, 20, 20, None, None),
        (0, 20, 21, None, 20),
        (20, 20, 45, 0, 40),
        (30, 20, 45, 10, None),
        (7, 20, 45, 0, 27),
        (40, 20, 45, 20, None),
        (1000, 20, 45, 25, None),
        (1000, 20, 0, 0, None),
    ],
)
def test_pages_join(offset, limit, count, before, after):
    assert previous_offset(offset, limit, count) == before
    assert next_offset(offset, limit, count) == after
