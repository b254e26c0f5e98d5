"""Optimistic locking with a three-way merge, for two people who edit the same form.

A form carries, signed, the values that it was opened with. When the database has other values by
now, nothing is saved: the form comes back with the changes of the others and with everything that
this person typed. Fields that this person has not touched show the new values, so that saving again
writes only what the person sees.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, QueryDict

SEEN_FIELD = "_as_seen"
SALT = "museum.admin.optimistic_lock"


@dataclass(frozen=True)
class Difference:
    """A field that somebody else has changed: its value when the form was opened, and now."""

    label: str
    before: str
    now: str


@dataclass(frozen=True)
class Conflict:
    """What others have changed meanwhile, and who changed it last ("" where unknown)."""

    differences: list[Difference]
    by: str


class LockedAdmin(admin.ModelAdmin):
    """Forms that never overwrite somebody else's changes unseen."""

    change_form_template = "admin/locked_change_form.html"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Before saving, compare the values that the form was opened with to the current ones."""
        if request.method != "POST" or object_id is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            obj = self.get_object(request, unquote(object_id))
            if obj is not None and self.has_change_permission(request, obj):
                # Another request that saves the same row waits here until this one is done.
                current = self.model._base_manager.select_for_update().get(pk=obj.pk)
                self._compare(request, current)
            response = super().changeform_view(request, object_id, form_url, extra_context)
            if _conflict(request):
                response.status_code = 409
            return response

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form; after a conflict, one that is never valid."""
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (_ConflictForm, form), {}) if _conflict(request) else form

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Put the current values into the form; keep those of a submitted form without conflict."""
        obj = kwargs.get("obj")
        conflict = context["conflict"] = _conflict(request)
        if obj is not None and obj.pk:
            sent = request.POST.get(SEEN_FIELD)
            if conflict is not None or sent is None:
                # The instance already has what the person typed: read the row again.
                current = self.model._base_manager.get(pk=obj.pk)
                sent = signing.dumps(
                    self._values(request, current), salt=SALT, serializer=_Values, compress=True
                )
            context["as_seen"] = sent
        return super().render_change_form(request, context, *args, **kwargs)

    def extra_values(self, obj: Any) -> dict[str, str]:
        """Return more values that a form of `obj` shows, beside its fields, for subclasses."""
        return {}

    def _compare(self, request: HttpRequest, obj: Any) -> None:
        try:
            seen = signing.loads(request.POST.get(SEEN_FIELD, ""), salt=SALT, serializer=_Values)
        except signing.BadSignature:
            seen = {}
        # As JSON, like `seen`: a date is a text there.
        now = json.loads(json.dumps(self._values(request, obj), cls=DjangoJSONEncoder))
        changed = [name for name in now if name not in seen or seen[name] != now[name]]
        if not changed:
            return
        request.POST = self._merged(request, obj, seen, changed)  # type: ignore[assignment]
        differences = [self._difference(name, seen.get(name), now[name]) for name in changed]
        request.META["museum.conflict"] = Conflict(differences, _last_to_change(obj))

    def _merged(
        self, request: HttpRequest, obj: Any, seen: dict[str, Any], changed: Sequence[str]
    ) -> QueryDict:
        """Return the submitted data with current values in fields that this person left alone."""
        data = request.POST.copy()
        names = flatten_fieldsets(self.get_fieldsets(request, obj))
        form_class = super().get_form(request, obj, change=True, fields=names)
        initial = {name: self._parsed(name, seen[name]) for name in seen if self._field(name)}
        sent = form_class(data, instance=obj, initial=initial)
        for name in changed:
            if name in sent.fields and name in seen and name not in sent.changed_data:
                _put(data, sent[name], sent.fields[name].prepare_value(_value(obj, name)))
        return data

    def _values(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        names = flatten_fieldsets(self.get_fieldsets(request, obj))
        read_only = {*self.get_readonly_fields(request, obj)}
        own = {n: _value(obj, n) for n in names if n not in read_only and self._field(n)}
        return {**own, **self.extra_values(obj)}

    def _field(self, name: Any) -> models.Field | None:
        fields = {field.name: field for field in self.opts.concrete_fields}
        return fields.get(name)

    def _parsed(self, name: str, value: Any) -> Any:
        field = self._field(name)
        return value if field is None or field.is_relation else field.to_python(value)

    def _difference(self, name: str, before: Any, now: Any) -> Difference:
        field = self._field(name)
        label = str(field.verbose_name if field is not None else name)
        return Difference(
            label.capitalize(), self._display(field, before), self._display(field, now)
        )

    def _display(self, field: models.Field | None, value: Any) -> str:
        if value in (None, ""):
            return "empty"
        if field is not None and field.is_relation:
            related = field.related_model._base_manager.filter(pk=value).first()  # type: ignore[union-attr]
            return str(related or value)
        return {True: "yes", False: "no"}.get(value, str(value))


class _Values(signing.JSONSerializer):
    """JSON that can encode dates."""

    def dumps(self, obj: Any) -> bytes:
        return json.dumps(obj, separators=(",", ":"), cls=DjangoJSONEncoder).encode()


class _ConflictForm:
    """Makes a form invalid, whatever it holds."""

    def clean(self) -> Any:
        raise forms.ValidationError("Nothing was saved: somebody else has changed this meanwhile.")


def _conflict(request: HttpRequest) -> Conflict | None:
    return request.META.get("museum.conflict")


def _value(obj: Any, name: str) -> Any:
    return obj._meta.get_field(name).value_from_object(obj)


def _put(data: QueryDict, bound: Any, value: Any) -> None:
    """Set a field of `data` to `value` in the form that a browser would send."""
    widget = bound.field.widget
    if isinstance(widget, forms.MultiWidget):
        parts = widget.decompress(value) or []
        for number, (part, own) in enumerate(zip(parts, widget.widgets, strict=True)):
            data[f"{bound.html_name}_{number}"] = own.format_value(part) or ""
    elif isinstance(widget, forms.CheckboxInput):
        data.pop(bound.html_name, None)
        if value:
            data[bound.html_name] = "on"
    else:
        data[bound.html_name] = "" if value is None else str(value)


def _last_to_change(obj: Any) -> str:
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(obj), object_id=obj.pk
    )
    last = entries.select_related("user").order_by("-action_time").first()
    return str(last.user) if last else ""
