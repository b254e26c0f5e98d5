"""Django's PostgreSQL backend over the embedded server of `museum.core.database.embedded.server`."""
