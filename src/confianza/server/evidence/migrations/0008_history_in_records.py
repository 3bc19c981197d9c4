"""The acts of history are records of the relationship now (`relationship.0002`)."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("evidence", "0007_training_reports_apart"),
        ("relationship", "0002_acts_of_history"),
    ]

    operations = [migrations.DeleteModel(name="HistoryRecord")]
