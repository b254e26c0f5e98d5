from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    """The facet `classification`; its column has been filled since the first version."""

    atomic = False

    dependencies = [("museum", "0010_scope_in_index")]

    operations = [
        AddIndexConcurrently(
            "artwork",
            GinIndex(fields=["classification_titles"], name="museum_artwork_classes"),
        ),
    ]
