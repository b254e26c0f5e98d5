"""`manage.py restore DIR`: fill an empty database and picture store from a backup."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations import backup


class Command(BaseCommand):
    """Restore a folder that `manage.py backup` wrote."""

    help = "Fill the database and the picture store from the backup in DIR, and migrate."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the folder."""
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument(
            "--replace", action="store_true", help="drop the database's content first"
        )

    def handle(self, *args: Any, folder: Path, replace: bool, **options: Any) -> None:
        """Restore, and then apply migrations newer than the backup."""
        try:
            facts = backup.restore(folder, replace=replace)
        except backup.BackupError as error:
            raise CommandError(str(error)) from error
        call_command("migrate", verbosity=0)
        rows = ", ".join(f"{number} {table}" for table, number in facts.rows.items())
        self.stdout.write(f"Backup of {facts.taken_at}: {rows}, {facts.pictures} pictures")
