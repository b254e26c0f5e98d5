"""`manage.py partition_embeddings N`: the way past what one table's index can do."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error, ProgrammingError

from search.embeddings import partitions
from search.embeddings.hnsw_index import BUILD_MEMORY
from search.models import Embedding


class Command(BaseCommand):
    """All at once, beside the running searches; see docs/operations.md for when."""

    help = "Divide the vectors, by work, into N partitions with indexes of their own; 1 undoes it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("number", type=int, metavar="N", help="partitions; 1: one table")
        parser.add_argument(
            "--memory", default=BUILD_MEMORY, metavar="SIZE",
            help="to build an index in; 2.5 kB for each vector of a partition (%(default)s)",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Divide, and say how long it took."""
        began = time.monotonic()
        try:
            partitions.divide(options["number"], options["memory"])
        except ProgrammingError:
            raise  # tables are missing: manage.py says so
        except (ValueError, Error) as error:
            raise CommandError(f"Nothing was changed: {error}") from error
        where = f"{options['number']} partitions" if options["number"] > 1 else "one table"
        seconds = time.monotonic() - began
        self.stdout.write(f"{Embedding.objects.count():,} vectors in {where}, {seconds:.0f} s")
