"""Every setting of the site; `.env.example` lists those that the environment decides.

The modules are evaluated in this order. A wrong value stops start-up with a message that says what
to give instead.
"""

from museum.settings.security import *  # noqa: F403  isort: skip
from museum.settings.base import *  # noqa: F403  isort: skip
from museum.settings.celery import *  # noqa: F403  isort: skip
from museum.settings.logging import *  # noqa: F403  isort: skip
