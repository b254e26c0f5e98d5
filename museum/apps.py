from django.apps import AppConfig


class MuseumConfig(AppConfig):
    name = "museum"
    default_auto_field = "django.db.models.BigAutoField"
