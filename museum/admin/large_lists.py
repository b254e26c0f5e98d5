"""Admin lists of tables with many rows: the count is bounded, and skipped rows are not read."""

import json
from typing import Any

from django.contrib import admin
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

# The last row that pages reach. Nobody turns so many, and an exact count reads the whole table.
MAX_LISTED_ROWS = 1_000


class KeysPaginator(Paginator):
    """Pages through the first `MAX_LISTED_ROWS` rows of a queryset by their primary keys.

    The keys are read once, for the count and the page; `rows` gives the whole rows of a page.
    Sorting and skipping whole rows would take a second.
    """

    def __init__(self, keys: QuerySet[Any], per_page: int, rows: QuerySet[Any]) -> None:
        super().__init__(keys, per_page)
        self.rows = rows

    @cached_property
    def keys(self) -> list[Any]:
        """The primary keys, in order."""
        queryset: Any = self.object_list
        return list(queryset.select_related(None).values_list("pk", flat=True)[:MAX_LISTED_ROWS])

    @cached_property
    def count(self) -> int:
        """The number of rows, at most `MAX_LISTED_ROWS`."""
        return len(self.keys)

    @property
    def is_bounded(self) -> bool:
        """Whether there may be more rows than `count`."""
        return self.count >= MAX_LISTED_ROWS

    @cached_property
    def estimate(self) -> int:
        """The planner's estimate of the number of rows, to two digits."""
        queryset: Any = self.object_list
        (plan,) = json.loads(queryset.order_by().values("pk").explain(format="json"))
        return int(float(f"{plan['Plan']['Plan Rows']:.1e}"))

    @property
    def more(self) -> str:
        """What the page says after the count where there may be more rows; otherwise ""."""
        if not self.is_bounded:
            return ""
        return f" of about {self.estimate:,}" if self.estimate > MAX_LISTED_ROWS else " or more"

    def page(self, number: int | str) -> Page[Any]:
        """Return the page, with whole rows."""
        number = self.validate_number(number)
        keys = self.keys[(number - 1) * self.per_page : number * self.per_page]
        rows = self.rows.in_bulk(keys)
        return Page([rows[key] for key in keys if key in rows], number, self)


class LargeListAdmin(admin.ModelAdmin):
    """A list that takes the same time whatever the number of rows."""

    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def get_paginator(
        self, request: HttpRequest, queryset: QuerySet[Any], per_page: int, *_: Any, **__: Any
    ) -> KeysPaginator:
        """Return a paginator that looks rows up by their keys."""
        rows = self.get_queryset(request)
        if self.list_select_related:
            rows = rows.select_related(*self.list_select_related)  # type: ignore[misc]
        return KeysPaginator(queryset, per_page, rows)
