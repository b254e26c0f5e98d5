"""Versions of rows that people change, not of rows that imports change.

A version is stored when a signed-in user saves. Imports of 131,000 records store none, so before a
person's version comes one of the state that they found, unless that is the latest version already.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone
from simple_history.models import HistoricalRecords

PREVIOUS_STATE = "as the source or an earlier version had it"


class CuratorsHistory(HistoricalRecords):
    """Stores versions of a model's rows, without the fields that `excluded_fields` names."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            get_user=lambda request, **_: _signed_in(request),
            cascade_delete_history=False,
            **options,
        )

    def finalize(self, sender: type[models.Model], **kwargs: Any) -> None:
        """Connect the receiver of `pre_save` as well."""
        super().finalize(sender, **kwargs)
        if self.cls is sender:
            models.signals.pre_save.connect(self.pre_save, sender=sender, weak=False)

    def pre_save(self, instance: models.Model, **_: Any) -> None:
        """Store the state that a person is about to change."""
        if self._is_by_a_person() and instance.pk:
            store_found_state(type(instance)._base_manager.filter(pk=instance.pk))

    def post_save(self, instance: Any, created: bool, using: Any = None, **kwargs: Any) -> None:
        """Store what a person has saved."""
        if self._is_by_a_person():
            super().post_save(instance, created, using=using, **kwargs)

    def post_delete(self, instance: Any, using: Any = None, **kwargs: Any) -> None:
        """Store what a person has deleted."""
        if self._is_by_a_person():
            super().post_delete(instance, using=using, **kwargs)

    def _is_by_a_person(self) -> bool:
        return _signed_in(getattr(self.context, "request", None)) is not None


def _signed_in(request: Any) -> Any:
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None


def store_found_state(rows: models.QuerySet[Any]) -> None:
    """Store the current state of `rows` where it is not the latest version."""
    versions = rows.model.history.model
    names = [field.attname for field in versions.tracked_fields]
    current = list(rows.only(*names))
    latest = versions.objects.filter(id__in=[row.pk for row in current]).order_by(
        "id", "-history_date", "-history_id"
    )
    versions_by_id = {version.id: version for version in latest.distinct("id")}
    changed = [row for row in current if _differs(row, versions_by_id.get(row.pk), names)]
    _store(versions, changed, None, PREVIOUS_STATE)


def update(rows: models.QuerySet[Any], user: User, reason: str, **fields: Any) -> Sequence[Any]:
    """Set `fields` of all `rows` at once and store a version of each; return the rows."""
    with transaction.atomic():
        locked = list(rows.select_for_update(of=("self",)).order_by("pk"))
        same = rows.model._base_manager.filter(pk__in=[row.pk for row in locked])
        store_found_state(same)
        same.update(**fields)
        for row in locked:
            for name, value in fields.items():
                setattr(row, name, value)
        _store(rows.model.history.model, locked, user, reason)
    return locked


def _store(versions: Any, rows: Iterable[Any], user: User | None, reason: str) -> None:
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
