"""What all ingest commands share: one run at a time, and a report of how it ended."""

import json
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.models import Count, Min
from tqdm import tqdm

from ingest.http.errors import SourceError
from ingest.models import IngestFailure, IngestRun, IngestStep
from ingest.pipeline import steps, stream, withdrawals
from ingest.runs import lifecycle
from ingest.sources.base import Source
from museum.core.cli import positive

EXIT_CODES = {IngestRun.State.DONE: 0, IngestRun.State.PARTIAL: 1, IngestRun.State.FAILED: 2}
COUNTS = ("seen", "created", "updated", "unchanged", "failed", "images", "embedded")
SWEEP_COUNTS = ("withdrawn", "restored")
SHOWN_FAILURE_KINDS = 10


class IngestCommand(BaseCommand):
    """A command that does one `IngestRun`."""

    def add_common(self, parser: CommandParser) -> None:
        """Add the options that every source has."""
        add = parser.add_argument
        add("--limit", type=positive, metavar="N", help="stop after N records")
        add("--no-embed", action="store_false", dest="embed", help="make no vectors")
        add("--sweep", action="store_true", help="withdraw works that the source no longer has")
        add(
            "--sweep-anyway", action="store_true",
            help="the same, even if more than SWEEP_LIMIT percent would vanish",
        )  # fmt: skip
        add("--json", action="store_true", help="print one line of JSON at the end")

    def conduct(
        self,
        base_url: str,
        stored_options: dict[str, Any],
        work: Callable[[IngestRun, "Progress"], object],
        options: dict[str, Any],
    ) -> None:
        """Begin a run with these options, let `work` do it, and report how it ended."""
        started = time.monotonic()
        try:
            with lifecycle.alone():
                run = lifecycle.start(base_url, stored_options)
                self._do(run, work)
        except lifecycle.IngestBusyError as error:
            raise CommandError(str(error), returncode=2) from error
        self._report(run, options, time.monotonic() - started)

    def notes(self, run: IngestRun) -> list[str]:
        """Return lines to add to the report."""
        return []

    def read_source(self, source: Source, run: IngestRun, progress: "Progress") -> set[int]:
        """Read `source` to its end, then fetch and embed; return the ids that it has."""
        present = stream.read(run, source, progress.before)
        if not run.options["queue"]:
            self.follow(run, progress)
        return present

    def follow(self, run: IngestRun, progress: "Progress") -> None:
        """Do the open steps of the run, then build indexes."""
        steps.work_off(run.pk, progress.before)
        if run.options["embed"]:
            steps.build_indexes()

    def _do(self, run: IngestRun, work: Callable[[IngestRun, "Progress"], object]) -> None:
        previous_handler = signal.signal(signal.SIGTERM, _interrupt)
        try:
            with Progress(run, shown=sys.stderr.isatty()) as progress:
                work(run, progress)
        except KeyboardInterrupt:
            # The signal may have come in the middle of a statement or of a commit: what the old
            # connection knows of its transaction is not to be trusted.
            connection.close()
            connection.connect()
            lifecycle.end(run.pk, "stopped by hand; run it again to continue with what is missing")
        except withdrawals.TooManyGoneError as error:
            lifecycle.end(run.pk, str(error))
        except SourceError as error:
            lifecycle.fail(run.pk, IngestFailure.Stage.PAGE, error.code, str(error))
            lifecycle.end(run.pk)
        except Exception as error:
            lifecycle.end(run.pk, f"{type(error).__name__}: {error}")
            raise
        finally:
            signal.signal(signal.SIGTERM, previous_handler)
        run.refresh_from_db()

    def _report(self, run: IngestRun, options: dict[str, Any], seconds: float) -> None:
        sweep_counts = SWEEP_COUNTS if options["sweep"] or options["sweep_anyway"] else ()
        counts = {name: getattr(run, name) for name in (*COUNTS, *sweep_counts)}
        summary = ", ".join(f"{number} {name}" for name, number in counts.items())
        state = "queued" if run.state == IngestRun.State.RUNNING else run.state
        code = EXIT_CODES.get(IngestRun.State(run.state), 0)
        if options["json"] or code != 2:
            for line in _failures(run):
                self.stderr.write(line)
        self.stdout.write(f"Run {run.pk} {state}: {summary}; {seconds:.1f} s")
        for line in self.notes(run):
            self.stdout.write(line)
        if options["json"]:
            self.stdout.write(json.dumps({"run": run.pk, **counts, "seconds": round(seconds, 2)}))
            self.stdout.flush()
        elif code == 2:
            raise CommandError(run.message, returncode=2)
        if code:
            raise SystemExit(code)


class Progress:
    """A progress bar for each stage, on a terminal only."""

    UNITS = {"page": "works", "image": "pictures", "embed": "works"}
    LABELS = {"page": "Records", "image": "Pictures", "embed": "Vectors"}

    def __init__(self, run: IngestRun, shown: bool) -> None:
        self.run, self.shown = run, shown
        self.bar: tqdm[Any] | None = None
        self.stage = ""

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *error: object) -> None:
        if self.bar is not None:
            self._update()
            self.bar.close()

    def before(self, step: IngestStep) -> None:
        """Show the run's progress as `step` begins."""
        if not self.shown:
            return
        if step.stage != self.stage:
            self.__exit__()
            self.stage = step.stage
            self.bar = tqdm(
                desc=self.LABELS[step.stage], unit=f" {self.UNITS[step.stage]}", file=sys.stderr
            )
        self._update()

    def _update(self) -> None:
        if self.bar is None:
            return
        if self.stage == "page":
            self.run.refresh_from_db()
            limit = self.run.options["limit"]
            done, total = self.run.seen, self.run.expected
            total = min(total, limit) if total and limit else total or limit
        else:
            steps_ = list(self.run.steps.filter(stage=self.stage).values_list("state", "keys"))
            total = sum(len(keys) for _, keys in steps_)
            done = sum(len(keys) for state, keys in steps_ if state != IngestStep.State.OPEN)
        self.bar.total = total
        self.bar.n = done
        self.bar.refresh()


def _failures(run: IngestRun) -> list[str]:
    """Return the failures by kind: how many of each, with one message in full."""
    groups = list(
        run.failures.values("stage", "reason")
        .annotate(n=Count("pk"), first=Min("pk"))
        .order_by("-n")
    )
    messages = run.failures.in_bulk([group["first"] for group in groups])
    lines = [] if run.failures.exists() or not run.message else [run.message]
    for group in groups[:SHOWN_FAILURE_KINDS]:
        message = messages[group["first"]].message
        more = f" (and {group['n'] - 1} more)" if group["n"] > 1 else ""
        lines.append(f"{group['n']}x {group['stage']} {group['reason']}: {message}{more}")
    return lines


def _interrupt(*args: object) -> None:
    raise KeyboardInterrupt
