from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "confianza.server.ledger"
    label = "ledger"
