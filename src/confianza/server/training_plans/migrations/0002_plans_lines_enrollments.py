"""Plans, lines and enrollments are called by their names."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("training_plans", "0001_programs_lines_tracks")]

    operations = [
        migrations.RenameModel("TrainingProgram", "TrainingPlan"),
        migrations.RenameModel("TrainingLine", "PlanLine"),
        migrations.RenameModel("StudentTrack", "StudentEnrollment"),
        migrations.RenameField("planline", "program", "plan"),
        migrations.RenameField("studentenrollment", "program", "plan"),
        migrations.RenameField("studentremark", "track", "enrollment"),
        migrations.AlterModelOptions("studentenrollment", {"ordering": ["code"], "verbose_name": "Enrollment"}),
        migrations.AlterField(
            "studentenrollment",
            "plan",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="enrollments",
                to="training_plans.trainingplan",
                verbose_name="Training plan",
            ),
        ),
        migrations.AlterField(
            "studentenrollment",
            "student",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="enrollments",
                to="alumni.student",
                verbose_name="Person",
            ),
        ),
    ]
