"""`manage.py serve`: the site on this machine."""

import os
import socket
import sys
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """Collect the static files and serve the site with gunicorn."""

    help = "Serve the site on this machine, until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the port."""
        parser.add_argument("--port", type=int, default=8000, help="default: %(default)s")

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        """Turn this process into the server, so that the memory of a command is given back."""
        require_free(port)
        call_command("collectstatic", interactive=False, verbosity=0)
        self.stdout.write(f"The site is open on http://127.0.0.1:{port} (Ctrl-C ends it)")
        self.stdout.flush()
        gunicorn = [sys.executable, "-m", "gunicorn", "museum.wsgi", "--bind", f"127.0.0.1:{port}"]
        os.execv(sys.executable, [*gunicorn, "--log-level", "warning"])  # noqa: S606


def require_free(port: int) -> None:
    """Raise `CommandError` if another program listens on `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CommandError(
                f"port {port} is taken by another program: choose one with --port 8001 "
                "(PORT=8001 make demo)"
            ) from error
