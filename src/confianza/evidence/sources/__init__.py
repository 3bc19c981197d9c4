"""Importers, one a source: read the publisher's own format, or refuse with every problem named."""
