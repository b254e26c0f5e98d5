"""`manage.py ingest_status`: the state of the ingest on one screen."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ingest.pipeline import status

SHOWN_RUNS = 5


class Command(BaseCommand):
    """Print what the admin shows under Ingest runs, “Status”."""

    help = "Show runs, queues, picture hosts, pictures by status, and failures by reason."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        report = status.collect()
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
            return
        for line in _lines(report):
            self.stdout.write(line)


def _lines(report: status.Json) -> list[str]:
    lines = ["Runs" if report["runs"] else "No run yet: manage.py ingest_artic begins one."]
    for run in report["runs"][:SHOWN_RUNS]:
        lines += _run(run)
    if report["queues"]:
        depths = (f"{n} {'?' if d is None else d}" for n, d in report["queues"].items())
        lines.append(f"Queues: {', '.join(depths)}")
    lines += [f"Picture host {url}: {line}" for url, line in report["breakers"].items()]
    if report["images"]:
        lines.append(
            "Pictures: " + ", ".join(f"{count} {name}" for name, count in report["images"].items())
        )
    if report["failures"]:
        lines.append("Unresolved failures")
    for group in report["failures"]:
        lines.append(f"  {group['count']}x {group['stage']} {group['reason']}: {group['message']}")
    return lines


def _run(run: status.Json) -> list[str]:
    of = f" of {run['expected']}" if run["expected"] else ""
    counts = ", ".join(f"{run[name]} {name}" for name in ("created", "updated", "images"))
    lines = [
        f"  {run['run']} {run['source']} {run['state']} since {run['started_at']}, "
        f"{run['seconds']:.0f} s: {run['seen']}{of} records, {counts}, {run['embedded']} embedded, "
        f"{run['failed']} failed"
    ]
    if run["state"] == "running":
        lines += [
            f"     {stage}: {stage_['done']} of {stage_['planned']} works, "
            f"{stage_['works_per_s']} a second, {stage_['steps_left']} steps left"
            for stage, stage_ in run["stages"].items()
        ]
    if run["message"]:
        lines.append(f"     {run['message']}")
    return lines
