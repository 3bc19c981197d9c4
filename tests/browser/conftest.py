"""A real `confianza demo` and a real headless Chromium."""

import io
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import sync_playwright

SCREENSHOTS = Path(__file__).parents[2] / "docs" / "screenshots"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP confianza.example.org 127.0.0.1",  # the name in docs/operating.md
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The address and the password of a running demo."""
    folder = tmp_path_factory.mktemp("demo")
    port = free_port()
    log = folder / "log"
    environment = {name: value for name, value in os.environ.items() if name != "CONFIANZA_DATABASE_URL"}
    with log.open("w") as out:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "confianza",
                "demo",
                "--workspace",
                folder / "demo.sqlite3",
                "--port",
                str(port),
            ],
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        try:
            for _ in range(3000):  # five minutes, on a machine that is busy
                if found := re.search(r"Demo password: (\S+)", log.read_text()):
                    break
                assert process.poll() is None, log.read_text()
                time.sleep(0.1)
            else:
                pytest.fail(f"the demo did not come up: {log.read_text()}")
            yield f"http://127.0.0.1:{port}", found[1]
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture(scope="session")
def chromium():
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        pytest.fail("no Chromium on this machine: run scripts/ensure.sh chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, demo):
    """A page that fails its test on an error in the console or a request to anywhere else."""
    address, _ = demo
    faults = []
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    made = context.new_page()
    made.on(  # an answer of 4xx to the page itself is meant; to anything on it, see "response"
        "console",
        lambda entry: (
            faults.append(entry.text)
            if entry.type == "error" and "Failed to load resource" not in entry.text
            else None
        ),
    )
    made.on(
        "response",
        lambda answer: (
            faults.append(f"{answer.status}: {answer.url}")
            if answer.status >= 400 and answer.request.resource_type != "document"
            else None
        ),
    )
    made.on("pageerror", lambda error: faults.append(str(error)))
    made.on(  # a page left before its charts were there is no fault
        "requestfailed",
        lambda request: None if "ABORTED" in request.failure else faults.append(f"failed: {request.url}"),
    )
    made.on(
        "request", lambda request: None if request.url.startswith(address) else faults.append(request.url)
    )
    yield made
    context.close()
    assert faults == []


@pytest.fixture(scope="session")
def sessions():
    """The cookie of each account that has signed in."""
    return {}


@pytest.fixture
def sign_in(page, demo, sessions):
    """Opens a page as an account, in a language: with the session of its last sign-in while that goes on."""
    address, password = demo

    def enter(account: str, first: str = "/", language: str = "en") -> None:
        spoken = {"name": "django_language", "value": language, "url": address}
        if account in sessions:
            page.context.add_cookies([sessions[account], spoken])
            page.goto(f"{address}{first}")
            if page.url == f"{address}{first}":
                return
        page.goto(f"{address}/login/")
        page.fill("#id_username", account)
        page.fill("#id_password", password)
        page.click("form.login button")
        page.wait_for_url(f"{address}/")
        (sessions[account],) = (one for one in page.context.cookies() if one["name"] == "sessionid")
        if (first, language) != ("/", "en"):
            page.context.add_cookies([spoken])
            page.goto(f"{address}{first}")

    return enter


@pytest.fixture
def picture(page):
    """Takes a screenshot into docs/screenshots when CONFIANZA_SCREENSHOTS=1."""

    def take(name: str) -> None:
        if os.environ.get("CONFIANZA_SCREENSHOTS") == "1":
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            page.evaluate("document.activeElement?.blur()")  # no ring around what was last clicked
            page.evaluate("document.querySelectorAll('.scroll').forEach(part => { part.scrollLeft = 0; })")
            shot = Image.open(io.BytesIO(page.screenshot(full_page=True)))
            shot.quantize(256, dither=Image.Dither.NONE).save(SCREENSHOTS / f"{name}.png", optimize=True)

    return take
