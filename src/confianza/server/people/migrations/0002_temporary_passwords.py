from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0001_accounts'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='password_is_temporary',
            field=models.BooleanField(default=False),
        ),
    ]
