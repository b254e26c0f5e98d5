"""`manage.py ingest_artic`: from AIC's listing or data dump to rows, pictures and vectors."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from ingest.http.errors import SourceError
from ingest.models import IngestRun
from ingest.pipeline import crawl, steps, withdrawals
from ingest.pipeline.command import IngestCommand, Progress
from ingest.runs import lifecycle
from ingest.sources.artic.dump import DumpSource
from ingest.sources.artic.source import ArticSource, check_contact
from museum.core.cli import positive
from museum.models import ImageStatus


class Command(IngestCommand):
    """Crawl, load, fetch, embed: in this process, or by Celery workers with `--queue`."""

    help = "Load artworks from the Art Institute of Chicago's API or data dump (or one like it)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the source, how much of it, and what to do with it."""
        add = parser.add_argument
        add("--base-url", default=settings.AIC_BASE_URL, help="default: %(default)s")
        add("--dump", type=Path, metavar="FILE", help="load AIC's data dump (a .tar.bz2) instead")
        add("--iiif-url", metavar="URL", help="where a dump's pictures are, if it does not say")
        add(
            "--page-size", type=positive, default=ArticSource.max_page_size, metavar="N",
            help="records a request, at most 100",
        )  # fmt: skip
        add(
            "--since", type=_date, metavar="DATE",
            help="only records updated since (2024-01-31, or with a time; UTC unless it says)",
        )  # fmt: skip
        add(
            "--full", action="store_true",
            help="read the whole listing, not only what changed since the last complete run",
        )  # fmt: skip
        add("--no-images", action="store_false", dest="images", help="do not load pictures")
        add(
            "--all-images", action="store_true",
            help="fetch pictures of works outside the public domain, too (mind their rights)",
        )  # fmt: skip
        add(
            "--images-from", type=Path, metavar="DIR",
            help="take pictures from this folder, {image_id}.jpg (.jpeg, .png, .webp), and ask no "
            "host for them",
        )  # fmt: skip
        add("--queue", action="store_true", help="queue the work for Celery workers and return")
        self.add_common(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one run."""
        options["sweep"] = options["sweep"] or options["sweep_anyway"]
        self._check(options)
        base_url = options["base_url"].rstrip("/")
        if options["dump"]:
            work = self._load_dump
        elif options["sweep"]:
            work = self._sweep
        else:
            work = self._crawl
        self.conduct(base_url, _stored_options(base_url, options), work, options)

    def notes(self, run: IngestRun) -> list[str]:
        """Return how many pictures were not fetched, and why."""
        lines, works = [], steps.works_of(run)
        restricted = works.filter(image_status=ImageStatus.RESTRICTED).count()
        if restricted and run.options["images"]:
            lines.append(
                f"{restricted} pictures not fetched: their works are not known to be in the public "
                "domain (--all-images fetches them)"
            )
        folder = run.options.get("images_from")
        absent = works.filter(image_status=ImageStatus.PENDING).count() if folder else 0
        if absent:
            lines.append(f"{absent} pictures are not in {folder}; their works wait for them")
        return lines

    def _check(self, options: dict[str, Any]) -> None:
        if options["page_size"] > ArticSource.max_page_size:
            raise CommandError(
                f"--page-size {options['page_size']}: AIC gives at most "
                f"{ArticSource.max_page_size} records a request",
                returncode=2,
            )
        parts = urlsplit(options["base_url"])
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise CommandError(
                f"--base-url {options['base_url']!r}: give an address such as "
                "https://api.artic.edu/api/v1",
                returncode=2,
            )
        if (options["since"] or options["limit"]) and (options["full"] or options["sweep"]):
            raise CommandError(
                "--since and --limit read a part, --full and --sweep the whole: leave one of them "
                "out",
                returncode=2,
            )
        folder = options["images_from"]
        if folder is not None and not Path(folder).is_dir():
            raise CommandError(f"--images-from {folder}: no such folder", returncode=2)
        if not options["dump"]:
            try:
                check_contact(options["base_url"])
            except SourceError as error:
                raise CommandError(str(error), returncode=2) from error
        if options["queue"]:
            _check_broker()

    def _crawl(self, run: IngestRun, progress: Progress) -> None:
        if run.options["queue"]:
            # The first page is loaded here, to see at once whether the source is there at all.
            # The workers do everything after it.
            steps.perform(run.steps.get().pk, "command")
            return
        self.follow(run, progress)

    def _load_dump(self, run: IngestRun, progress: Progress) -> None:
        source = DumpSource(Path(run.options["dump"]), iiif_url=run.options["iiif_url"])
        self.read_source(source, run, progress)

    def _sweep(self, run: IngestRun, progress: Progress) -> None:
        run.steps.all().delete()  # ids are read here, in one go
        source = ArticSource(run.base_url)
        missing = withdrawals.sweep(run, source, run.options["sweep_anyway"])
        lifecycle.end(run.pk)
        self.stdout.write(f"{missing} works of the source were not here")


def _stored_options(base_url: str, options: dict[str, Any]) -> dict[str, Any]:
    """Return the options as the run keeps them."""
    limit, since, images_from = options["limit"], options["since"], options["images_from"]
    since = _date(since) if isinstance(since, str) else since  # from `call_command`
    names = ("images", "embed", "all_images", "queue", "sweep", "sweep_anyway", "iiif_url")
    mode = "sweep" if options["sweep"] else "full"
    if limit or since:
        mode = "part"
    elif not (options["full"] or options["dump"] or options["sweep"]):
        since = crawl.since_last(base_url, options["all_images"])
        mode = "incremental" if since else "full"
    return {
        "reader": ArticSource.name,
        "mode": mode,
        "limit": limit,
        "page_size": min(options["page_size"], limit or ArticSource.max_page_size),
        "since": since.isoformat() if since else None,
        "dump": str(options["dump"].resolve()) if options["dump"] else None,
        "images_from": str(Path(images_from).resolve()) if images_from else None,
        **{name: options[name] for name in names},
    }


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


def _date(text: str) -> datetime:
    try:
        date = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r}: give a date such as 2024-01-31") from error
    return date if date.tzinfo else date.replace(tzinfo=UTC)
