"""The Celery application: workers by queue, or the same tasks in this process without Redis."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "museum.settings")

app = Celery("ekphrasis")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
