"""The database backend that starts the embedded server with the first connection.

Settings stay free of side effects: `--help`, type checkers and `makemigrations` start nothing.
"""

from pathlib import Path
from typing import Any

from django.db.backends.postgresql import base
from django.db.utils import OperationalError

from museum.core.database.embedded import server


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL at whatever socket the embedded server over `DATA_DIR` listens on."""

    def get_connection_params(self) -> dict[str, Any]:
        """Fill in the socket folder, starting the server where it does not run."""
        params = super().get_connection_params()
        try:
            params["host"] = server.host(Path(self.settings_dict["DATA_DIR"]))
        except server.EmbeddedPostgresError as error:
            raise OperationalError(str(error)) from error
        return params
