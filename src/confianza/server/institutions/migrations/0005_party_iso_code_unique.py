from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('institutions', '0004_partnerships_of_earlier_workspaces'),
    ]

    operations = [
        migrations.AlterField('party', 'iso_code', models.CharField(max_length=2, unique=True)),
    ]
