"""`manage.py backup DIR`: write the database and the pictures into a folder."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations import backup


class Command(BaseCommand):
    """Write a backup that `manage.py restore` reads."""

    help = "Write the database and the pictures into DIR; a second run only copies new pictures."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the folder."""
        parser.add_argument("folder", type=Path, metavar="DIR")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Write the backup, and print what it holds."""
        try:
            facts = backup.backup(folder)
        except backup.BackupError as error:
            raise CommandError(str(error)) from error
        rows = ", ".join(f"{number} {table}" for table, number in facts.rows.items())
        self.stdout.write(f"{folder}: {rows}, {facts.pictures} pictures")
