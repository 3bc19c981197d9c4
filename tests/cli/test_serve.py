"""`confianza serve`: accounts, proxies and ports; what it serves is the same on both databases."""

import re
import signal
import socket
import urllib.error
import urllib.request
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest


def serving(shell, *arguments):
    """A started server: the process, its address and everything it printed so far."""
    process = shell.start(*arguments)
    lines = []
    while not (lines and "Pages: " in lines[-1]):
        lines.append(process.stderr.readline())
        assert lines[-1] or process.poll() is None, lines
    if arguments[0] == "demo":
        lines += [process.stderr.readline() for _ in range(2)]
    return process, re.search(r"http://\S+", "".join(lines))[0], "".join(lines)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_pages_are_served_with_a_password_that_is_new_each_time(shell):
    passwords = set()
    for _ in range(2):
        process, address, said = serving(shell, "demo", "--port", free_port())
        try:
            passwords.add(re.search(r"Demo password: (\S+)", said)[1])
            with urllib.request.urlopen(address) as page:  # noqa: S310 - our own
                assert page.url.endswith("/login/?next=/")
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)
    assert len(passwords) == 2
    assert all(len(password) >= 12 for password in passwords)


def test_serve_does_not_open_the_demo_accounts(shell):
    process, address, said = serving(shell, "serve", "--port", free_port())
    try:
        assert "password" not in said
        with urllib.request.urlopen(address) as page:  # noqa: S310 - our own
            assert "enlace" not in page.read().decode()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


# Told by anybody: that the page came over HTTPS, from another machine.
CLAIMS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7", "Forwarded": "proto=https"}


def is_taken_for_https(address: str, **claims: str) -> bool:
    """Whether the form of a page that a browser has from HTTPS is accepted, as it is only when it came over HTTPS."""
    token = "a" * 32
    headers = {"Origin": address.replace("http:", "https:").rstrip("/"), "Cookie": f"csrftoken={token}"}
    form = f"csrfmiddlewaretoken={token}&username=x&password=x".encode()
    post = urllib.request.Request(f"{address}login/", data=form, headers=headers | claims)  # noqa: S310 - our own
    try:
        with urllib.request.urlopen(post) as page:  # noqa: S310 - our own
            status = page.status
    except urllib.error.HTTPError as error:
        status = error.code
    return {200: True, 403: False}[status]


@pytest.mark.parametrize("proxy", [None, "192.0.2.1"])
def test_what_a_stranger_says_of_https_is_not_believed(shell, proxy):
    """Neither without a proxy nor from another address than the proxy's."""
    options = ("--trusted-proxy", proxy) if proxy else ()
    process, address, _ = serving(shell, "serve", "--port", free_port(), *options)
    try:
        assert not is_taken_for_https(address, **CLAIMS)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


def test_what_the_trusted_proxy_says_of_https_is_believed(shell):
    shell.environment["CONFIANZA_PROXY"] = "127.0.0.1"
    process, address, _ = serving(shell, "serve", "--port", free_port())
    try:
        assert is_taken_for_https(address, **CLAIMS)
        assert not is_taken_for_https(address, **CLAIMS | {"X-Forwarded-Proto": "http"})
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


def test_a_proxy_that_could_not_work_is_one_clear_error(shell):
    error = shell.run("serve", "--trusted-proxy", "proxy.example.org", code=1).stderr
    assert "'proxy.example.org' is not the address of a proxy" in error
    shell.environment["CONFIANZA_HTTPS"] = "1"
    assert "--trusted-proxy" in shell.run("serve", code=1).stderr


def test_connections_that_ask_nothing_and_bodies_without_end_do_not_stop_the_server(shell):
    process, address, _ = serving(shell, "serve", "--port", free_port())
    place = urlsplit(address)
    with ExitStack() as opened:
        opened.callback(process.communicate, timeout=60)
        opened.callback(process.send_signal, signal.SIGINT)

        def begin(text: str) -> socket.socket:
            connection = socket.create_connection((place.hostname, place.port), timeout=60)
            opened.enter_context(connection)
            connection.sendall(text.encode())
            return connection

        for _ in range(150):
            begin("GET /login/ HTTP/1.1\r\nHost: localhost\r\n")
        with urllib.request.urlopen(f"{address}login/", timeout=60) as page:  # noqa: S310 - our own
            assert page.status == 200
        head = "POST /login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n"
        assert b" 413 " in begin(head.format(26 * 2**20)).recv(100)


def test_a_port_in_use_is_one_clear_error(shell):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        error = shell.run("serve", "--port", port, code=1).stderr
    assert str(port) in error
    assert "--port" in error
    assert "Traceback" not in error
