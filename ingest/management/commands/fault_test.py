"""`manage.py fault_test`: one queued ingest through everything that goes wrong at night."""
# ruff: noqa: S603 - it starts our own programs only

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ingest import trial


class Command(BaseCommand):
    """Real processes on a database, a Redis and a folder of their own, all of them temporary."""

    help = "Ingest through faults, restarts and kills, and count what was lost, doubled, unnamed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--records", type=int, default=200, metavar="N", help="%(default)s")
        parser.add_argument("--json", action="store_true", help="print the last line only")
        parser.add_argument("--inside", help=trial.INSIDE)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["records"] < trial.LEAST:
            raise CommandError(f"--records: give at least {trial.LEAST}", returncode=2)
        say = (lambda line: None) if options["json"] else self.stdout.write
        if options["inside"]:
            found = trial.run(Path(options["inside"]), options["records"], say)
            self.stdout.write(json.dumps(found))
            raise SystemExit(1 if found["lost"] or sum(list(found.values())[2:]) else 0)
        raise SystemExit(self._outside(options))

    def _outside(self, options: dict[str, Any]) -> int:
        """Run the test in a process whose settings name nothing of the user's."""
        folder = Path(tempfile.mkdtemp(prefix="ekphrasis-faults-"))
        folder.chmod(0o755)  # the embedded server may run as a user of its own
        port = trial.free_port()
        environment = {
            **os.environ,
            "DATA_DIR": str(folder),
            "DATABASE_URL": "",
            "REDIS_URL": f"redis://127.0.0.1:{port}/0",
            "AIC_API_INTERVAL": "0",
            "AIC_IMAGE_INTERVAL": "0",
            "AIC_TIMEOUT": "5",
            "QUERY_ENCODER": "torch",
            "HF_HUB_OFFLINE": "1",
            "OMP_NUM_THREADS": "1",
            "PYTHONUNBUFFERED": "1",
        }
        manage = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py")]
        inside = ["fault_test", "--records", str(options["records"]), "--inside", str(folder)]
        try:
            quiet = ["--json"] if options["json"] else []
            return subprocess.run(
                [*manage, *inside, *quiet], env=environment, check=False
            ).returncode
        finally:
            subprocess.run(
                [*manage, "database", "stop"], env=environment, check=False, capture_output=True
            )
            shutil.rmtree(folder, ignore_errors=True)
