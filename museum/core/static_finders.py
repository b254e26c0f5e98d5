"""Stylesheets as browsers get them: the parts that one imports, joined into it.

`static/css/site.css` only lists its parts, for those who read and write them. Browsers would ask
for the parts one by one, and only after they have read the list, so `collectstatic`, tests and
development find the joined text in its place.
"""

import os
import posixpath
import re
import tempfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage

IMPORT = re.compile(r'^@import "([^"]+)";$', re.MULTILINE)
URL = re.compile(r"\burl\(")


class JoinedStylesheetFinder(BaseFinder):
    """Finds stylesheets of STATICFILES_DIRS that import others, joined; put it before the rest."""

    @cached_property
    def _folder(self) -> tempfile.TemporaryDirectory[str]:
        return tempfile.TemporaryDirectory(prefix="stylesheets-")

    def check(self, **options: Any) -> list[Any]:
        """Report nothing: there is nothing to configure."""
        return []

    def find(self, path: str, find_all: bool = False, **options: Any) -> Any:
        """Return where the joined stylesheet is; nothing for any other file."""
        found = self._joined(path) if path.endswith(".css") else ""
        if find_all or not found:
            return [found] if found else []
        return found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        """Yield each stylesheet that imports others, and the folder that has it joined."""
        for source in map(Path, settings.STATICFILES_DIRS):
            for path in sorted(source.rglob("*.css")):
                name = path.relative_to(source).as_posix()
                if self._joined(name):
                    yield name, FileSystemStorage(self._folder.name)

    def _joined(self, name: str) -> str:
        for source in map(Path, settings.STATICFILES_DIRS):
            if not (source / name).is_file():
                continue
            text = (source / name).read_text()
            if not IMPORT.search(text):
                return ""
            place = Path(self._folder.name, name)
            joined = join(source, name, text)
            if not place.is_file() or place.read_text() != joined:
                _write(place, joined)
            return str(place)
        return ""


def join(source: Path, name: str, text: str) -> str:
    """Return `text`, the stylesheet `name` below `source`, with its imports in their lines' place.

    Raises `ImproperlyConfigured` for a part that is missing or would not mean the same there.
    """

    def part(line: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(name), line[1]))
        if not (source / path).is_file():
            raise ImproperlyConfigured(f"{name} imports {line[1]!r}, which does not exist")
        content = (source / path).read_text()
        if URL.search(content):
            raise ImproperlyConfigured(
                f"{path} uses url(), which browsers would read from the place of {name}"
            )
        return join(source, path, content)

    return IMPORT.sub(part, text)


def _write(place: Path, text: str) -> None:
    # Whole or not at all: another thread may be serving it.
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=place.parent, delete=False) as file:
        file.write(text)
    os.replace(file.name, place)
