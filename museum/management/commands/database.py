"""`manage.py database start|stop|status|url`: the embedded PostgreSQL."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from museum.core.database.embedded import server


class Command(BaseCommand):
    """Start, stop or describe the embedded PostgreSQL."""

    help = "Start, stop or describe the embedded PostgreSQL (used when DATABASE_URL is unset)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the action."""
        parser.add_argument("action", choices=["start", "stop", "status", "url"])

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        """Do the action and print the new state in one line."""
        if not settings.EMBEDDED_DATABASE:
            raise CommandError("DATABASE_URL is set, so no embedded database is used here.")
        data_dir = Path(settings.DATABASES["default"]["DATA_DIR"])
        try:
            self.stdout.write(getattr(self, f"_{action}")(data_dir))
        except server.EmbeddedPostgresError as error:
            raise CommandError(str(error)) from error

    def _start(self, data_dir: Path) -> str:
        return f"running, socket in {server.host(data_dir)}"

    def _stop(self, data_dir: Path) -> str:
        return "stopped" if server.stop(data_dir) else "was not running"

    def _status(self, data_dir: Path) -> str:
        return "running" if server.is_running(data_dir) else "not running"

    def _url(self, data_dir: Path) -> str:
        return f"postgresql://postgres@/{server.DATABASE}?host={server.host(data_dir)}"
