"""Every setting, read from the environment (or a `.env` file beside manage.py) and checked."""

from museum.settings.base import *  # noqa: F403
