from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0005_who_proposed_an_enterprise")]

    operations = [
        migrations.AddField(
            "rating",
            "self_note",
            models.TextField(blank=True, default="", verbose_name="sentence of the unit"),
            preserve_default=False,
        ),
    ]
