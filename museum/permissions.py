"""The four groups of the admin and what each may do.

`manage.py migrate` makes the groups and gives each the rights that it lacks; rights given by hand
stay. A user needs `is_staff` to enter the admin, and one of these groups to do anything there.

- viewer: see everything that the project's own apps keep
- curator: also work on the collection
- editor: also decide what is published, what is deleted and what is processed again
- admin: everything, users and their devices included

Each app says in its `AppConfig.group_permissions` what curators and editors may do with its models:
`{"curator": {"app.codename", ...}, "editor": {...}}`.
"""

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings

GROUPS = ("viewer", "curator", "editor", "admin")
# Apps that are not the project's own, but that an administrator looks after.
ACCOUNT_APPS = ("auth", "otp_totp", "otp_static")


def permissions_of(group: str) -> set[str]:
    """Return what the apps declare for `group`, "curator" or "editor", as "app.codename".

    An editor has the permissions of a curator, too.
    """
    levels = {"curator": ("curator",), "editor": ("curator", "editor")}.get(group, ())
    declared = [getattr(config, "group_permissions", {}) for config in apps.get_app_configs()]
    return {name for each in declared for level in levels for name in each.get(level, ())}


def is_granted(group: str, permission: str) -> bool:
    """Return whether `group` has `permission`, written "app.codename"."""
    app, codename = permission.split(".")
    is_own = app in settings.PROJECT_APPS
    if group == "admin" and (is_own or app in ACCOUNT_APPS):
        return True
    if codename.startswith("view_") and is_own:
        return True
    if group == "admin":
        return permission == "admin.view_logentry"
    return permission in permissions_of(group)


def grant(app_config: AppConfig, using: str, **_: Any) -> None:
    """Make the groups and give them their permissions: a receiver of `post_migrate`.

    Does its work after the last app, when all permissions exist.
    """
    if app_config != [config for config in apps.get_app_configs() if config.models_module][-1]:
        return
    groups = apps.get_model("auth", "Group")._default_manager.using(using)
    groups.bulk_create([groups.model(name=name) for name in GROUPS], ignore_conflicts=True)
    permissions = [
        (pk, f"{app}.{codename}")
        for pk, app, codename in apps.get_model("auth", "Permission")
        ._default_manager.using(using)
        .values_list("pk", "content_type__app_label", "codename")
    ]
    _grant(using, list(groups.filter(name__in=GROUPS)), permissions)


def _grant(using: str, groups: Iterable[Any], permissions: list[tuple[int, str]]) -> None:
    through = apps.get_model("auth", "Group_permissions")
    through._default_manager.using(using).bulk_create(
        [
            through(group_id=group.pk, permission_id=pk)
            for group in groups
            for pk, name in permissions
            if is_granted(group.name, name)
        ],
        ignore_conflicts=True,
    )
