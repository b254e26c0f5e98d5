from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "ingest"
    default_auto_field = "django.db.models.BigAutoField"
    group_permissions = {"editor": {"ingest.change_ingestrun"}}  # read by museum/permissions.py
