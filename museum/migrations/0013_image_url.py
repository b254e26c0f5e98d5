from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("museum", "0012_no_color_of_the_source")]

    operations = [
        migrations.AddField(
            "artwork",
            "image_url",
            models.TextField(
                null=True, blank=True, help_text="Address of the picture, if no IIIF service has it."
            ),
        ),
    ]
