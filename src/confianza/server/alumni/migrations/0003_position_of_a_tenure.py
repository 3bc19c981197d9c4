import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("alumni", "0002_courses_posts_reports")]

    operations = [
        migrations.AlterField(
            model_name="tenure",
            name="post",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tenures",
                to="alumni.post",
                verbose_name="Position",
            ),
        ),
        migrations.AlterField(
            model_name="tenure",
            name="rank",
            field=models.CharField(blank=True, max_length=60, verbose_name="Rank"),
        ),
    ]
