"""A line of history is never changed, and on PostgreSQL never deleted.

SQLite gets no trigger against DELETE: Django's own ``flush`` deletes there, where PostgreSQL
truncates.
"""

from django.db import migrations

POSTGRESQL = [
    """
    CREATE FUNCTION members_history_is_append_only() RETURNS trigger AS $$
    BEGIN RAISE EXCEPTION 'history is append-only'; END $$ LANGUAGE plpgsql
    """,
    """
    CREATE TRIGGER history_is_append_only BEFORE UPDATE OR DELETE ON members_historyentry
    FOR EACH ROW EXECUTE FUNCTION members_history_is_append_only()
    """,
]
SQLITE = [
    """
    CREATE TRIGGER history_is_append_only BEFORE UPDATE ON members_historyentry
    BEGIN SELECT RAISE(ABORT, 'history is append-only'); END
    """
]


def forwards(apps, schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in POSTGRESQL if is_postgresql else SQLITE:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION members_history_is_append_only() CASCADE")
    else:
        schema_editor.execute("DROP TRIGGER history_is_append_only")


class Migration(migrations.Migration):
    dependencies = [("members", "0002_reference_data")]
    operations = [migrations.RunPython(forwards, backwards)]
