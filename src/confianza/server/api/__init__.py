"""The REST interface: the same services and permissions as the pages, as JSON."""
