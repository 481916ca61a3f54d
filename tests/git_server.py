"""A real git server: `git http-backend` behind HTTP on 127.0.0.1, which counts what it serves.

A test module takes the fixture in with ``pytest_plugins = ["tests.git_server"]``.  What
can go wrong with a server is a field of `GitServer`, off at first.

https://git-scm.com/docs/git-http-backend

PYTEST_DONT_REWRITE: test modules import names from here before pytest loads the plugin.
"""

from __future__ import annotations

import base64
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.oracle import plain_git_environment

SETTINGS = {
    "uploadpack.allowFilter": "true",
    "uploadpack.allowAnySHA1InWant": "true",
    "safe.directory": "*",
}
CHUNK = 1 << 16


@dataclass
class Request:
    """One request: its line, the headers, and the bytes of both bodies.

    ``processes``: the command lines of this machine meanwhile, if the server looks.
    """

    line: str
    authorization: str | None
    protocol: str | None
    received: int = 0
    sent: int = 0
    processes: str = ""


@dataclass
class GitServer:
    """Serves every repository below ``root``, as GitHub does.

    ``token``: nobody gets in without it.  ``refuses_ids``: the old protocol, in which only
    the tips of refs can be asked for.  ``settings``: of its git.  ``hangs``: never answers.
    ``cuts``: ends the connection after so many bytes of a pack.  ``latency``: seconds
    before each answer, as a network has.  ``redirects``: to that URL.  ``looks``: what all
    processes were called with.
    """

    root: Path
    url: str = ""
    token: str | None = None
    refuses_ids: bool = False
    settings: dict[str, str] = field(default_factory=lambda: dict(SETTINGS))
    hangs: bool = False
    cuts: int | None = None
    latency: float = 0
    redirects: str | None = None
    looks: bool = False
    requests: list[Request] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def sent(self) -> int:
        """The bytes of all bodies sent."""
        return sum(request.sent for request in self.requests)

    @property
    def trips(self) -> int:
        """How many requests there were."""
        return len(self.requests)

    def environment(self) -> dict[str, str]:
        """That of the server's own git."""
        settings = dict(self.settings)
        if self.refuses_ids:
            settings["uploadpack.allowAnySHA1InWant"] = "false"
        found = plain_git_environment(self.root)
        found["GIT_CONFIG_COUNT"] = str(len(settings))
        for number, (name, value) in enumerate(settings.items()):
            found[f"GIT_CONFIG_KEY_{number}"] = name
            found[f"GIT_CONFIG_VALUE_{number}"] = value
        return found | {"GIT_PROJECT_ROOT": str(self.root), "GIT_HTTP_EXPORT_ALL": "1"}


@contextmanager
def serving(root: Path) -> Iterator[GitServer]:
    """A server for as long as the block lasts."""
    asked = subprocess.run(["git", "--exec-path"], stdout=-1, text=True, check=True)
    if not Path(asked.stdout.strip(), "git-http-backend").exists():
        pytest.fail("git http-backend is missing: install git whole (Alpine: git-daemon)")
    server = GitServer(root)

    class Handler(_Handler):
        git_server = server

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server.url = f"http://127.0.0.1:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        http.shutdown()
        http.server_close()
        thread.join()


@pytest.fixture
def git_server(tmp_path: Path) -> Iterator[GitServer]:
    """A server of everything below the test's directory."""
    with serving(tmp_path) as server:
        yield server


class _Handler(BaseHTTPRequestHandler):
    git_server: GitServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""

    def _serve(self) -> None:
        server = self.git_server
        body = self._body()
        request = Request(
            self.requestline,
            self.headers.get("Authorization"),
            self.headers.get("Git-Protocol"),
            len(body),
        )
        server.requests.append(request)
        if server.looks:
            request.processes = "\n".join(_command_lines())
        time.sleep(server.latency)
        if server.hangs:
            server.ended.wait()
            self.close_connection = True
        elif server.redirects:
            self._answer(302, {"Location": server.redirects + self.path})
        elif server.token is not None and not self._may_enter(server.token):
            self._answer(401, {"WWW-Authenticate": 'Basic realm="git"'})
        else:
            with suppress(ConnectionError):
                self._run(request, body)

    def _may_enter(self, token: str) -> bool:
        """GitHub takes a token as the password of this user."""
        expected = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        given = self.headers.get("Authorization", "")
        return given.lower() == f"basic {expected}".lower()

    def _answer(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for item in headers.items():
            self.send_header(*item)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        whole = b""
        while size := int(self.rfile.readline(), 16):
            whole += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return whole

    def _run(self, request: Request, body: bytes) -> None:
        server = self.git_server
        path, _, query = self.path.partition("?")
        environment = server.environment() | {
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "REMOTE_USER": "nobody",
            "REMOTE_ADDR": "127.0.0.1",
        }
        protocol = self.headers.get("Git-Protocol")
        if protocol and not server.refuses_ids:
            environment["GIT_PROTOCOL"] = protocol
        with subprocess.Popen(
            ["git", "http-backend"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as backend:
            assert backend.stdin is not None
            assert backend.stdout is not None
            # It reads all before it answers, but for what ends a session early.
            with suppress(BrokenPipeError):
                backend.stdin.write(body)
                backend.stdin.close()
            status, headers = 200, []
            while line := backend.stdout.readline().strip():
                name, _, value = line.decode().partition(": ")
                if name == "Status":
                    status = int(value.split()[0])
                else:
                    headers.append((name, value))
            self.send_response(status)
            for item in headers:
                self.send_header(*item)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            whole = server.cuts if self.command == "POST" else None
            while chunk := backend.stdout.read1(CHUNK):
                if whole is not None and request.sent + len(chunk) > whole:
                    chunk = chunk[: whole - request.sent]
                    self.wfile.write(b"%x\r\n%b" % (len(chunk) + 1, chunk))
                    self.close_connection = True
                    backend.kill()
                    return
                request.sent += len(chunk)
                self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            self.wfile.write(b"0\r\n\r\n")


def _command_lines() -> Iterator[str]:
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield file.read_bytes().replace(b"\0", b" ").decode(errors="replace")


def serve_forever() -> None:
    """`python -m tests.git_server DIRECTORY`: a server to try things with."""
    import sys

    with serving(Path(sys.argv[1])) as server:
        print(server.url, flush=True)  # noqa: T201
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    serve_forever()
