from django.db import migrations

from members import reference


def load(apps, schema_editor):
    reference.load(apps.get_model("members", "Sector"), apps.get_model("members", "SectorGroup"))


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
