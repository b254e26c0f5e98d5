"""Migrations that would break a site that runs while they are applied.

django-migration-linter checks the SQL for columns that disappear or that the old program does not
fill, and for indexes that are built under a lock.
"""

from django.core.management.base import CommandError

LINTED_APPS = ("museum", "search", "ingest", "training", "operations")
# Earlier migrations belong to the first release, so no running site has to apply them.
FIRST_RELEASE = {
    "museum": "0009_curators_lists",
    "search": "0008_experiments",
    "ingest": "0004_no_refusals",
}
LINTER_MISSING_MESSAGE = "django-migration-linter is not installed: pip install -e '.[dev]'"


def dangerous(
    path: str, apps: tuple[str, ...] = LINTED_APPS, *, is_quiet: bool = False
) -> list[str]:
    """Return the unsafe migrations of `apps` under `path`; print the reasons unless `is_quiet`."""
    try:
        # A development dependency.
        from django_migration_linter import MigrationLinter  # noqa: PLC0415
    except ImportError as error:
        raise CommandError(LINTER_MISSING_MESSAGE) from error
    linter = MigrationLinter(
        path,
        include_apps=apps,
        analyser_string="postgresql",
        no_cache=True,
        all_warnings_as_errors=True,
        no_output=is_quiet,
        quiet=["ok", "ignore"],
    )
    unsafe = []
    for (app, name), migration in sorted(linter.migration_loader.disk_migrations.items()):
        if app not in apps or name <= FIRST_RELEASE.get(app, ""):
            continue
        linter.reset_counters()
        linter.lint_migration(migration)
        if linter.has_errors:
            unsafe.append(f"{app}.{name}")
    return unsafe
