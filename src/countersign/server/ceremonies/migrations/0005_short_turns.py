"""Turns of an enrolment that were not far enough."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ceremonies", "0004_withdrawn_words")]

    operations = [
        migrations.AddField(
            model_name="enrolmentsession",
            name="short_turns",
            field=models.JSONField(default=dict),
        ),
    ]
