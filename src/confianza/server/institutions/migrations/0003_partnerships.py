import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('institutions', '0002_advice_beside_command'),
    ]

    operations = [
        migrations.RenameField('party', 'code', 'manual_code'),
        migrations.AddField('party', 'iso_code', models.CharField(max_length=2, null=True)),
        migrations.CreateModel(
            name='Partnership',
            fields=[
                ('code', models.CharField(max_length=5, primary_key=True, serialize=False)),
                ('name', models.JSONField()),
                ('first_year', models.SmallIntegerField(null=True)),
                ('last_year', models.SmallIntegerField(null=True)),
                ('first_training_fy', models.SmallIntegerField(null=True)),
                ('last_training_fy', models.SmallIntegerField(null=True)),
                ('assessment_date', models.DateField(null=True)),
                ('program', models.CharField(blank=True, max_length=60)),
                ('program_name', models.JSONField(null=True)),
                ('data_set', models.CharField(blank=True, max_length=40)),
                ('position', models.IntegerField()),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='partnerships_as_host', to='institutions.party')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='partnerships_as_partner', to='institutions.party')),
            ],
            options={'ordering': ['position']},
        ),
    ]
