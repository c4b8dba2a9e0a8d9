from django.db import migrations

from targets import reference


def load(apps, schema_editor):
    reference.load(apps.get_model("targets", "ManualIndicator"))


class Migration(migrations.Migration):
    dependencies = [("targets", "0002_planning_every_plan")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
