"""The four groups of the admin and what each may do.

`manage.py migrate` makes the groups and gives each what it lacks; rights given by hand stay. A user
needs `is_staff` to enter, and one of these groups to do anything.
"""

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.models import Group, Permission

# The project's own apps, and what an administrator looks after besides.
OWN = ("museum", "search", "ingest", "training", "operations")
HOUSEHOLD = ("auth", "otp_totp", "otp_static")
# Viewers see everything of ours; curators work on the collection; editors decide what is
# published, what is deleted and what the machine does again; administrators may do everything.
CURATOR = {
    "museum.change_artist",
    "museum.change_artwork",
    "museum.add_description",
    "museum.change_description",
    "museum.review_description",
    "museum.add_theme",
    "museum.change_theme",
    "museum.add_themework",
    "museum.change_themework",
    "museum.delete_themework",
    "museum.add_examplesearch",
    "museum.change_examplesearch",
    "search.add_curatedquery",
    "search.change_curatedquery",
    "search.add_curatedwork",
    "search.change_curatedwork",
    "search.delete_curatedwork",
    "search.add_synonyms",
    "search.change_synonyms",
    "search.add_judgmentquery",
    "search.change_judgmentquery",
    "search.add_judgment",
    "search.change_judgment",
}
EDITOR = {
    *CURATOR,
    "museum.delete_description",
    "museum.delete_theme",
    "museum.publish_theme",
    "museum.process_artwork",
    "ingest.change_ingestrun",
    "museum.delete_examplesearch",
    "search.delete_curatedquery",
    "search.delete_synonyms",
    "search.delete_judgmentquery",
    "search.delete_judgment",
}
GROUPS = ("viewer", "curator", "editor", "admin")


def may(group: str, permission: str) -> bool:
    """Whether `group` has `permission`, written "app.codename"."""
    app, codename = permission.split(".")
    if group == "admin" and app in (*OWN, *HOUSEHOLD):
        return True
    if codename.startswith("view_") and app in OWN:
        return True
    if group == "admin":
        return permission == "admin.view_logentry"
    return permission in {"curator": CURATOR, "editor": EDITOR}.get(group, set())


def grant(app_config: AppConfig, using: str, **_: Any) -> None:
    """After the last app is migrated, when all permissions are there: make and equip the groups."""
    if app_config != [each for each in apps.get_app_configs() if each.models_module][-1]:
        return
    groups = Group.objects.using(using)
    groups.bulk_create([Group(name=name) for name in GROUPS], ignore_conflicts=True)
    permissions = [
        (pk, f"{app}.{codename}")
        for pk, app, codename in Permission.objects.using(using).values_list(
            "pk", "content_type__app_label", "codename"
        )
    ]
    _give(using, list(groups.filter(name__in=GROUPS)), permissions)


def _give(using: str, groups: Iterable[Group], permissions: list[tuple[int, str]]) -> None:
    through = Group.permissions.through
    through.objects.using(using).bulk_create(
        [
            through(group_id=group.pk, permission_id=pk)
            for group in groups
            for pk, name in permissions
            if may(group.name, name)
        ],
        ignore_conflicts=True,
    )
