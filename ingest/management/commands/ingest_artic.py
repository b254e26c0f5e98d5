"""`manage.py ingest_artic`: from a listing of artworks to rows, pictures and vectors."""

import json
import signal
import sys
import time
from argparse import ArgumentTypeError
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count, Min
from tqdm import tqdm

from ingest import artic, runs, steps
from ingest.errors import SourceError
from ingest.models import IngestRun, IngestStep
from museum.models import ImageStatus

EXIT = {IngestRun.State.DONE: 0, IngestRun.State.PARTIAL: 1, IngestRun.State.FAILED: 2}
COUNTS = ("seen", "created", "updated", "unchanged", "failed", "images", "embedded")
SHOWN = 10  # kinds of failures


class Command(BaseCommand):
    """Crawl, load, fetch, embed: in this process, or by Celery workers with `--queue`."""

    help = "Load artworks from the Art Institute of Chicago's API (or one that speaks like it)."

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--base-url", default=settings.AIC_BASE_URL, help="default: %(default)s")
        add("--limit", type=_positive, metavar="N", help="stop after N records")
        add(
            "--page-size", type=_positive, default=artic.MAX_LIMIT, metavar="N",
            help="records a request, at most 100",
        )  # fmt: skip
        add(
            "--since", type=_date, metavar="DATE",
            help="only records updated since (2024-01-31, or with a time; UTC unless it says)",
        )  # fmt: skip
        add("--no-images", action="store_false", dest="images", help="fetch no pictures")
        add("--no-embed", action="store_false", dest="embed", help="make no vectors")
        add(
            "--all-images", action="store_true",
            help="fetch pictures of works outside the public domain, too (mind their rights)",
        )  # fmt: skip
        add("--queue", action="store_true", help="hand the work to Celery workers and return")
        add("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        self._check(options)
        try:
            with runs.alone():
                run = self._run(options)
        except runs.Busy as error:
            raise CommandError(str(error), returncode=2) from error
        self._report(run, options, time.monotonic() - started)

    def _check(self, options: dict[str, Any]) -> None:
        if options["page_size"] > artic.MAX_LIMIT:
            raise CommandError(
                f"--page-size {options['page_size']}: AIC gives at most {artic.MAX_LIMIT} records "
                "a request",
                returncode=2,
            )
        parts = urlsplit(options["base_url"])
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise CommandError(
                f"--base-url {options['base_url']!r}: give an address such as "
                "https://api.artic.edu/api/v1",
                returncode=2,
            )
        try:
            artic.check_contact(options["base_url"])
        except SourceError as error:
            raise CommandError(str(error), returncode=2) from error
        if options["queue"]:
            _check_broker()

    def _run(self, options: dict[str, Any]) -> IngestRun:
        limit, since = options["limit"], options["since"]
        since = _date(since) if isinstance(since, str) else since  # from `call_command`
        kept = {
            "limit": limit,
            "page_size": min(options["page_size"], limit or artic.MAX_LIMIT),
            "since": since.isoformat() if since else None,
            **{name: options[name] for name in ("images", "embed", "all_images", "queue")},
        }
        run = runs.start(options["base_url"].rstrip("/"), kept)
        signal_before = signal.signal(signal.SIGTERM, _interrupt)
        try:
            self._work(run, options)
        except KeyboardInterrupt:
            runs.end(run.pk, "stopped by hand; running it again goes on with what is missing")
        except Exception as error:
            runs.end(run.pk, f"{type(error).__name__}: {error}")
            raise
        finally:
            signal.signal(signal.SIGTERM, signal_before)
        run.refresh_from_db()
        return run

    def _work(self, run: IngestRun, options: dict[str, Any]) -> None:
        if options["queue"]:
            # The first page is loaded here: whoever asks learns at once whether the source is
            # there at all. Everything after it is the workers'.
            steps.perform(run.steps.get().pk, "command")
            return
        with Progress(run, shown=sys.stderr.isatty()) as progress:
            steps.work_off(run.pk, progress.before)
        if options["embed"]:
            steps.build_indexes()

    def _report(self, run: IngestRun, options: dict[str, Any], seconds: float) -> None:
        counts = {name: getattr(run, name) for name in COUNTS}
        words = ", ".join(f"{number} {name}" for name, number in counts.items())
        state = "queued" if run.state == IngestRun.State.RUNNING else run.state
        code = EXIT.get(IngestRun.State(run.state), 0)
        if options["json"] or code != 2:
            for line in _failures(run):
                self.stderr.write(line)
        self.stdout.write(f"Run {run.pk} {state}: {words}; {seconds:.1f} s")
        for line in _notes(run):
            self.stdout.write(line)
        if options["json"]:
            self.stdout.write(json.dumps({"run": run.pk, **counts, "seconds": round(seconds, 2)}))
            self.stdout.flush()
        elif code == 2:
            raise CommandError(run.message, returncode=2)
        if code:
            raise SystemExit(code)


class Progress:
    """One bar a stage, on a terminal only."""

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
        """Show how far the run is as `step` begins."""
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
            mine = list(self.run.steps.filter(stage=self.stage).values_list("state", "keys"))
            total = sum(len(keys) for _, keys in mine)
            done = sum(len(keys) for state, keys in mine if state != IngestStep.State.OPEN)
        self.bar.total = total
        self.bar.n = done
        self.bar.refresh()


def _failures(run: IngestRun) -> list[str]:
    """What went wrong, grouped: how many of each kind, with one message in full."""
    groups = list(
        run.failures.values("stage", "reason")
        .annotate(n=Count("pk"), first=Min("pk"))
        .order_by("-n")
    )
    messages = run.failures.in_bulk([group["first"] for group in groups])
    lines = [] if run.failures.exists() or not run.message else [run.message]
    for group in groups[:SHOWN]:
        message = messages[group["first"]].message
        more = f" (and {group['n'] - 1} more)" if group["n"] > 1 else ""
        lines.append(f"{group['n']}x {group['stage']} {group['reason']}: {message}{more}")
    return lines


def _notes(run: IngestRun) -> list[str]:
    pages = steps.works_of(run)
    restricted = pages.filter(image_status=ImageStatus.RESTRICTED).count()
    if not restricted or not run.options["images"]:
        return []
    return [
        f"{restricted} pictures left alone: their works are not known to be in the public domain "
        "(--all-images fetches them)"
    ]


def _check_broker() -> None:
    if not settings.REDIS_URL:
        raise CommandError(
            "--queue hands the work to Celery workers, and these are reached through Redis: set "
            "REDIS_URL and start a worker (celery -A museum worker -Q metadata,images,embed), or "
            "leave --queue out",
            returncode=2,
        )
    try:
        redis.Redis.from_url(settings.REDIS_URL).ping()
    except redis.RedisError as error:
        raise CommandError(f"Redis at REDIS_URL does not answer: {error}", returncode=2) from error


def _interrupt(*args: object) -> None:
    raise KeyboardInterrupt


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise ArgumentTypeError(f"{text!r}: give a whole number from 1 up")
    return int(text)


def _date(text: str) -> datetime:
    try:
        date = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r}: give a date such as 2024-01-31") from error
    return date if date.tzinfo else date.replace(tzinfo=UTC)
