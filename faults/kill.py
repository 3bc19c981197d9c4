"""Server and importer killed at random points: nothing half-done, nothing acknowledged is missing.

python -m faults.kill --times 50    (SQLite in a folder of its own, or the server CONFIANZA_DATABASE_URL names)
"""

from __future__ import annotations

import argparse
import csv
import http.client
import json
import os
import random
import secrets
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from faults.workspace import FUNDS, add_cases, broken_invariants, identifier, scratch

PASSWORD = "a phrase for the robot 7"  # noqa: S105 - of a workspace thrown away
BATCH = 40
PATIENCE = 120  # seconds: a step given up on a busy machine may still be recorded, and would be sent twice


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def sign_in() -> dict[str, str]:
    """Headers of a session of the robot, as a browser would send them."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from confianza.server.people.models import User

    robot = User.objects.get(username="robot")
    session = SessionStore()
    session[SESSION_KEY] = str(robot.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = robot.get_session_auth_hash()
    session.create()
    token = "a" * 32
    return {
        "Content-Type": "application/json",
        "Cookie": f"sessionid={session.session_key}; csrftoken={token}",
        "X-CSRFToken": token,
    }


def record_steps(
    port: int, headers: dict[str, str], names: list[str], until: float, acknowledged: list[tuple[str, int]]
) -> None:
    """Post steps to a running server until the time comes; keep what it acknowledged."""
    while time.monotonic() < until:
        name = random.choice(names)
        body = {"on": "2022-02-01", "fields": {"line": "001", "amount": "0.01"}}
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/cases/{name}/steps/obligate",
            data=json.dumps(body).encode(),
            headers=headers,
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - loopback
                acknowledged.append((name, json.load(answer)["version"]))
        except urllib.error.HTTPError as error:
            if error.code != 409:
                raise
        except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError):
            time.sleep(0.02)


def kill_server(headers: dict[str, str], names: list[str], seconds: float) -> list[tuple[str, int]]:
    """Start the server, record steps, kill it while they are under way; what was acknowledged."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "confianza", "serve", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    acknowledged: list[tuple[str, int]] = []
    patience = time.monotonic() + PATIENCE
    try:
        while not acknowledged and time.monotonic() < patience:
            record_steps(port, headers, names, time.monotonic() + 0.02, acknowledged)
        killer = threading.Timer(seconds, server.kill)
        killer.start()
        record_steps(port, headers, names, time.monotonic() + seconds + 0.1, acknowledged)
        killer.join()
    finally:
        server.kill()
        server.wait()
    return acknowledged


def kill_importer(folder: Path, first: int, seconds: float) -> list[str]:
    """Import a file of cases and kill it; the identifiers of the file."""
    names = [identifier(number) for number in range(first, first + BATCH)]
    path = folder / f"cases-{first}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["identifier", "title", "partner", "funds", "edition"])
        writer.writerows([name, "Simulated", "BN", FUNDS, "samm-2012-legacy"] for name in names)
    importer = subprocess.Popen(
        [sys.executable, "-m", "confianza", "case", "import", str(path), "--as", "program-director"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        importer.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        importer.kill()
        importer.wait()
    return names


def run(times: int) -> int:
    """Exit status 1 when anything does not hold after a kill."""
    os.environ["CONFIANZA_SECRET_KEY"] = secrets.token_urlsafe(50)  # before the settings are read
    with scratch() as folder:
        from django.db import connections

        from confianza.cooperation.actors import Actor
        from confianza.server.cases.models import Case
        from confianza.server.people.models import User
        from confianza.server.people.services import add_person

        names = add_cases(5)
        add_person(
            account="robot",
            role="case_manager",
            party_code="US",
            language="en",
            password=PASSWORD,
            actor=Actor("faults", "administrator"),
        )
        User.objects.filter(username="robot").update(password_is_temporary=False)  # as if it had chosen it
        headers = sign_in()
        broken: list[str] = []
        told = halves = whole = 0
        for turn in range(times):
            begun = dict(Case.objects.filter(pk__in=names).values_list("pk", "version"))
            connections.close_all()
            if turn % 2:
                batch = kill_importer(folder, 10_000 + turn * BATCH, random.uniform(0.3, 2.5))
                there = Case.objects.filter(pk__in=batch).count()
                whole += there == BATCH
                if there not in {0, BATCH}:
                    halves += 1
                    broken.append(f"turn {turn}: {there} of {BATCH} cases of a file are there")
            else:
                acknowledged = kill_server(headers, names, random.uniform(0.05, 1.5))
                told += len(acknowledged)
                ended = dict(Case.objects.filter(pk__in=names).values_list("pk", "version"))
                for name, version in acknowledged:
                    if version > ended[name]:
                        broken.append(
                            f"turn {turn}: {name} version {version} was acknowledged and is not there"
                        )
                for name in names:
                    ours = sum(1 for other, _ in acknowledged if other == name)
                    if ended[name] - begun[name] not in {ours, ours + 1}:  # one may be written and not told
                        broken.append(f"turn {turn}: {name} went {begun[name]} to {ended[name]}, told {ours}")
            broken += [f"turn {turn}: {line}" for line in broken_invariants(names)]
        print(
            f"{times} kills: {told} steps acknowledged and all there, {whole} of {times // 2} files whole, "
            f"{halves} half; broken {len(broken)}"
        )
        for line in broken[:20]:
            print(" ", line)
        connections.close_all()
    return bool(broken)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    sys.exit(run(parser.parse_args().times))
