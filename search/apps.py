from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "search"
    default_auto_field = "django.db.models.BigAutoField"
    # Read by museum/permissions.py.
    group_permissions = {
        "curator": {
            "search.add_curatedquery",
            "search.change_curatedquery",
            "search.add_curatedwork",
            "search.change_curatedwork",
            "search.delete_curatedwork",
            "search.add_synonyms",
            "search.change_synonyms",
            "search.add_judgmentquery",
            "search.change_judgmentquery",
            "search.add_judgment",
            "search.change_judgment",
        },
        "editor": {
            "search.delete_curatedquery",
            "search.delete_synonyms",
            "search.delete_judgmentquery",
            "search.delete_judgment",
        },
    }
