from django.db import migrations


class Migration(migrations.Migration):
    """Nothing reads AIC's dominant colour; `palette` is measured from the picture.

    The column stays, and is left alone, while programs of the version before still read it; a later
    version drops it.
    """

    dependencies = [("museum", "0011_classifications_in_index")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name="artwork", name="color")]
        ),
    ]
