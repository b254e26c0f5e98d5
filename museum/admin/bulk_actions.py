"""Change many rows at once by an action of a list."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from museum.models import history

# More would hold the rows, and the request, for too long.
MAX_BULK_ROWS = 1_000


def update(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    queryset: QuerySet[Any],
    message: str,
    **fields: Any,
) -> None:
    """Set `fields` of all rows, keep a version of each, and log and show `message`.

    The rows of `queryset` have `updated_at` and a `search_document`. More than `MAX_BULK_ROWS` are
    refused with a message. The caller checks permissions.
    """
    if (number := queryset.count()) > MAX_BULK_ROWS:
        names = model_admin.opts.verbose_name_plural
        mend = f"{number:,} {names} are too many at once. Choose at most {MAX_BULK_ROWS:,}."
        return model_admin.message_user(request, mend, messages.ERROR)
    user: Any = request.user
    rows = queryset.model._base_manager.filter(pk__in=queryset.order_by().values("pk"))
    changed = history.update(
        rows.defer("search_document"), user, message, **fields, updated_at=timezone.now()
    )
    LogEntry.objects.log_actions(user.pk, changed, CHANGE, message)
    return model_admin.message_user(request, f"{len(changed)}: {message}", messages.SUCCESS)
