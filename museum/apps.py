from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin import apps as admin
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate

from museum import permissions
from museum.core.database import schema
from museum.core.observability import tracing


class CurationConfig(admin.AdminConfig):
    default = False
    default_site = "museum.admin_site.CurationSite"


class MuseumConfig(AppConfig):
    name = "museum"
    verbose_name = "Collection"
    default_auto_field = "django.db.models.BigAutoField"
    # Read by museum/permissions.py.
    group_permissions = {
        "curator": {
            "museum.change_artist",
            "museum.change_artwork",
            "museum.add_description",
            "museum.change_description",
            "museum.review_description",
            "museum.add_theme",
            "museum.change_theme",
            "museum.add_themework",
            "museum.change_themework",
            "museum.delete_themework",
            "museum.add_examplesearch",
            "museum.change_examplesearch",
        },
        "editor": {
            "museum.delete_description",
            "museum.delete_theme",
            "museum.publish_theme",
            "museum.process_artwork",
            "museum.delete_examplesearch",
        },
    }

    def ready(self) -> None:
        """Keep the tables and the groups' permissions up to date; send traces where configured."""
        if settings.EMBEDDED_DATABASE:
            connection_created.connect(
                schema.migrate_embedded, dispatch_uid="museum.migrate_embedded"
            )
        post_migrate.connect(permissions.grant, dispatch_uid="museum.permissions")
        tracing.start()
