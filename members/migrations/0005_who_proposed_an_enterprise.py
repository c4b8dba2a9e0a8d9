import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0004_enterprises_and_ratings"),
    ]

    operations = [
        migrations.AddField(
            model_name="enterprise",
            name="proposed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="members.unit",
                verbose_name="proposed by",
            ),
        ),
    ]
