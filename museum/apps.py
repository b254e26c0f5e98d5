from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin import apps as admin
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class CurationConfig(admin.AdminConfig):
    default = False
    default_site = "museum.admin_site.CurationSite"


class MuseumConfig(AppConfig):
    name = "museum"
    verbose_name = "Collection"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Keep tables and the groups' rights as the code says; trace where asked to."""
        from museum import permissions  # noqa: PLC0415 - needs the models
        from museum.core.database import schema  # noqa: PLC0415
        from museum.core.observability import tracing  # noqa: PLC0415 - needs the models

        if settings.EMBEDDED_DATABASE:
            connection_created.connect(
                schema.migrate_embedded, dispatch_uid="museum.migrate_embedded"
            )
        post_migrate.connect(permissions.grant, dispatch_uid="museum.permissions")
        tracing.start()
