from django.db import migrations

from training import reference


def load(apps, schema_editor):
    names = ("Position", "Topic", "Audience")
    reference.load(*(apps.get_model("training", name) for name in names))


class Migration(migrations.Migration):
    dependencies = [("training", "0001_initial")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
