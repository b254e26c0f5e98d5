"""Where the pages before and after one page of results are.

The page after goes by cursor: it shows no work again, whatever comes in meanwhile. The page before
goes by its place alone, as does what follows a page asked for by its place.
"""

from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict

from search.engine import pagination
from search.engine.results import Results
from search.experiments.ab_testing import DRAFT, Draft
from search.pages.links import address, state


@dataclass(frozen=True)
class Pages:
    """The place of one page of results among all. Numbers count from 1."""

    results: Results
    parameters: QueryDict
    draft: Draft | None = None

    @property
    def first(self) -> int:
        """Number of the first work of this page."""
        return self.results.query.offset + 1

    @property
    def last(self) -> int:
        """Number of the last work of this page."""
        return self.results.query.offset + len(self.results.hits)

    @cached_property
    def next(self) -> str:
        """Address of the next page; "" after the last."""
        # Interleaved pages are drafted from the beginning, by their place.
        place = pagination.following(self.results, by_cursor=not self.draft)
        if "cursor" not in place:
            return self._at(int(place["offset"])) if place else ""
        parameters = state(self.parameters)
        parameters.pop("offset", None)
        parameters["cursor"] = place["cursor"]
        return address(parameters)

    @cached_property
    def previous(self) -> str:
        """Address of the page before; "" before the first. From beyond the end, the last page."""
        query = self.results.query
        offset = pagination.previous_offset(query.offset, query.limit, self.results.count)
        return "" if offset is None else self._at(offset)

    @property
    def here(self) -> QueryDict:
        """What finds this page again by its place, short enough for each link to a work."""
        return self._by_place(self.results.query.offset)

    def _at(self, offset: int) -> str:
        return address(self._by_place(offset))

    def _by_place(self, offset: int) -> QueryDict:
        parameters = state(self.parameters)
        parameters["offset"] = str(offset)
        if not offset:
            del parameters["offset"]
        if self.draft:
            parameters[DRAFT] = str(self.draft.page)
        return parameters
