"""`manage.py list_pretrained`: which models there are to choose from."""

import logging
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

if TYPE_CHECKING:
    from search.encoders.open_clip_tags import Row

HEAD = "| architecture | tags | parameters | vectors | needs | licence of the weights |"


class Command(BaseCommand):
    """Every pretrained tag of open_clip, by architecture."""

    help = "List open_clip's pretrained models: size, what each needs, licence. Downloads nothing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the format."""
        parser.add_argument("--markdown", action="store_true", help="a table, as in docs/models.md")

    def handle(self, *args: Any, markdown: bool, **options: Any) -> None:
        """Write a line an architecture and licence."""
        from search.encoders import open_clip_tags  # noqa: PLC0415 - torch, only when needed

        # open_clip warns of every model that has no weights; none is to have any.
        logging.disable(logging.WARNING)
        try:
            if markdown:
                self.stdout.write(f"{HEAD}\n|{' --- |' * HEAD.count('| ')}")
            for row in open_clip_tags.rows():
                self.stdout.write(_as_markdown(row) if markdown else _as_text(row))
        finally:
            logging.disable(logging.NOTSET)


def _size(row: "Row") -> str:
    if row.problem:
        return f"cannot be built: {row.problem}"
    return "" if row.parameters is None else f"{row.parameters / 1e6:,.0f} M"


def _as_markdown(row: "Row") -> str:
    tags = ", ".join(f"`{tag}`" for tag in row.tags)
    cells = (f"`{row.architecture}`", tags, _size(row), row.dimension, row.needs, row.licence)
    return f"| {' | '.join(map(str, cells))} |"


def _as_text(row: "Row") -> str:
    facts = [_size(row), f"{row.dimension} dimensions", row.licence]
    if row.needs:
        facts.append(f"needs {row.needs}")
    return f"{row.architecture}  {' '.join(row.tags)}\n    {', '.join(filter(None, facts))}"
