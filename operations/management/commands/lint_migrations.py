"""`manage.py lint_migrations`: check that migrations do not break a running site."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from operations import migration_lint


class Command(BaseCommand):
    """List the migrations that would break a running site."""

    help = "List migrations that would lock tables or break the program that still runs."

    def handle(self, *args: Any, **options: Any) -> None:
        """Fail if a migration is unsafe."""
        unsafe = migration_lint.dangerous(str(settings.BASE_DIR))
        if unsafe:
            raise CommandError(
                f"{', '.join(unsafe)}: split it so that the old program runs with the new schema "
                "(docs/operations.md, Upgrades)"
            )
        self.stdout.write("Migrations can be applied while the site runs.")
