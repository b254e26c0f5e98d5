"""Backups: a folder with a dump of the database, the pictures, and a description of both.

Pictures are named by their hash, so a second backup into the same folder only copies new ones.
PostgreSQL's programs are those on the PATH, or those of the embedded server's package.
"""
# ruff: noqa: S603 - it starts PostgreSQL's own programs only

import json
import os
import shutil
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from museum.core.database.embedded import server

DUMP_FILE, PICTURES_FOLDER, FACTS_FILE = "database.dump", "pictures", "backup.json"
INDEX_BUILD_MEMORY = "512MB"  # vector indexes are built in memory


class BackupError(Exception):
    """A backup or a restore failed; the message says what to do."""


@dataclass(frozen=True)
class Facts:
    """The contents of a backup: rows of the largest tables, and the number of picture files."""

    taken_at: str
    migrations: list[list[str]]
    rows: dict[str, int]
    pictures: int

    @classmethod
    def read(cls, folder: Path) -> "Facts":
        """Read the description of the backup in `folder`."""
        try:
            return cls(**json.loads((folder / FACTS_FILE).read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise BackupError(
                f"{folder} holds no complete backup ({FACTS_FILE}: {error})"
            ) from error


def backup(folder: Path) -> Facts:
    """Write a backup into `folder` while the site keeps running."""
    folder.mkdir(parents=True, exist_ok=True)
    # A backup without its description is invalid, so an interrupted one is not mistaken for whole.
    (folder / FACTS_FILE).unlink(missing_ok=True)
    dump = folder / f"{DUMP_FILE}.partial"
    # The database first: a picture stored in between is surplus, not missing.
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}")
    dump.replace(folder / DUMP_FILE)
    facts = Facts(
        datetime.now(UTC).isoformat(timespec="seconds"),
        [list(key) for key in sorted(MigrationRecorder(connection).applied_migrations())],
        _rows(),
        _copy(_media() / PICTURES_FOLDER, folder / PICTURES_FOLDER),
    )
    (folder / FACTS_FILE).write_text(json.dumps(asdict(facts), indent=1) + "\n")
    return facts


def restore(folder: Path, *, replace: bool = False) -> Facts:
    """Fill the database and the picture store from `folder`; `replace` drops existing tables."""
    facts = Facts.read(folder)
    if not replace and connection.introspection.table_names():
        raise BackupError("this database is not empty: give --replace to drop its content")
    with connection.cursor() as cursor:
        # One schema holds everything, including the extension, which the dump creates again.
        cursor.execute("DROP EXTENSION IF EXISTS vector CASCADE")
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    connection.close()
    _run(
        "pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error",
        f"--dbname={connection.get_connection_params()['dbname']}", str(folder / DUMP_FILE),
    )  # fmt: skip
    copied = _copy(folder / PICTURES_FOLDER, _media() / PICTURES_FOLDER)
    if copied < facts.pictures:
        raise BackupError(
            f"{facts.pictures - copied} pictures are missing in {folder / PICTURES_FOLDER}"
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return facts


def _rows() -> dict[str, int]:
    tables = ("museum_artwork", "museum_description", "search_embedding", "auth_user")
    with connection.cursor() as cursor:
        counts = {}
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
            counts[table] = int(cursor.fetchone()[0])
    return counts


def _media() -> Path:
    return Path(settings.MEDIA_ROOT)


def _copy(source: Path, target: Path) -> int:
    """Copy the files of `source` that `target` lacks; return the number of files of `source`.

    Pictures in a bucket are not copied: the bucket keeps its own versions.
    """
    if not isinstance(storages["default"], FileSystemStorage):
        return 0
    number = 0
    for file in source.rglob("*"):
        if not file.is_file():
            continue
        place = target / file.relative_to(source)
        if not place.exists() or place.stat().st_size != file.stat().st_size:
            place.parent.mkdir(parents=True, exist_ok=True)
            partial = place.with_name(f".{place.name}.partial")
            shutil.copyfile(file, partial)
            partial.replace(place)
        number += 1
    return number


def _run(program: str, *arguments: str) -> None:
    process = subprocess.run(
        [_binary(program), *arguments],
        env={**os.environ, **_environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode:
        raise BackupError(f"{program}: {process.stderr.strip()[-1000:]}")


def _binary(program: str) -> str:
    on_path = None if settings.EMBEDDED_DATABASE else shutil.which(program)
    try:
        return on_path or str(server.binaries() / program)
    except server.EmbeddedPostgresError as error:
        raise BackupError(
            f"{program} is not on the PATH: install PostgreSQL's client programs, of the server's "
            "version or newer"
        ) from error


def _environment() -> dict[str, str]:
    """Return the connection as libpq's variables: a command line would show the password to all."""
    params: dict[str, Any] = connection.get_connection_params()
    named = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password"}
    named |= {"PGDATABASE": "dbname", "PGSSLMODE": "sslmode"}
    variables = {name: str(params[key]) for name, key in named.items() if params.get(key)}
    return {**variables, "PGOPTIONS": f"-c maintenance_work_mem={INDEX_BUILD_MEMORY}"}
