"""`manage.py backup DIR`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations import backup


class Command(BaseCommand):
    """Database and pictures into a folder."""

    help = "Write database and pictures into DIR; run again, only new pictures are copied."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder."""
        parser.add_argument("folder", type=Path, metavar="DIR")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Do it and say what was written."""
        try:
            facts = backup.backup(folder)
        except backup.BackupError as error:
            raise CommandError(str(error)) from error
        rows = ", ".join(f"{number} {table}" for table, number in facts.rows.items())
        self.stdout.write(f"{folder}: {rows}, {facts.pictures} pictures")
