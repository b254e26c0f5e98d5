"""`manage.py restore DIR`."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations import backup


class Command(BaseCommand):
    """A folder that `backup` wrote into an empty database."""

    help = "Fill the database and the picture store from a backup in DIR, and migrate."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder."""
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument(
            "--replace", action="store_true", help="delete what the database holds first"
        )

    def handle(self, *args: Any, folder: Path, replace: bool, **options: Any) -> None:
        """Do it; migrations newer than the backup are applied after it."""
        try:
            facts = backup.restore(folder, replace=replace)
        except backup.BackupError as error:
            raise CommandError(str(error)) from error
        call_command("migrate", verbosity=0)
        rows = ", ".join(f"{number} {table}" for table, number in facts.rows.items())
        self.stdout.write(f"Backup of {facts.taken_at}: {rows}, {facts.pictures} pictures")
