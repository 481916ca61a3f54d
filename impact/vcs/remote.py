"""Where commits can be fetched from, and the credentials to show there.

The remote of the checkout with what the checkout is configured to send, else the server
of the CI run.  Whatever is secret reaches git through its environment: never the process
list, a file or a configuration.
"""

from __future__ import annotations

import base64
import os
import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from impact.vcs.git import Git

_HTTP_SETTINGS = (
    "extraheader",
    "proxy",
    "sslcainfo",
    "sslcapath",
    "sslcert",
    "sslkey",
    "sslverify",
)
"""What is taken over from the checkout: https://git-scm.com/docs/git-config, ``http.*``.
Nothing that names a program."""


@dataclass(frozen=True, slots=True)
class Server:
    """The CI server: its URL, the repository's OWNER/NAME there, and a token that reads it."""

    url: str
    repository: str
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Remote:
    """A URL with nothing secret in it, and git's settings for talking to it."""

    url: str
    settings: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def shown(self) -> str:
        """The URL for people."""
        return _without_user(self.url)

    def redacted(self, text: str) -> str:
        """The text without anything secret."""
        headers = [value for name, value in self.settings if name.endswith(".extraheader")]
        users = [_user_of(value) for value in dict(self.settings).values()]
        secrets = {word for value in headers for word in value.split()[-1:]}
        secrets.update(word for user in users for word in (user, user.partition(":")[2]))
        for secret in sorted(secrets - {""}, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text


def find_remote(checkout: Git | None, server: Server | None) -> Remote | None:
    """Where the checkout came from, else the server of the run; None where it has neither."""
    url = _url_of(checkout) if checkout is not None else None
    ours = f"{server.url.rstrip('/')}/{quote(server.repository)}" if server else None
    if url is None:
        if ours is None:
            return None
        url = ours
    elif ours is not None and server is not None and server.token and _is_same(url, server):
        # A checkout by SSH has its key in a program's arguments; the token reads as well.
        url = ours
    settings = _settings(checkout, url, server)
    return Remote(_without_user(url) if _is_http(url) else url, settings)


def _url_of(checkout: Git) -> str | None:
    names = checkout.run("remote").decode("utf-8", "surrogateescape").splitlines()
    name = names[0] if len(names) == 1 else "origin"
    if name not in names:
        return None
    answer = checkout.call("remote", "get-url", "--", name)
    if answer.status:
        return None
    url = os.fsdecode(answer.output.removesuffix(b"\n"))
    # As git tells them apart: https://git-scm.com/docs/git-fetch#_git_urls
    if "://" in url or re.match(r"[^/]*:", url):
        return url
    return os.path.join(checkout.root, url)


def _is_same(url: str, server: Server) -> bool:
    """Whether an SSH URL names the server's repository."""
    host = _parts(server.url)[2].partition(":")[0]
    path = re.escape(server.repository)
    return bool(
        re.fullmatch(
            rf"(ssh://)?([^@/]+@)?{re.escape(host)}(:\d+)?[:/]+{path}(\.git)?/?", url, re.I
        )
    )


def _settings(
    checkout: Git | None, url: str, server: Server | None
) -> tuple[tuple[str, str], ...]:
    if not _is_http(url):
        return ()
    plain = _without_user(url)
    found = _configured(checkout, url) if checkout is not None else {}
    header = found.pop("extraheader", None)
    user = _user_of(url)
    token = server.token if server and _origin(url) == _origin(server.url) else ""
    if user:
        # git would give the URL as it is to a program of its own, as an argument.
        header = _basic(":".join(unquote(part) for part in (user + ":").split(":")[:2]))
    elif header is None and token:
        # https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation#about-authentication-as-a-github-app-installation
        header = _basic(f"x-access-token:{token}")
        # Our token goes nowhere that only the checkout's configuration vouches for.
        found = {name: value for name, value in found.items() if name.startswith("sslca")}
    settings = [(f"http.{plain}.{name}", value) for name, value in found.items()]
    if header is not None:
        # The empty one takes away those of the user's own configuration: two are an error.
        settings += [(f"http.{plain}.extraheader", value) for value in ("", header)]
        # git would send it to wherever the server redirects to.
        settings.append((f"http.{plain}.followRedirects", "false"))
    return tuple(settings)


def _basic(user: str) -> str:
    return f"AUTHORIZATION: basic {base64.b64encode(os.fsencode(user)).decode()}"


def _configured(checkout: Git, url: str) -> dict[str, str]:
    """The settings of the checkout for a URL: https://git-scm.com/docs/git-config#Documentation/git-config.txt---get-urlmatchnameURL."""
    answer = checkout.call("config", "-z", "--get-urlmatch", "http", url)
    rows = os.fsdecode(answer.output).split("\0")[:-1] if not answer.status else []
    found = {}
    for row in rows:
        name, _, value = row.partition("\n")
        if name.removeprefix("http.") in _HTTP_SETTINGS:
            found[name.removeprefix("http.")] = value
    return found


def _is_http(url: str) -> bool:
    return url.lower().startswith(("http://", "https://"))


def _origin(url: str) -> tuple[str, str]:
    scheme, _, place = _parts(url.lower())
    return scheme, place


def _user_of(url: str) -> str:
    return _parts(url)[1]


def _without_user(url: str) -> str:
    user = _user_of(url)
    return url.replace(user + "@", "", 1) if user else url


def _parts(url: str) -> tuple[str, str, str]:
    """Scheme, user and password, host and port, of any text: empty where there is none."""
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]*)://(?:([^/?#]*)@)?([^/?#]*)", url)
    return (found[1], found[2] or "", found[3]) if found else ("", "", "")
