"""Links to the previous and next page of results.

The next page is addressed by a cursor, so no work repeats when works are added meanwhile. The
previous page, and the page after one addressed by offset, are addressed by offset.
"""

from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict

from search.engine import pagination
from search.engine.results import Results
from search.experiments.ab_testing import DRAFT_PARAMETER, Draft
from search.pages.links import search_url, state


@dataclass(frozen=True)
class Pages:
    """One page of results and its neighbours. Numbers count from 1."""

    results: Results
    parameters: QueryDict
    draft: Draft | None = None

    @property
    def first(self) -> int:
        """Return the number of the first work of this page."""
        return self.results.query.offset + 1

    @property
    def last(self) -> int:
        """Return the number of the last work of this page."""
        return self.results.query.offset + len(self.results.hits)

    @cached_property
    def next(self) -> str:
        """Return the URL of the next page; "" on the last."""
        # Interleaved pages are drafted from the start each time, so they go by offset.
        position = pagination.following(self.results, by_cursor=not self.draft)
        if "cursor" not in position:
            return self._url(int(position["offset"])) if position else ""
        parameters = state(self.parameters)
        parameters.pop("offset", None)
        parameters["cursor"] = position["cursor"]
        return search_url(parameters)

    @cached_property
    def previous(self) -> str:
        """Return the URL of the previous page; "" on the first. Beyond the end: the last page."""
        query = self.results.query
        offset = pagination.previous_offset(query.offset, query.limit, self.results.count)
        return "" if offset is None else self._url(offset)

    @property
    def position(self) -> QueryDict:
        """Return the parameters of this page by offset, short enough for each link to a work."""
        return self._by_offset(self.results.query.offset)

    def _url(self, offset: int) -> str:
        return search_url(self._by_offset(offset))

    def _by_offset(self, offset: int) -> QueryDict:
        parameters = state(self.parameters)
        parameters["offset"] = str(offset)
        if not offset:
            del parameters["offset"]
        if self.draft:
            parameters[DRAFT_PARAMETER] = str(self.draft.page)
        return parameters
