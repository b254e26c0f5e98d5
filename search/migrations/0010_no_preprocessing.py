from django.db import migrations


class Migration(migrations.Migration):
    """The column is no longer used. It stays for one release, since the program of before reads it
    beside the new one; what the new one writes gets a default from the database."""

    dependencies = [
        ("search", "0009_text_model"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField(model_name="embeddingmodel", name="preprocessing"),
            ],
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE search_embeddingmodel "
                    "ALTER COLUMN preprocessing SET DEFAULT '{}'::jsonb",
                    "ALTER TABLE search_embeddingmodel ALTER COLUMN preprocessing DROP DEFAULT",
                ),
            ],
        ),
    ]
