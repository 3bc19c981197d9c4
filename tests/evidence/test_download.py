"""Files by address: what a server may send, and what is refused. The server is one of this machine."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from confianza.errors import ImportRefusal
from confianza.evidence.archive import archive, digest_of
from confianza.evidence.download import download, is_address, local_file

PDF = Path(__file__).parents[1] / "data" / "fmtr" / "mx_2011_2012.pdf"
HTTP = frozenset({"http"})


class Publisher(BaseHTTPRequestHandler):
    """Answers each path as a test needs it."""

    def do_GET(self):
        path = self.path
        if path.startswith("/to/"):
            self.answer(302, b"", Location=path.removeprefix("/to/"))
        elif path == "/documents/organization/197615.pdf":
            self.answer(200, PDF.read_bytes(), **{"Content-Type": "application/pdf"})
        elif path == "/report/92089":
            self.answer(200, b"<html></html>", **{"Content-Type": "text/html; charset=utf-8"})
        elif path == "/picture":
            self.answer(200, b"x", **{"Content-Type": "image/png"})
        elif path == "/endless":  # no length announced
            self.send_response(200)
            self.send_header("Content-Type", "application/pdf")
            self.end_headers()
            self.wfile.write(b"x" * 5000)
        elif path == "/short":
            self.answer(200, b"x" * 10, length=1000, **{"Content-Type": "application/pdf"})
        else:
            self.answer(404, b"no")

    def answer(self, status, body, length=None, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length or len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture(scope="module")
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Publisher)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def refused(*arguments, **options) -> str:
    with pytest.raises(ImportRefusal) as refusal:
        download(*arguments, **options)
    (problem,) = refusal.value.problems
    for language in ("en", "es"):
        assert arguments[0].partition("://")[0] in problem.in_language(language)
    return problem.code


def test_a_file_comes_whole_under_its_own_name_and_is_archived_by_its_content(site, tmp_path):
    path = download(f"{site}/documents/organization/197615.pdf", tmp_path, schemes=HTTP)
    assert path == tmp_path / "197615.pdf"
    kept = archive(path, tmp_path / "archive")
    assert kept.name == f"{digest_of(PDF)}.pdf"


def test_a_page_without_a_suffix_gets_that_of_its_kind(site, tmp_path):
    assert download(f"{site}/report/92089", tmp_path, schemes=HTTP).name == "92089.htm"


def test_a_redirect_to_the_same_kind_of_address_is_followed(site, tmp_path):
    path = download(f"{site}/to//report/92089", tmp_path, schemes=HTTP)
    assert path.read_bytes() == b"<html></html>"


@pytest.mark.parametrize(
    "elsewhere", ["file:///etc/hostname", "ftp://127.0.0.1/x.pdf", "https://127.0.0.1/x"]
)
def test_a_redirect_to_another_kind_of_address_is_refused(site, tmp_path, elsewhere):
    with pytest.raises(ImportRefusal) as refusal:
        download(f"{site}/to/{elsewhere}", tmp_path, schemes=HTTP)
    assert [problem.code for problem in refusal.value.problems] == ["address-scheme"]


@pytest.mark.parametrize("address", ["http://127.0.0.1/x.pdf", "file:///etc/hostname", "https:///x.pdf"])
def test_only_https_is_fetched(tmp_path, address):
    assert refused(address, tmp_path) == "address-scheme"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/nothing", "address-error"),
        ("/picture", "address-content"),
        ("/endless", "address-too-large"),
        ("/documents/organization/197615.pdf", "address-too-large"),
        ("/short", "address-unreachable"),
    ],
)
def test_what_cannot_be_used_is_refused_and_leaves_nothing(site, tmp_path, path, code):
    assert refused(f"{site}{path}", tmp_path, schemes=HTTP, max_bytes=4096) == code
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_not_there_is_named(tmp_path, site):
    assert refused("http://127.0.0.1:9/x.pdf", tmp_path, schemes=HTTP, timeout=2) == "address-unreachable"


def test_a_path_stays_where_it_is():
    with local_file(str(PDF)) as path:
        assert path == PDF


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("https://www.state.gov/x.pdf", True),
        ("volumes/x.pdf", False),
        ("C:\\x.pdf", False),
        ("file:///x", True),
    ],
)
def test_an_address_is_told_from_a_path(source, expected):
    assert is_address(source) is expected
