"""What is read to build container images: Dockerfiles and what they copy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise

from impact.scripts.arguments import names
from impact.scripts.files import absolute, from_root, matching, named
from impact.scripts.shell import UNKNOWN
from impact.scripts.state import State
from impact.scripts.trace import Origin, Runner, Spot, is_known, place

_VALUES = names(
    "-t --tag --build-arg --target --platform --cache-from --cache-to -o --output --label "
    "--network --progress --iidfile --ssh --build-context --metadata-file --builder "
    "--add-host --allow --annotation --attest --call --cgroup-parent --no-cache-filter "
    "--provenance --sbom --shm-size --ulimit -m --memory --isolation --cpuset-cpus --format "
    "--layers --jobs --arch --os --authfile --creds --volume -v --secret"
)
_COMPOSE_VALUES = names("-p --project-name --profile --parallel --ansi --progress")
_COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_OVERRIDES = ("override.yaml", "override.yml")
_RUN_FILES = names("--env-file --label-file --cidfile")


def docker(runner: Runner, name: str, words: list[str], state: State, spot: Spot) -> None:
    """What `docker words` uses."""
    rest = list(words)
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option in ("-H", "--host", "-c", "--context", "--config", "-l", "--log-level"):
            del rest[:1]
    if name == "docker-compose":
        rest = ["compose", *words]
    if rest[:1] in (["image"], ["buildx"], ["builder"]):
        rest = rest[1:]
    if rest[:1] in (["build"], ["b"], ["bud"]):
        _build(runner, f"{name} build", rest[1:], state, spot)
    elif rest[:1] == ["compose"]:
        _compose(runner, rest[1:], state, spot)
    elif rest[:1] in (["run"], ["create"]) or rest[:2] == ["container", "run"]:
        _started(runner, rest[1:], state, spot)
    elif rest[:1] == ["bake"]:
        for option, value in pairwise(rest):
            if option in ("-f", "--file"):
                _name(runner, value, state, spot)
    elif rest[:1] == ["cp"]:
        for word in rest[1:-1]:
            if ":" not in word:
                _name(runner, word, state, spot)


def _name(runner: Runner, name: str, state: State, spot: Spot) -> str | None:
    if not is_known(name):
        runner.trace.unresolved(name, "its name is not known", spot)
        return None
    return runner.trace.name(name, state.directory, spot)


def _build(runner: Runner, label: str, words: list[str], state: State, spot: Spot) -> None:
    trace = runner.trace
    file = ""
    contexts: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        option, equals, text = word.partition("=")
        if option in ("-f", "--file"):
            file = text if equals else rest.pop(0) if rest else ""
        elif word.startswith("-f"):
            file = word[2:]
        elif option == "--secret":
            text = text if equals else rest.pop(0) if rest else ""
            for part in text.split(","):
                if part.startswith(("src=", "source=")):
                    _name(runner, part.partition("=")[2], state, spot)
        elif word in _VALUES:
            del rest[:1]
        elif not word.startswith("-") or word == "-":
            contexts.append(word)
    label = f"{label} {contexts[0] if contexts else ''}".strip()
    context = contexts[0] if contexts else UNKNOWN
    if not is_known(context) or not is_known(file) or state.directory is None:
        if file and is_known(file):
            _name(runner, file, state, spot)
        trace.unresolved(label, "the context is not known", spot)
        return
    directory = absolute(state.directory, context) if _is_path(context) else None
    path = None
    if file:
        path = None if file == "-" else _name(runner, file, state, spot)
    elif directory is not None:
        path = trace.name("Dockerfile", directory, spot)
    if path is None or path.endswith("/"):
        if file != "-" and directory is not None:
            where = file or f"Dockerfile in {place(directory)}"
            trace.unresolved(label, f"no tracked {where}", spot)
        return
    if directory is None:
        return
    origin = Origin(spot, f"{label} ({path}:", 0, ")")
    for line, source in _copied(trace.files.read(path) or ""):
        if not trace.spend(spot):
            return
        _source(runner, source, directory, origin.at(line))


def _is_path(context: str) -> bool:
    return context != "-" and "://" not in context and not context.startswith("git@")


def _source(runner: Runner, source: str, directory: str, spot: Spot) -> None:
    """What is copied from the context: all of it, what a pattern matches, or what is named."""
    trace = runner.trace
    if not is_known(source) or "$" in source:
        trace.unresolved(f"COPY {source}", "its name is not known", spot)
        return
    if "://" in source or source.startswith("git@"):
        return
    source = source.lstrip("/")
    if source.strip("./*") == "":
        inner = from_root(directory)
        if inner and trace.files.is_directory(inner):
            trace.use(f"{inner}/", spot)
        return
    for name in (
        matching(source, directory, trace.files) or [] if set(source) & set("*?[") else [source]
    ):
        if named(name, directory, trace.files):
            trace.name(name, directory, spot)


def _copied(text: str) -> Iterator[tuple[int, str]]:
    """What a Dockerfile copies out of the context, with lines from 1."""
    for line, instruction in _instructions(text):
        keyword, _, rest = instruction.strip().partition(" ")
        keyword = keyword.upper()
        words = rest.split()
        flags = []
        while words and words[0].startswith("--"):
            flags.append(words.pop(0))
        if keyword == "RUN":
            for flag in flags:
                parts = dict(p.partition("=")[::2] for p in flag[8:].split(","))
                if flag.startswith("--mount=type=bind") and "from" not in parts:
                    yield line, parts.get("source") or parts.get("src") or ""
        if keyword not in ("COPY", "ADD") or any(f.startswith("--from=") for f in flags):
            continue
        if words and words[0].startswith("["):
            try:
                listed = json.loads(" ".join(words))
            except (ValueError, RecursionError):
                continue
            words = [word for word in listed if isinstance(word, str)]
        for word in words[:-1]:
            if not word.startswith("<<"):
                yield line, word.strip("\"'")


def _instructions(text: str) -> Iterator[tuple[int, str]]:
    """The instructions, continued ones on a line, without here-documents."""
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        start = number
        found: list[str] = []
        while number < len(lines):
            line = lines[number].strip()
            number += 1
            if line.startswith("#") or (found and not line):
                continue
            found.append(line.rstrip("\\"))
            if not line.endswith("\\"):
                break
        instruction = " ".join(found)
        yield start + 1, instruction
        keyword, *words = instruction.split() or [""]
        for word in words:
            if word.startswith("<<") and keyword.upper() in ("COPY", "ADD", "RUN"):
                end = word.lstrip("<-").strip("\"'")
                while end and number < len(lines) and lines[number].strip() != end:
                    number += 1
                number += 1


def _compose(runner: Runner, words: list[str], state: State, spot: Spot) -> None:
    """The files of a composition: those named, or the one of the default name."""
    trace = runner.trace
    files: list[str] = []
    directory = state.directory
    rest = list(words)
    command = ""
    while rest:
        word = rest.pop(0)
        option, equals, text = word.partition("=")
        if option in ("-f", "--file", "--env-file", "--project-directory"):
            text = text if equals else rest.pop(0) if rest else UNKNOWN
            if option == "--env-file":
                _name(runner, text, state, spot)
            elif option == "--project-directory":
                directory = absolute(directory, text) if is_known(text) else None
            else:
                files.append(text)
        elif word in _COMPOSE_VALUES:
            del rest[:1]
        elif not word.startswith("-"):
            command = word
            break
    for file in files:
        _name(runner, file, state, spot)
    named_elsewhere = files or "COMPOSE_FILE" in state.variables
    if not named_elsewhere and command not in ("", "version", "ls"):
        default = next((n for n in _COMPOSE if trace.name(n, directory, spot)), None)
        if default is not None:
            for ending in _OVERRIDES:
                trace.name(f"{default.rpartition('.')[0]}.{ending}", directory, spot)


def _started(runner: Runner, words: list[str], state: State, spot: Spot) -> None:
    """`docker run`: what is mounted; what runs sees files of the image."""
    rest = list(words)
    while rest and rest[0].startswith("-"):
        word = rest.pop(0)
        option, equals, text = word.partition("=")
        if option in ("-v", "--volume", "--mount", *_RUN_FILES):
            text = text if equals else rest.pop(0) if rest else ""
            if option == "--mount":
                parts = dict(p.partition("=")[::2] for p in text.split(","))
                text = parts.get("source") or parts.get("src") or ""
                if parts.get("type") != "bind":
                    continue
            elif option in ("-v", "--volume"):
                text = text.partition(":")[0]
                if "/" not in text:
                    continue  # the name of a volume
            if is_known(text):
                runner.trace.name(text, state.directory, spot)
        elif word in _FLAGS or equals:
            continue
        else:
            del rest[:1]
    if len(rest) > 1 and any("/" in w or w.endswith(".sh") for w in rest[1:]):
        runner.trace.unresolved(" ".join(rest), "it runs in a container", spot)


_FLAGS = names(
    "-d --detach --rm -i -t --interactive --tty --privileged --init --read-only -P "
    "--publish-all --no-healthcheck --oom-kill-disable -q --quiet -it -ti -dit -itd"
)
