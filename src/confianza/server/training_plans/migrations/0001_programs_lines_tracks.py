import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('institutions', '0002_advice_beside_command'),
        ('alumni', '0002_courses_posts_reports'),
    ]

    operations = [
        migrations.CreateModel(
            name='TrainingProgram',
            fields=[
                ('code', models.CharField(max_length=7, primary_key=True, serialize=False)),
                ('fiscal_year', models.IntegerField()),
                ('status', models.CharField(blank=True, max_length=20)),
                ('version', models.IntegerField(default=0)),
                ('ceiling_minor', models.BigIntegerField(default=0)),
                ('is_shared', models.BooleanField(default=False)),
                ('is_simulated', models.BooleanField(default=False)),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='institutions.party')),
            ],
            options={
                'ordering': ['partner_id', '-fiscal_year'],
            },
        ),
        migrations.CreateModel(
            name='StudentTrack',
            fields=[
                ('code', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='Code')),
                ('version', models.IntegerField(default=0, verbose_name='Version')),
                ('status', models.CharField(blank=True, max_length=20, verbose_name='Status')),
                ('student', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tracks', to='alumni.student', verbose_name='Person')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tracks', to='training_plans.trainingprogram', verbose_name='Training program')),
            ],
            options={
                'verbose_name': 'Training track',
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='StudentRemark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.BigIntegerField(verbose_name='Event')),
                ('field', models.CharField(max_length=40, verbose_name='Field')),
                ('text', models.TextField(blank=True, verbose_name='Text')),
                ('track', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='remarks', to='training_plans.studenttrack')),
            ],
            options={
                'verbose_name': 'Remark',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('event', 'field'), name='remark_once_a_field')],
            },
        ),
        migrations.CreateModel(
            name='TrainingLine',
            fields=[
                ('code', models.CharField(max_length=13, primary_key=True, serialize=False)),
                ('version', models.IntegerField(default=0)),
                ('status', models.CharField(blank=True, max_length=20)),
                ('school', models.CharField(blank=True, max_length=80)),
                ('start_date', models.DateField(null=True)),
                ('end_date', models.DateField(null=True)),
                ('seat_count', models.IntegerField(default=0)),
                ('taken_count', models.IntegerField(default=0)),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='training_plans.trainingprogram')),
            ],
            options={
                'ordering': ['code'],
                'indexes': [models.Index(fields=['school', 'start_date'], name='line_by_school')],
            },
        ),
    ]
