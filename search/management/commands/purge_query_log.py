"""`manage.py purge_query_log`: delete searches older than QUERY_LOG_DAYS."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from search.analytics import query_log


class Command(BaseCommand):
    """Purge the query log, as Celery beat does each night."""

    help = "Delete searches from the query log that are older than QUERY_LOG_DAYS."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete and print how many."""
        deleted = query_log.purge()
        message = f"{deleted} searches older than {settings.QUERY_LOG_DAYS} days deleted."
        self.stdout.write(json.dumps({"deleted": deleted}) if options["json"] else message)
