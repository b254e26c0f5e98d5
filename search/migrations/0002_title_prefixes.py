"""An index that serves `LIKE 'x%'` over titles, lower case and without accents (search/engine/suggestions.py)."""

from django.db import migrations

CREATE = """
CREATE INDEX museum_artwork_title_prefix ON museum_artwork
    (left(lower(museum_fold(title)), 100) text_pattern_ops)
    WHERE NOT is_hidden AND withdrawn_at IS NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ("museum", "0003_picture_features"),
        ("search", "0001_initial"),
    ]

    operations = [migrations.RunSQL(CREATE, "DROP INDEX museum_artwork_title_prefix")]
