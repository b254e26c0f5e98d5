"""The collection and the project around it: settings, models, pages that show one work."""

__version__ = "0.1.0"  # pyproject.toml reads it; caches read no entry of another release

from museum.celery import app as celery_app

__all__ = ["celery_app"]
