"""Where commits can be fetched from, and the credentials to show there.

The remote of the checkout with what the checkout is configured to send, else the server
of the CI run.  Whatever is secret reaches git through its environment: never the process
list, a file or a configuration.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from impact.vcs.git import Git
from impact.vcs.server import Server

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


_URL = re.compile(
    r"([A-Za-z][A-Za-z0-9+.-]*://)"
    # Any user, or one with a slash in the password, so that what looks like a port is none.
    r"(?:([^/?#]*|[^/@]*:(?!\d*(?:/|\Z)).*)@)?(.*)",
    re.S,
)


@dataclass(frozen=True, slots=True)
class Remote:
    """A URL with nothing secret in it, and git's settings for talking to it.

    ``decides``: whether it knows every commit of the run, as a mirror or a fork need not.
    """

    url: str
    settings: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    decides: bool = True

    @property
    def shown(self) -> str:
        """The URL for people."""
        return re.sub(r"(?<=://)[^/@]*@", "", self.url)

    def redacted(self, text: str) -> str:
        """The text without anything secret."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text


def find_remote(checkout: Git | None, server: Server | None) -> Remote | None:
    """Where the checkout came from, else the server of the run; None where it has neither."""
    found = _url_of(checkout) if checkout is not None else None
    ours = _url_at(server) if server is not None else None
    decides = found is None or ours is None or _is_same(found, ours)
    url = found or ours
    if (
        ours is not None
        and server is not None
        and (found is None or (decides and server.token and not _is_http(found)))
    ):
        # A checkout by SSH has its key in a program's arguments; the token reads as well.
        url = _rewritten(ours, checkout.home if checkout is not None else {})
    if url is None:
        return None
    plain, user, secrets = _parted(url)
    header: str | None = None
    settings: dict[str, str] = {}
    if _is_http(plain):
        header, settings = _shown_there(checkout, plain, user, server)
    rows = [(f"http.{plain}.{name}", value) for name, value in settings.items()]
    if header is not None:
        # The empty one takes away those of the user's own configuration: two are an error.
        rows += [(f"http.{plain}.extraheader", value) for value in ("", header)]
        # git would send it to wherever the server redirects to.
        rows.append((f"http.{plain}.followRedirects", "false"))
        secrets |= _words_of(header)
    return Remote(plain, tuple(rows), frozenset(secrets), decides)


def _url_at(server: Server) -> str:
    return f"{server.url.rstrip('/')}/{quote(os.fsencode(server.repository))}"


def _url_of(checkout: Git) -> str | None:
    names = checkout.run("remote").decode("utf-8", "surrogateescape").splitlines()
    name = names[0] if len(names) == 1 else "origin"
    if name not in names:
        return None
    answer = checkout.call("remote", "get-url", "--", name)
    url = os.fsdecode(answer.output.removesuffix(b"\n")).strip()
    if answer.status or not url:
        return None
    # As git tells them apart: https://git-scm.com/docs/git-fetch#_git_urls
    if "://" in url or re.match(r"[^/]*:", url):
        return url
    return os.path.join(checkout.root, url)


def _rewritten(url: str, home: Mapping[str, str]) -> str:
    """What the user's own configuration makes of a URL (``url.*.insteadOf``)."""
    nowhere = Git(os.sep, environment={**home, "GIT_DIR": os.devnull})
    answer = nowhere.call("ls-remote", "--get-url", "--", url)
    return url if answer.status else os.fsdecode(answer.output.removesuffix(b"\n"))


def _is_same(url: str, ours: str) -> bool:
    """Whether a URL, over HTTP or SSH, names the server's repository."""
    host, _, path = _parted(ours)[0].partition("://")[2].partition("/")
    host, path = (re.escape(text) for text in (host, unquote(path)))
    ssh = rf"(ssh://)?([^@/]+@)?{host.partition(':')[0]}(:\d+)?[:/]+"
    return bool(
        re.fullmatch(rf"(https?://([^@/]+@)?{host}/+|{ssh}){path}(\.git)?/?", url, re.I)
    )


def _parted(url: str) -> tuple[str, str, set[str]]:
    """The URL without anything secret, its ``user:password``, and what in it is secret."""
    # git takes `http::URL` for a URL, too: https://git-scm.com/docs/gitremote-helpers
    url = re.sub(r"\A(https?)::(?=https?://)", "", url, flags=re.I)
    found = _URL.match(url)
    if not found:
        return url, "", set()
    scheme, user, rest = found[1], found[2] or "", found[3]
    name, _, password = user.partition(":")
    if _is_http(scheme):
        rest, _, query = rest.partition("?")
        secrets = {user, password, query}
    else:
        secrets = {password}
        scheme += f"{name}@" if name else ""
        user = ""
    return scheme + rest, user, {text for s in secrets for text in (s, unquote(s)) if text}


def _shown_there(
    checkout: Git | None, plain: str, user: str, server: Server | None
) -> tuple[str | None, dict[str, str]]:
    """The header to show, and the other settings."""
    name, colon, password = user.partition(":")
    # Without the user, who may be a token: not for the process list.
    found = _configured(checkout, plain) if checkout is not None else {}
    header = found.pop("extraheader", None)
    if colon:
        # git would give the URL as it is to a program of its own, as an argument.
        return _basic(f"{unquote(name)}:{unquote(password)}"), found
    if header is not None:
        return header, found
    if server is not None and server.token and _origin(plain) == _origin(server.url):
        # https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation#about-authentication-as-a-github-app-installation
        # It goes nowhere that only the checkout's configuration vouches for.
        safe = {name: value for name, value in found.items() if name.startswith("sslca")}
        return _basic(f"x-access-token:{server.token}"), safe
    return (_basic(f"{unquote(name)}:") if name else None), found


def _words_of(header: str) -> set[str]:
    """What is secret in a header: its last word, and what that is in plain text."""
    word = "".join(header.split()[-1:])
    found = {word}
    with suppress(ValueError):
        plain = base64.b64decode(word, validate=True).decode()
        found |= {plain, plain.partition(":")[2]}
    return {text for text in found if len(text) > 2}


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


def _origin(url: str) -> str:
    """Scheme, host and port."""
    return "/".join(_parted(url)[0].lower().split("/", 3)[:3])
