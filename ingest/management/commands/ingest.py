"""`manage.py ingest NAME`: any source of `ingest.sources.registry` to rows, pictures, vectors."""

from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ingest.http.errors import SourceError
from ingest.pipeline import stream
from ingest.pipeline.command import IngestCommand
from ingest.sources.registry import SOURCES


class Command(IngestCommand):
    """Read a source from its beginning, or from where the last run of it stopped, to its end."""

    help = "Load works from a source: " + ", ".join(SOURCES) + "."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the source, its own arguments, and what to do with it."""
        sources = parser.add_subparsers(dest="source", metavar="SOURCE", required=True)
        for name, source in SOURCES.items():
            summary = (source.__doc__ or name).partition("\n")[0]
            chosen = sources.add_parser(name, help=summary, description=summary)
            source.add_arguments(chosen)
            add = chosen.add_argument
            add("--full", action="store_true", help="read from the start, not from the last mark")
            add("--no-images", action="store_false", dest="images", help="fetch no pictures")
            add(
                "--all-images", action="store_true",
                help="fetch pictures of works outside the public domain, too (mind their rights)",
            )  # fmt: skip
            add(
                "--images-from", type=Path, metavar="DIR",
                help="take pictures from this folder, {image_id}.jpg (.jpeg, .png, .webp)",
            )  # fmt: skip
            self.add_common(chosen)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one run."""
        options["sweep"] = options["sweep"] or options["sweep_anyway"]
        try:
            source = SOURCES[options["source"]].from_options(options)
            is_part = options["full"] or options["sweep"] or options["limit"]
            mark = "" if is_part else stream.last_mark(source)
        except SourceError as error:
            raise CommandError(str(error), returncode=2) from error
        folder = options["images_from"]
        if folder is not None and not folder.is_dir():
            raise CommandError(f"--images-from {folder}: no such folder", returncode=2)
        names = ("limit", "images", "all_images", "embed", "sweep", "sweep_anyway")
        stored_options = {
            "reader": source.name,
            "mode": "part" if options["limit"] else "full",
            "since": None,
            "dump": None,
            "queue": False,
            "resumed_at": mark,
            "images_from": str(folder.resolve()) if folder else None,
            **{name: options[name] for name in names},
        }
        self.conduct(source.address, stored_options, partial(self.read_source, source), options)
