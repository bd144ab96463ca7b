"""The audit log's tables, its head, and triggers that refuse to rewrite it."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

POSTGRESQL = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are neither changed nor deleted';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
"""
SQLITE = (
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit_auditentry"
    " BEGIN SELECT RAISE(ABORT, 'audit entries are not changed'); END",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit_auditentry"
    " BEGIN SELECT RAISE(ABORT, 'audit entries are not deleted'); END",
)


def create_head(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A chain without entries."""
    head = apps.get_model("audit", "AuditHead")
    head.objects.using(schema_editor.connection.alias).create(id=1, sequence=0, mac="0" * 64)


def create_triggers(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The database itself refuses changes, whoever asks; verification finds those who remove the triggers first."""
    statements = (POSTGRESQL,) if schema_editor.connection.vendor == "postgresql" else SQLITE
    for statement in statements:
        schema_editor.execute(statement)


def drop_triggers(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """On the way back, before the table goes."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER audit_append_only ON audit_auditentry")
        schema_editor.execute("DROP FUNCTION audit_refuse()")


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("sequence", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_index=True)),
                ("kind", models.CharField(db_index=True, max_length=64)),
                ("account", models.CharField(blank=True, db_index=True, max_length=36)),
                ("actor", models.CharField(blank=True, max_length=36)),
                ("details", models.TextField()),
                ("key_id", models.CharField(max_length=12)),
                ("previous_mac", models.CharField(max_length=64)),
                ("mac", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name_plural": "audit entries",
                "ordering": ("sequence",),
            },
        ),
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("sequence", models.BigIntegerField()),
                ("mac", models.CharField(max_length=64)),
                ("key_id", models.CharField(blank=True, max_length=12)),
                ("signature", models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.RunPython(create_head, migrations.RunPython.noop),
        migrations.RunPython(create_triggers, drop_triggers),
    ]
