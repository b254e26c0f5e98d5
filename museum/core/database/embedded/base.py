"""The database backend that starts the embedded server with the first connection.

Reading the settings starts nothing, and so `--help`, type checkers and `makemigrations` start
nothing either.
"""

from pathlib import Path
from typing import Any

from django.db.backends.postgresql import base
from django.db.utils import OperationalError

from museum.core.database.embedded import server


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL at the socket that the embedded server of `DATA_DIR` listens on."""

    def get_connection_params(self) -> dict[str, Any]:
        """Add the socket folder; start the server where it is not running."""
        params = super().get_connection_params()
        try:
            params["host"] = server.host(Path(self.settings_dict["DATA_DIR"]))
        except server.EmbeddedPostgresError as error:
            raise OperationalError(str(error)) from error
        return params
