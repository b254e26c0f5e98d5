from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.db.models.signals import post_migrate


class CurationConfig(admin.AdminConfig):
    default = False
    default_site = "museum.admin_site.CurationSite"


class MuseumConfig(AppConfig):
    name = "museum"
    verbose_name = "Collection"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Keep the groups' rights as the code says, whatever was migrated; trace where asked to."""
        from museum import permissions
        from museum.core.observability import tracing  # noqa: PLC0415 - needs the models

        post_migrate.connect(permissions.grant, dispatch_uid="museum.permissions")
        tracing.start()
