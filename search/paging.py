"""Where the pages before and after one page of results are."""

from dataclasses import dataclass

from django.http import QueryDict

from search.ab import DRAFT, Draft
from search.address import address, state
from search.engine import Results


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

    @property
    def next(self) -> str:
        """Address of the next page; "" after the last."""
        offset = self.results.query.offset + self.results.query.limit
        return self._at(offset) if offset < self.results.count else ""

    @property
    def previous(self) -> str:
        """Address of the page before; "" before the first. From beyond the end, the last page."""
        query = self.results.query
        if not query.offset:
            return ""
        end = min(query.offset, max(self.results.count, 1))
        return self._at(max(end - query.limit, 0))

    def _at(self, offset: int) -> str:
        parameters = state(self.parameters)
        parameters["offset"] = str(offset)
        if not offset:
            del parameters["offset"]
        if self.draft:
            parameters[DRAFT] = str(self.draft.page)
        return address(parameters)
