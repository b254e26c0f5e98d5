"""`manage.py lint_migrations`: whether a running site survives the migrations."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from operations import migration_lint


class Command(BaseCommand):
    """Name what would stop a running site."""

    help = "Name migrations that would lock tables, or break the program that runs meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        """Fail where one is not safe."""
        found = migration_lint.dangerous(str(settings.BASE_DIR))
        if found:
            raise CommandError(
                f"{', '.join(found)}: split it so that the old program runs beside the new schema "
                "(docs/operations.md, Upgrades)"
            )
        self.stdout.write("Migrations can be applied while the site runs.")
