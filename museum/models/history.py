"""Who changed what: history of what people change, none of what sources load.

A version is kept when somebody who is signed in saves. Loads of 131,000 records write past it, so
before a person's version comes one of the state that they found, where that is not known already.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone
from simple_history.models import HistoricalRecords

FOUND = "as the source or an earlier version had it"


class CuratorsHistory(HistoricalRecords):
    """Versions of a model's rows, of the fields that `excluded_fields` does not name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            get_user=lambda request, **_: _signed_in(request),
            cascade_delete_history=False,
            **options,
        )

    def finalize(self, sender: type[models.Model], **kwargs: Any) -> None:
        """Listen before a row is saved, too."""
        super().finalize(sender, **kwargs)
        if self.cls is sender:
            models.signals.pre_save.connect(self.pre_save, sender=sender, weak=False)

    def pre_save(self, instance: models.Model, **_: Any) -> None:
        """Keep what a person is about to change."""
        if self._is_by_a_person() and instance.pk:
            keep_found(type(instance)._base_manager.filter(pk=instance.pk))

    def post_save(self, instance: Any, created: bool, using: Any = None, **kwargs: Any) -> None:
        """Keep what a person has saved."""
        if self._is_by_a_person():
            super().post_save(instance, created, using=using, **kwargs)

    def post_delete(self, instance: Any, using: Any = None, **kwargs: Any) -> None:
        """Keep what a person has deleted."""
        if self._is_by_a_person():
            super().post_delete(instance, using=using, **kwargs)

    def _is_by_a_person(self) -> bool:
        return _signed_in(getattr(self.context, "request", None)) is not None


def _signed_in(request: Any) -> Any:
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None


def keep_found(rows: models.QuerySet[Any]) -> None:
    """Keep the present state of `rows` wherever it is not the latest version."""
    versions = rows.model.history.model
    names = [field.attname for field in versions.tracked_fields]
    now = list(rows.only(*names))
    latest = versions.objects.filter(id__in=[row.pk for row in now]).order_by(
        "id", "-history_date", "-history_id"
    )
    known = {version.id: version for version in latest.distinct("id")}
    unknown = [row for row in now if _differs(row, known.get(row.pk), names)]
    _keep(versions, unknown, None, FOUND)


def update(rows: models.QuerySet[Any], user: User, reason: str, **fields: Any) -> Sequence[Any]:
    """Set `fields` of all `rows` at once and keep a version of each; return the rows."""
    with transaction.atomic():
        chosen = list(rows.select_for_update(of=("self",)).order_by("pk"))
        same = rows.model._base_manager.filter(pk__in=[row.pk for row in chosen])
        keep_found(same)
        same.update(**fields)
        for row in chosen:
            for name, value in fields.items():
                setattr(row, name, value)
        _keep(rows.model.history.model, chosen, user, reason)
    return chosen


def _keep(versions: Any, rows: Iterable[Any], user: User | None, reason: str) -> None:
    names = [field.attname for field in versions.tracked_fields]
    versions.objects.bulk_create(
        versions(
            history_date=timezone.now(),
            history_type="~",
            history_user=user,
            history_change_reason=reason,
            **{name: getattr(row, name) for name in names},
        )
        for row in rows
    )


def _differs(row: Any, version: Any, names: list[str]) -> bool:
    return version is None or any(getattr(row, n) != getattr(version, n) for n in names)
