"""How the index is reached, from what the runner says to pip and to uv.

Which index and how to reach it is the runner's choice; where and what to install, ours.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from configparser import Error, RawConfigParser

from action.errors import ActionError

REACHING_THE_INDEX = re.compile(
    r"PIP_(CACHE_DIR|CERT|CLIENT_CERT|DEFAULT_TIMEOUT|EXTRA_INDEX_URL|FIND_LINKS"
    r"|INDEX_URL|KEYRING_PROVIDER|NO_CACHE_DIR|NO_INDEX|PROXY|RETRIES|TIMEOUT|TRUSTED_HOST)\Z"
    r"|UV_(CACHE_DIR|CONFIG_FILE|CREDENTIALS_DIR|DEFAULT_INDEX|EXTRA_INDEX_URL|FIND_LINKS"
    r"|HTTP_\w+|INDEX|INDEX_\w+|INSECURE_HOST|KEYRING_PROVIDER|NATIVE_TLS|NO_CACHE|OFFLINE"
    r"|REQUEST_TIMEOUT|SYSTEM_CERTS)\Z"
)
"""The variables of pip and uv that have a say."""

UV_FROM_PIP = {
    "SSL_CERT_FILE": "PIP_CERT",
    "UV_EXTRA_INDEX_URL": "PIP_EXTRA_INDEX_URL",
    "UV_INDEX_URL": "PIP_INDEX_URL",
    "UV_INSECURE_HOST": "PIP_TRUSTED_HOST",
}
"""What uv is told as pip was, where the runner says nothing else to uv."""


def for_uv(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables to run uv with."""
    found = _having_a_say(environment)
    told = {name: found[pip] for name, pip in UV_FROM_PIP.items() if pip in found}
    return told | found


def for_pip(environment: Mapping[str, str], prefix: str) -> dict[str, str]:
    """The variables to run pip with, what its configuration files say of the index included.

    ``prefix`` is that of the Python it belongs to.  pip is to read no file itself, since one
    can move, add to or forbid an installation too; asking it what they say is slow, a start
    of pip.  Raises `ActionError` where one cannot be read: it may name the only index to ask.
    """
    said: dict[str, dict[str, str]] = {"global": {}, "install": {}}
    for file in _files(environment, prefix):
        parser = RawConfigParser()
        try:
            parser.read(file)
        except (Error, UnicodeError) as error:
            print(f"{file}: {error}", file=sys.stderr, flush=True)
            raise ActionError(
                "pip cannot read its configuration: the log has the reason"
            ) from None
        for section in said.keys() & set(parser.sections()):
            for key, value in parser.items(section):
                name = "PIP_" + key.removeprefix("--").upper().replace("-", "_")
                if REACHING_THE_INDEX.match(name):
                    said[section][name] = " ".join(value.split())
    found: dict[str, str] = {}
    for section in ("global", "install"):  # what is said to one command wins
        found |= {name: value for name, value in said[section].items() if value}
    return found | _having_a_say(environment)


def _files(environment: Mapping[str, str], prefix: str) -> Iterator[str]:
    """The files that pip reads, the one that wins last.

    https://pip.pypa.io/en/stable/topics/configuration/#location
    """
    given = environment.get("PIP_CONFIG_FILE", "")
    if given == os.devnull:
        return
    user = os.path.expanduser("~/.config")
    if sys.platform == "darwin":
        yield "/Library/Application Support/pip/pip.conf"
        folder = os.path.expanduser("~/Library/Application Support")
        user = folder if os.path.isdir(os.path.join(folder, "pip")) else user
    else:
        for folder in (environment.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep):
            yield os.path.join(folder, "pip", "pip.conf")
        yield "/etc/pip.conf"
        user = environment.get("XDG_CONFIG_HOME") or user
    if not os.path.isfile(given):
        yield os.path.expanduser("~/.pip/pip.conf")
        yield os.path.join(user, "pip", "pip.conf")
    yield os.path.join(prefix, "pip.conf")
    if given:
        yield given


def _having_a_say(environment: Mapping[str, str]) -> dict[str, str]:
    others = {k: v for k, v in environment.items() if not k.startswith(("PIP_", "UV_"))}
    return others | {k: v for k, v in environment.items() if REACHING_THE_INDEX.match(k)}
