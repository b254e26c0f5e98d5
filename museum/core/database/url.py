"""The URL of the connected database, for other programs and processes."""

from urllib.parse import quote

from django.db import connection


def database_url(name: str | None = None) -> str:
    """Return the URL of the connected database, or of the database `name` on the same server."""
    params = connection.get_connection_params()
    user = quote(str(params.get("user") or ""), safe="")
    if params.get("password"):
        user += ":" + quote(str(params["password"]), safe="")
    host = str(params.get("host") or "localhost")
    database = quote(name or str(params["dbname"]), safe="")
    if host.startswith("/"):
        return f"postgresql://{user}@/{database}?host={host}"
    return f"postgresql://{user}@{host}:{params.get('port') or 5432}/{database}"
