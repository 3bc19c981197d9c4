"""What the fork server of commands imports: the package with Django set up, so that a command need not do it again.

A fork forgets what depends on its environment (`forget_settings`): `django.setup()` then reads the settings anew.
"""

import importlib
import os
import sys

import django
from django.apps import apps
from django.conf import empty, settings
from django.db import connections
from django.db.migrations.loader import MigrationLoader

import tests.quick_hashes  # noqa: F401 - makes passwords quick to check

SETTINGS = "confianza.server.settings"
USED_BY_COMMANDS = [
    "confianza.cli",
    "confianza.server.cases.documents",
    "confianza.server.demo",
    "confianza.server.schema",
    "confianza.server.training_plans.documents",
    "django.core.management.commands.migrate",
    "django.views.debug",
    "scipy.optimize",
    "typer._adapters",
]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
django.setup()
MigrationLoader(None)
for name in USED_BY_COMMANDS:
    importlib.import_module(name)


def forget_settings() -> None:
    """Leave Django as it is before it is set up, but for what is imported."""
    del sys.modules[SETTINGS]
    settings._wrapped = empty
    connections.close_all()
    for name in list(connections.settings):
        del connections[name]
    del connections.settings
    connections._settings = None
    apps.ready = False
    apps.populate = _populate


def _populate(installed: object = None) -> None:
    """What is left of `apps.populate` when every model is imported: each app of ours says that it is ready."""
    for config in apps.get_app_configs():
        if config.name.startswith("confianza."):
            config.ready()
    apps.ready = True


def forget_django() -> None:
    """Make every import of Django fail, as where it is not installed."""
    for name in [
        name for name in sys.modules if name.startswith(("django", "confianza.server", "axes", "ninja"))
    ]:
        del sys.modules[name]
    sys.modules["django"] = None
