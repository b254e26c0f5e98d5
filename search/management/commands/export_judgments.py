"""`manage.py export_judgments`: judged queries as a file for `manage.py evaluate`."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search.evaluation import judged_queries


class Command(BaseCommand):
    """Write the judged queries of one split."""

    help = "Write judged queries with their grades, one line of JSON each."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path, help="file to write")
        parser.add_argument("--split", choices=judged_queries.Split.values, default="test")
        parser.add_argument("--json", action="store_true", help="print one line of JSON at the end")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file and print how many; raises `CommandError` if it cannot be written."""
        lines = list(judged_queries.lines(options["split"]))
        if not lines:
            raise CommandError(
                f"No {options['split']} query is judged yet: grade some under Queries to judge in "
                "the admin"
            )
        try:
            options["file"].write_text("".join(f"{line}\n" for line in lines), "utf-8")
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be written: {error.strerror}") from error
        message = f"{len(lines)} queries written to {options['file']}."
        self.stdout.write(json.dumps({"queries": len(lines)}) if options["json"] else message)
