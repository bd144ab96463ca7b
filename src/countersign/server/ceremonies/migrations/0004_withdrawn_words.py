"""Words of an enrolment that were not understood."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ceremonies", "0003_replay_memory")]

    operations = [
        migrations.AddField(
            model_name="enrolmentsession",
            name="withdrawn",
            field=models.JSONField(default=list),
        ),
    ]
