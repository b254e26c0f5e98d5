"""Which migrations would stop a site that goes on running while they are applied.

django-migration-linter looks at the SQL: columns that vanish, or that the old program does not
fill, and indexes that are built under a lock.
"""

from django.core.management.base import CommandError

APPS = ("museum", "search", "ingest", "training", "operations")
# Those of before the first release, which no running site has ahead of it.
BEFORE = {
    "museum": "0009_curators_lists",
    "search": "0008_experiments",
    "ingest": "0004_no_refusals",
}
MISSING = "django-migration-linter is not installed: pip install -e '.[dev]'"


def dangerous(path: str, apps: tuple[str, ...] = APPS, *, is_quiet: bool = False) -> list[str]:
    """Return the migrations of `apps` under `path` that are not safe; says why on stdout."""
    try:
        from django_migration_linter import MigrationLinter  # noqa: PLC0415 - for developers only
    except ImportError as error:
        raise CommandError(MISSING) from error
    linter = MigrationLinter(
        path,
        include_apps=apps,
        analyser_string="postgresql",
        no_cache=True,
        all_warnings_as_errors=True,
        no_output=is_quiet,
        quiet=["ok", "ignore"],
    )
    found = []
    for (app, name), migration in sorted(linter.migration_loader.disk_migrations.items()):
        if app not in apps or name <= BEFORE.get(app, ""):
            continue
        linter.reset_counters()
        linter.lint_migration(migration)
        if linter.has_errors:
            found.append(f"{app}.{name}")
    return found
