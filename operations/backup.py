"""A backup is a folder: the database as pg_dump writes it, the pictures, and what they are.

Pictures are named by their hash, so a second backup into the same folder copies only new ones.
PostgreSQL's programs are those on the PATH, or those that the embedded server's package brings.
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

DUMP, PICTURES, FACTS = "database.dump", "pictures", "backup.json"
BUILD_MEMORY = "512MB"  # vector indexes are built in memory


class BackupError(Exception):
    """What could not be done; the message says the mend."""


@dataclass(frozen=True)
class Facts:
    """What a backup holds. Rows are counted for the largest tables; pictures are files."""

    taken_at: str
    migrations: list[list[str]]
    rows: dict[str, int]
    pictures: int

    @classmethod
    def read(cls, folder: Path) -> "Facts":
        """Return what the backup in `folder` says of itself."""
        try:
            return cls(**json.loads((folder / FACTS).read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise BackupError(f"{folder} holds no whole backup ({FACTS}: {error})") from error


def backup(folder: Path) -> Facts:
    """Write a backup into `folder`; the site may go on meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    # Without its facts a backup is none: one that is interrupted is not taken for a whole one.
    (folder / FACTS).unlink(missing_ok=True)
    dump = folder / f"{DUMP}.partial"
    # The database first: a picture that comes in between is one too many, not one too few.
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}")
    dump.replace(folder / DUMP)
    facts = Facts(
        datetime.now(UTC).isoformat(timespec="seconds"),
        [list(key) for key in sorted(MigrationRecorder(connection).applied_migrations())],
        _rows(),
        _copy(_media() / PICTURES, folder / PICTURES),
    )
    (folder / FACTS).write_text(json.dumps(asdict(facts), indent=1) + "\n")
    return facts


def restore(folder: Path, *, replace: bool = False) -> Facts:
    """Fill the database and the picture store from `folder`; `replace` drops what is there."""
    facts = Facts.read(folder)
    if not replace and connection.introspection.table_names():
        raise BackupError("this database is not empty: give --replace to drop all that is in it")
    with connection.cursor() as cursor:
        # One schema holds everything, the extension included, which the dump makes again.
        cursor.execute("DROP EXTENSION IF EXISTS vector CASCADE")
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    connection.close()
    _run(
        "pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error",
        f"--dbname={connection.get_connection_params()['dbname']}", str(folder / DUMP),
    )  # fmt: skip
    copied = _copy(folder / PICTURES, _media() / PICTURES)
    if copied < facts.pictures:
        raise BackupError(f"{facts.pictures - copied} pictures are missing in {folder / PICTURES}")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return facts


def _rows() -> dict[str, int]:
    tables = ("museum_artwork", "museum_description", "search_embedding", "auth_user")
    with connection.cursor() as cursor:
        found = {}
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
            found[table] = int(cursor.fetchone()[0])
    return found


def _media() -> Path:
    return Path(settings.MEDIA_ROOT)


def _copy(source: Path, target: Path) -> int:
    """Copy the files that `target` lacks; return how many it then has of those of `source`.

    A bucket keeps versions and copies of its own: its pictures are not copied.
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
    done = subprocess.run(
        [_binary(program), *arguments],
        env={**os.environ, **_environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupError(f"{program}: {done.stderr.strip()[-1000:]}")


def _binary(program: str) -> str:
    found = None if settings.EMBEDDED_DATABASE else shutil.which(program)
    try:
        return found or str(server.binaries() / program)
    except server.EmbeddedPostgresError as error:
        raise BackupError(
            f"{program} is not on the PATH: install PostgreSQL's client programs, of the server's "
            "version or newer"
        ) from error


def _environment() -> dict[str, str]:
    """The connection as libpq's variables: a password on a command line is for all to see."""
    params: dict[str, Any] = connection.get_connection_params()
    named = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password"}
    named |= {"PGDATABASE": "dbname", "PGSSLMODE": "sslmode"}
    found = {name: str(params[key]) for name, key in named.items() if params.get(key)}
    return {**found, "PGOPTIONS": f"-c maintenance_work_mem={BUILD_MEMORY}"}
