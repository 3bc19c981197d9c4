"""The tables that `evidence` handed over."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0007_training_reports_apart'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[
            migrations.CreateModel(
                name='Classification',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('field', models.CharField(max_length=40)),
                    ('text', models.TextField()),
                    ('partner_code', models.CharField(blank=True, max_length=12)),
                    ('value', models.CharField(blank=True, max_length=40)),
                    ('level', models.CharField(blank=True, max_length=40)),
                    ('reason', models.TextField()),
                    ('at', models.DateTimeField()),
                    ('account', models.CharField(max_length=150)),
                ],
                options={
                    'ordering': ['pk'],
                },
            ),
            migrations.CreateModel(
                name='PrintedTotal',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('report', models.CharField(max_length=20)),
                    ('fiscal_year', models.IntegerField(null=True)),
                    ('partner_code', models.CharField(max_length=12)),
                    ('program', models.CharField(blank=True, max_length=200)),
                    ('page', models.IntegerField()),
                    ('computed_student_count', models.IntegerField()),
                    ('computed_cost_minor', models.BigIntegerField()),
                    ('printed_student_count', models.IntegerField(null=True)),
                    ('printed_cost_minor', models.BigIntegerField(null=True)),
                    ('currency', models.CharField(max_length=3)),
                    ('reconciles', models.BooleanField(null=True)),
                    ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='evidence.importrun')),
                ],
                options={
                    'ordering': ['report', 'partner_code', 'pk'],
                },
            ),
            migrations.CreateModel(
                name='RuleReason',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('rules_version', models.CharField(max_length=80)),
                    ('field', models.CharField(max_length=40)),
                    ('rule_id', models.CharField(max_length=80)),
                    ('reason', models.JSONField()),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('rules_version', 'field', 'rule_id'), name='rule_reason_once')],
                },
            ),
            migrations.CreateModel(
                name='ReportRow',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('report', models.CharField(max_length=20)),
                    ('volume', models.CharField(max_length=200)),
                    ('page', models.IntegerField()),
                    ('row', models.IntegerField()),
                    ('fiscal_year', models.IntegerField()),
                    ('is_planned', models.BooleanField(default=False)),
                    ('partner_code', models.CharField(max_length=12)),
                    ('program', models.CharField(max_length=200)),
                    ('course_title', models.TextField()),
                    ('student_count', models.IntegerField()),
                    ('location', models.TextField()),
                    ('student_unit', models.TextField()),
                    ('us_unit', models.TextField()),
                    ('cost_minor', models.BigIntegerField()),
                    ('currency', models.CharField(max_length=3)),
                    ('start_date', models.DateField(null=True)),
                    ('end_date', models.DateField(null=True)),
                    ('remarks', models.JSONField(default=list)),
                    ('program_family', models.CharField(default='unmatched', max_length=40)),
                    ('school_code', models.CharField(default='unmatched', max_length=40)),
                    ('institution_code', models.CharField(default='unmatched', max_length=40)),
                    ('category', models.CharField(default='unmatched', max_length=40)),
                    ('level', models.CharField(default='unmatched', max_length=40)),
                    ('rules', models.JSONField(default=dict)),
                    ('rules_version', models.CharField(blank=True, default='', max_length=80)),
                    ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='evidence.importrun')),
                ],
                options={
                    'ordering': ['fiscal_year', 'partner_code', 'pk'],
                    'indexes': [models.Index(fields=['fiscal_year', 'partner_code', 'id'], name='training_line_order'), models.Index(fields=['is_planned', 'partner_code', 'fiscal_year', 'program_family', 'school_code', 'institution_code', 'category', 'level', 'currency', 'student_count', 'cost_minor'], name='training_line_sums'), models.Index(fields=['is_planned', 'currency', 'fiscal_year', 'category', 'student_count', 'cost_minor'], name='training_by_fiscal_year'), models.Index(fields=['is_planned', 'currency', 'partner_code', 'category', 'student_count', 'cost_minor'], name='training_by_partner_code'), models.Index(fields=['is_planned', 'currency', 'program_family', 'category', 'student_count', 'cost_minor'], name='training_by_program_family'), models.Index(fields=['is_planned', 'currency', 'school_code', 'fiscal_year', 'student_count', 'cost_minor'], name='training_by_school_code'), models.Index(fields=['is_planned', 'currency', 'institution_code', 'category', 'student_count', 'cost_minor'], name='training_by_institution_code'), models.Index(fields=['is_planned', 'currency', 'category', 'student_count', 'cost_minor'], name='training_by_category'), models.Index(fields=['is_planned', 'currency', 'level', 'student_count', 'cost_minor'], name='training_by_level')],
                    'constraints': [models.UniqueConstraint(fields=('run', 'volume', 'page', 'row'), name='training_line_once'), models.CheckConstraint(condition=models.Q(('student_count__gte', 0)), name='training_line_students')],
                },
            ),
        ]),
    ]
