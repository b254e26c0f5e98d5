"""The project and the collection: settings, models, pictures, pages and the admin."""

__version__ = "0.2.0"  # pyproject.toml reads it; a release reads only its own cache entries

from museum.celery import app as celery_app

__all__ = ["celery_app"]
