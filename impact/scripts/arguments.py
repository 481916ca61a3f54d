"""Which words of a program's command line name what it reads, and which what it writes.

A word is taken for a file only if it names one, so these tables tell what does *not* count,
and where a name without a slash or a dot, which could be anything, is that of a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


def names(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


SILENT = names(
    "echo printf touch mkdir rm rmdir unlink chmod chown chgrp git export unset test [ ls "
    "stat which type cd pwd true false : sleep kill pkill killall wait whoami id date hash "
    "alias ulimit umask basename dirname realpath readlink tput uname hostname ps df du seq "
    "yes apt apt-get aptitude yum dnf apk pacman zypper choco winget brew snap rustup "
    "sdkman nvm systemctl service useradd usermod adduser groupadd ln-s nproc lscpu free "
    "mktemp mkfifo tr ping dig nslookup nc telnet exit return jobs disown sysctl modprobe "
    "mount umount update-alternatives add-apt-repository locale-gen gem cargo-binstall asdf "
    "mise gcloud az docker podman buildah skopeo buildctl docker-compose npm pnpm yarn bun "
    "npx bunx lerna nx turbo run-s run-p npm-run-all concurrently make gmake compgen "
    "complete let declare typeset local readonly getconf ldconfig ssh mc dropdb createdb"
)
"""Programs that read none of the files they name, or of which others tell which."""

_PATHS = names(
    "cat head tail less more wc sort uniq diff cmp cp mv ln install rsync tar zip unzip "
    "gzip pytest py.test eslint prettier black mypy pyright flake8 isort pylint bandit "
    "shellcheck shfmt yamllint hadolint actionlint stylelint markdownlint markdownlint-cli2 "
    "cspell find grep egrep fgrep rg ack jq yq sed awk gawk node ruby perl php "
    "python python3 cut tac nl paste comm join split csplit od xxd md5sum sha1sum sha256sum "
    "sha512sum base64 tee gunzip xz bzip2 zstd patch envsubst codespell clang-format "
    "clang-tidy cmake go black pycodestyle pydocstyle vulture djlint sqlfluff rubocop phpcs "
    "phpstan ansible-lint ansible-playbook tsx ts-node bash sh dash zsh"
)
"""Programs whose arguments are files: even a name without a slash or a dot is one."""

_PATTERN_FIRST = names("grep egrep fgrep rg ack sed awk gawk jq yq")
"""Programs whose first argument is no file, unless an option gives what it would."""
_PATTERN_OPTIONS = names("-e -f --expression --file --regexp --from-file")

_OPTIONS_ONLY = names("cargo kubectl oc")
"""Programs whose arguments are no files, but for those behind options."""

_SUBCOMMANDS = names("go")
"""Programs whose first argument is no file, but what they are to do: `go test`."""

_COPIES = names("cp mv ln install rsync scp")
"""Programs that write what the last argument names."""
_CLOUDS = names("aws gsutil s3cmd rclone")
"""Programs that do so behind the address of another place."""

_OUTPUTS = names(
    "-o -O --output --out --out-dir --outdir --outfile --output-file --output-dir "
    "--output-path --outFile --outDir -d --dest --destination --dist --target-dir "
    "--target-directory --dist-dir --log-file --logfile --report --report-file --junitxml "
    "--junit-xml --cov-report --html --coverage-dir --coverageDirectory --build-dir "
    "--cache-dir --cachedir --tmpdir --cache-location --temp-dir --install-dir --bin-dir "
    "--download-dir --save-to --basetemp --write-to --json-report-file --coverprofile "
    "-coverprofile -cpuprofile -memprofile --artifacts-dir --prefix-path -B "
    "--results-directory --output-folder -out -keyout"
)
"""Options behind which something is written."""

_FILES = names(
    "-f --file --filename -c --config --conf --config-file --configfile --configuration "
    "--requirement --requirements --constraint --manifest-path --env-file --rcfile "
    "--settings --input --input-file --values --project --tsconfig --schema "
    "--schema-file --body-file --notes-file --template --patch --rules --ruleset "
    "--ignore-path --data-file --secret-file --key-file --file-path"
)
"""Options behind which a file is named, whatever it looks like."""
_DIRECTORIES = names(
    "-C --directory --cwd --dir --working-dir --working-directory --workdir --rootdir "
    "--root --project-dir --project-directory --root-dir --rootDir -chdir --chdir "
    "--source-dir --project"
)
"""Options behind which a directory is named, whatever it looks like."""
_TEXTS = names(
    "-m --message --title --body --name --tag --branch --env --label --notes --user "
    "--filter --exclude --ignore --extend-exclude --omit --skip --format --reporter --ext "
    "--package -k --ignore-pattern --ignore-glob --deselect --extra --group --target "
    "--profile --features --remap-path-prefix --pattern --url --host --platform --base "
    "--ref --sha --eval -e --exclude-dir --exclude-from --skip-dirs --skip-files --include "
    "--tags --limit --namespace"
)
"""Options behind which no file that is read is named."""
_TEXTS_OF = {
    "go": names(
        "-tags -run -bench -skip -timeout -count -ldflags -gcflags -p -parallel -cpu -fuzz "
        "-covermode -coverpkg -exec -vet -list -benchtime -fuzztime -shuffle -asmflags"
    ),
    "ansible-playbook": names("-l -t"),
    "kubectl": names("-n -l -o -c --context --cluster --selector --container"),
    "playwright": names("--project -g --grep"),
    "vitest": names("--project -t"),
    "jest": names("-t --selectProjects"),
}
"""The same, of a program."""
_DIRECTORIES_OF = {"kubectl": names("-k --kustomize"), "oc": names("-k")}
_OPTIONS = _OUTPUTS | _FILES | _DIRECTORIES | _TEXTS


@dataclass(frozen=True, slots=True)
class Argument:
    """A word that may name a file: ``plain`` where even a name like any other is one.

    ``written``: it is written and not read.
    """

    text: str
    plain: bool = False
    written: bool = False
    option: bool = False


def arguments(name: str, words: Sequence[str]) -> Iterator[Argument]:
    """The words of a command that may name files, each without what is around the name."""
    if name in SILENT:
        return
    plain = name in _PATHS
    positional: list[str] = []
    behind: str | None = None
    literal = False
    skip_first = name in _PATTERN_FIRST and not any(_is_pattern(word) for word in words)
    known = _OPTIONS | _TEXTS_OF.get(name, frozenset()) | _DIRECTORIES_OF.get(name, frozenset())
    unpacks = name in ("tar", "bsdtar") and "x" in "".join(words[:1])
    for word in words:
        if behind is not None:
            yield from () if unpacks and behind == "-C" else _behind(name, behind, word)
            behind = None
        elif literal or not word.startswith("-") or word == "-":
            if skip_first:
                skip_first = False
            elif name not in _OPTIONS_ONLY:
                positional.append(word)
        elif word == "--":
            literal = True
        elif "=" in word:
            option, _, text = word.partition("=")
            yield from _behind(name, option, text)
        elif word == "-t" and name in _COPIES:
            behind = "--target-directory"
        elif skip_first and not word.startswith("--"):
            continue
        elif word in known:
            behind = word
        elif not word.startswith("--") and len(word) > 2:
            yield Argument(word[2:], option=True)
    if name in _SUBCOMMANDS:
        del positional[:1]
    last = len(positional) - 1
    target = name in _COPIES and not any(w in ("-t", "--target-directory") for w in words)
    target |= name in _CLOUDS and any("://" in word for word in positional[:-1])
    for number, word in enumerate(positional):
        writes = (target and number == last and last > 0) or (name == "zip" and number == 0)
        yield Argument(_bare(word), plain, written=writes or name == "tee")


def _behind(name: str, option: str, text: str) -> Iterator[Argument]:
    """What stands behind an option."""
    if option in _TEXTS_OF.get(name, ()):
        return
    if option in _OUTPUTS:
        yield Argument(text, written=True)
    elif option in _DIRECTORIES or option in _DIRECTORIES_OF.get(name, ()):
        yield Argument(text, plain=True, option=True)
    elif option in _FILES:
        # -c, -f, -i and -r mean many things: there a plain name is that of a file at most.
        yield Argument(text.removeprefix("@"), name in _PATHS, option=True)
    elif option not in _TEXTS:
        yield Argument(text.removeprefix("@"), option=True)


def _is_pattern(word: str) -> bool:
    return word in _PATTERN_OPTIONS or word.partition("=")[0] in _PATTERN_OPTIONS


_BEHIND = re.compile(r"::.*|:\d+(?::\d+)?$", re.DOTALL)


def _bare(word: str) -> str:
    """A word without what programs write around a path: `./...`, `file.py::test`, `@file`."""
    if word.endswith("/..."):
        word = word[:-3]
    if "::" in word or ":" in word:
        word = _BEHIND.sub("", word)
    return word.removeprefix("@")
