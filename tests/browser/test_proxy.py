"""Signing in through a real TLS proxy, set up by the very block that docs/operating.md shows."""

import datetime
import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"
NAME = "confianza.example.org"
PASSWORD = "una frase larga de prueba 4"  # noqa: S105 - of a workspace thrown away
OWN_PASSWORD = "otra frase del proxy 9"  # noqa: S105 - of a workspace thrown away


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(port: int, process: subprocess.Popen, log: Path) -> None:
    for _ in range(600):
        if answers(port):
            return
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    pytest.fail(f"nothing answers on port {port}: {log.read_text()}")


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of our own for the name, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


def write_configuration(folder: Path, *, https: int, plain: int, pages: int) -> Path:
    """The block of the docs with our ports and paths, inside of what makes nginx run in a folder of its own."""
    certificate, key = write_certificate(folder)
    block = re.search(r"```nginx\n(.*?)```", OPERATING.read_text(encoding="utf-8"), re.DOTALL)[1]
    for shown, ours in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{https} ssl;"),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("http://127.0.0.1:8321;", f"http://127.0.0.1:{pages};"),
        ("/etc/ssl/confianza.pem", str(certificate)),
        ("/etc/ssl/confianza.key", str(key)),
    ):
        assert block.count(shown) == 1, shown
        block = block.replace(shown, ours)
    parts = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "\n".join(f"{part}_temp_path {folder}/{part};" for part in parts)
    file = folder / "nginx.conf"
    file.write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log stderr;\n"
        f"events {{}}\nhttp {{ access_log off;\n{paths}\n{block}}}\n"
    )
    return file


@pytest.fixture(scope="module")
def behind_proxy(tmp_path_factory):
    """A workspace of one administrator, served behind nginx: the ports of HTTPS, of plain HTTP and of the pages."""
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if nginx is None:
        pytest.fail("no nginx on this machine: run scripts/ensure.sh nginx")
    folder = tmp_path_factory.mktemp("proxy")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CONFIANZA_")}
    environment |= {
        "CONFIANZA_WORKSPACE": str(folder / "office.sqlite3"),
        "CONFIANZA_ALLOWED_HOSTS": NAME,
        "CONFIANZA_SECRET_KEY": "of this test only",
    }
    confianza = [sys.executable, "-m", "confianza"]
    add = ["people", "add", "boss", "--role", "administrator", "--party", "US", "--password", PASSWORD]
    for command in (["init"], add):
        subprocess.run([*confianza, *command], env=environment, check=True, capture_output=True)
    https, plain, pages = (free_port() for _ in range(3))
    configuration = write_configuration(folder, https=https, plain=plain, pages=pages)
    served = [*confianza, "serve", "--port", str(pages), "--trusted-proxy", "127.0.0.1"]
    started = []
    try:
        for port, command in ((pages, served), (https, [nginx, "-p", str(folder), "-c", str(configuration)])):
            log = folder / f"{port}.log"
            with log.open("w") as out:
                process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
            started.append(process)
            wait_for(port, process, log)
        yield https, plain, pages
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def test_a_person_signs_in_through_the_proxy_and_posts_a_form(chromium, behind_proxy):
    https, _, _ = behind_proxy
    address = f"https://{NAME}:{https}"
    context = chromium.new_context(ignore_https_errors=True, locale="en-US")
    try:
        page = context.new_page()
        page.goto(f"{address}/people/")
        page.fill("#id_username", "boss")
        page.fill("#id_password", PASSWORD)
        page.click("form.login button")
        page.wait_for_url(f"{address}/password/")  # a password that was given is temporary
        page.fill("#id_old_password", PASSWORD)
        for field in ("#id_new_password1", "#id_new_password2"):
            page.fill(field, OWN_PASSWORD)
        page.click("form.step button")
        page.wait_for_load_state()
        page.goto(f"{address}/people/")
        page.fill("#id_account", "ana")
        page.select_option("#id_role", "auditor")
        page.select_option("#id_party", "US")
        page.fill("#id_password", PASSWORD)
        page.click("form.step button")
        page.wait_for_selector("text=ana")
        assert page.goto(f"{address}/").status == 200
        cookies = {cookie["name"]: cookie["secure"] for cookie in context.cookies()}
        assert {"sessionid", "csrftoken", "django_language"} <= cookies.keys()
        assert all(cookies.values())
    finally:
        context.close()


def test_browsers_are_held_to_https(behind_proxy):
    https, plain, _ = behind_proxy
    unverified = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the certificate is our own
    unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
    secure = http.client.HTTPSConnection("127.0.0.1", https, context=unverified, timeout=20)
    secure.request("GET", "/login/", headers={"Host": f"{NAME}:{https}"})
    assert secure.getresponse().headers["Strict-Transport-Security"] == "max-age=31536000"
    secure.close()
    insecure = http.client.HTTPConnection("127.0.0.1", plain, timeout=20)
    insecure.request("GET", "/login/", headers={"Host": NAME})
    answer = insecure.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/login/")
    insecure.close()
