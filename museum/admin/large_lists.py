"""Lists of many rows: counted up to a bound, and only the keys of what is passed over are read."""

import json
from typing import Any

from django.contrib import admin
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

# As far as pages can be turned; nobody does, and counting on would read every row of the table.
BOUND = 1_000


class KeysPaginator(Paginator):
    """Pages of a queryset by the keys of its first `BOUND` rows, read once for count and page.

    `rows` is where whole rows come from: sorting and skipping whole ones would cost a second.
    """

    def __init__(self, keys: QuerySet[Any], per_page: int, rows: QuerySet[Any]) -> None:
        super().__init__(keys, per_page)
        self.rows = rows

    @cached_property
    def keys(self) -> list[Any]:
        """Primary keys, in order."""
        found: Any = self.object_list
        return list(found.select_related(None).values_list("pk", flat=True)[:BOUND])

    @cached_property
    def count(self) -> int:
        """How many rows there are, at most `BOUND`."""
        return len(self.keys)

    @property
    def is_bounded(self) -> bool:
        """Whether there may be more rows than `count`."""
        return self.count >= BOUND

    @cached_property
    def estimate(self) -> int:
        """About how many rows there are, to two digits, as the database plans for."""
        found: Any = self.object_list
        (plan,) = json.loads(found.order_by().values("pk").explain(format="json"))
        return int(float(f"{plan['Plan']['Plan Rows']:.1e}"))

    @property
    def more(self) -> str:
        """What to say after the count where there may be more rows; "" where there are none."""
        if not self.is_bounded:
            return ""
        return f" of about {self.estimate:,}" if self.estimate > BOUND else " or more"

    def page(self, number: int | str) -> Page[Any]:
        """Return the page with whole rows."""
        number = self.validate_number(number)
        keys = self.keys[(number - 1) * self.per_page : number * self.per_page]
        rows = self.rows.in_bulk(keys)
        return Page([rows[key] for key in keys if key in rows], number, self)


class LargeListAdmin(admin.ModelAdmin):
    """A list that takes the same time however many rows there are."""

    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def get_paginator(
        self, request: HttpRequest, queryset: QuerySet[Any], per_page: int, *_: Any, **__: Any
    ) -> KeysPaginator:
        """Look up rows by their keys."""
        rows = self.get_queryset(request)
        if self.list_select_related:
            rows = rows.select_related(*self.list_select_related)  # type: ignore[misc]
        return KeysPaginator(queryset, per_page, rows)
