"""Static files as they are deployed: parts of a stylesheet joined, named by content, compressed.

A stylesheet that consists of `@import` lines is fit for reading and for development, where each
part is a request. Browsers would wait for the parts one after the other, so `collectstatic` puts
their text in the place of the lines.
"""

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = re.compile(r'^@import "([^"]+)";$', re.MULTILINE)
URL = re.compile(r"\burl\(")
# A path below STATIC_ROOT, with the storage and the path that `collectstatic` found it at.
Paths = dict[str, tuple[Storage, str]]


class JoinedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage, with each stylesheet's imports joined into it."""

    def post_process(
        self, paths: Paths, dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str | None, bool | Exception]]:
        """Join stylesheets, then name and compress all files; yields what Django's own does."""
        joined = {} if dry_run else dict(self._joined(paths))
        yield from super().post_process({**paths, **joined}, dry_run=dry_run, **options)

    def _joined(self, paths: Paths) -> Iterator[tuple[str, tuple[Storage, str]]]:
        # From the sources: a copy in STATIC_ROOT may be the joined one of an earlier run.
        for name in paths:
            if not name.endswith(".css"):
                continue
            text = _read(name, paths)
            if IMPORT.search(text):
                self.delete(name)
                self.save(name, ContentFile(_join(name, text, paths).encode()))
                yield name, (self, name)


def _join(name: str, text: str, paths: Paths) -> str:
    def part(line: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(name), line[1]))
        if path not in paths:
            raise ImproperlyConfigured(f"static/{name} imports {line[1]!r}, which does not exist")
        content = _read(path, paths)
        if URL.search(content):
            raise ImproperlyConfigured(
                f"static/{path} uses url(), which would be read from the place of static/{name}"
            )
        return _join(path, content, paths)

    return IMPORT.sub(part, text)


def _read(name: str, paths: Paths) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        return file.read().decode()
