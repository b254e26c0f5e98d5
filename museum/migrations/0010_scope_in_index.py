from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

SCOPE = ["id", "artic_id", "is_hidden", "withdrawn_at"]


class Migration(migrations.Migration):
    """The new indexes stand before the old ones go, so that no search is without one."""

    atomic = False

    dependencies = [("museum", "0009_curators_lists")]

    operations = [
        AddIndexConcurrently(
            "artwork",
            models.Index(fields=["artwork_type"], include=SCOPE, name="museum_artwork_of_type"),
        ),
        AddIndexConcurrently(
            "artwork",
            models.Index(fields=["department"], include=SCOPE, name="museum_artwork_of_dept"),
        ),
        RemoveIndexConcurrently("artwork", "museum_artwork_type"),
        RemoveIndexConcurrently("artwork", "museum_artwork_department"),
    ]
