"""The examples for other CI systems: their files are valid and their scripts do as told.

The scripts are taken out of the files as the CI system would, and run by a shell in a real
clone, with the variables of that system.  The services themselves are not run.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

import impact
from tests.docs.documents import ROOT, File, steps
from tests.oracle import plain_git_environment
from tests.program import Program
from tests.repositories import Repository

pytest_plugins = ["tests.program"]

PAGE = ROOT / "docs" / "other-ci.md"
EXAMPLES = ROOT / "examples"
GITLAB = EXAMPLES / "gitlab" / ".gitlab-ci.yml"
CIRCLECI = EXAMPLES / "circleci" / ".circleci"
BUILDKITE = EXAMPLES / "buildkite" / ".buildkite"
JENKINS = EXAMPLES / "jenkins" / "Jenkinsfile"
SECTIONS = {"GitLab": "gitlab", "CircleCI": "circleci", "Buildkite": "buildkite"}
SECTIONS |= {"Jenkins": "jenkins"}

ZERO, GONE = "0" * 40, "1" * 40
NOWHERE = "file:///nowhere/at/all"
HOSTILE = "$(touch${IFS}pwned)`touch${IFS}pwned`;touch${IFS}pwned;'\"&|x"
"""A branch name that git accepts and a careless script runs."""

SDK, SERVER, BOTH = ("sdk",), ("server",), ("sdk", "server")

SH, TRACED = ("sh", "-e"), ("sh", "-x", "-e")
BASH = ("bash", "-e", "-o", "pipefail") if shutil.which("bash") else SH
"""As the systems start them: Jenkins with `-x`, CircleCI and Buildkite a bash."""


def loaded(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


# The files.


def schema_files(service: str) -> dict[str, str]:
    """The files of a service, and all that the scripts can generate."""
    if service == "gitlab-ci":
        return {"gitlab-ci.yml": GITLAB.read_text(encoding="utf-8")}
    folder = CIRCLECI if service == "circle-ci" else BUILDKITE
    files = {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.yml")}
    assert len(files) == (2 if service == "circle-ci" else 1)
    for number, woken in enumerate([(), SDK, SERVER, BOTH]):
        if service == "circle-ci":
            files[f"continued-{number}.yml"] = yaml.safe_dump(continued(woken))
        else:
            files[f"uploaded-{number}.json"] = json.dumps(uploaded(woken))
    return files


@pytest.mark.parametrize("service", ["gitlab-ci", "circle-ci", "buildkite"])
def test_the_files_are_what_the_service_accepts(tmp_path: Path, service: str) -> None:
    files = schema_files(service)
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    program = Path(sys.executable).with_name("check-jsonschema")
    schema = ["--builtin-schema", f"vendor.{service}"]
    done = subprocess.run(
        [program, *schema, *(tmp_path / name for name in files)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_the_page_shows_is_in_the_files() -> None:
    shown = {}
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        title, _, text = section.partition("\n")
        blocks = re.findall(r"^```(?:yaml|sh|python|groovy)\n(.*?)^```$", text, re.M | re.S)
        if title in SECTIONS:
            shown[title] = blocks
            files = [f for f in (EXAMPLES / SECTIONS[title]).rglob("*") if f.is_file()]
            texts = [file.read_text(encoding="utf-8") for file in files]
            for block in blocks:
                assert any(block in text for text in texts), f"{title}:\n{block}"
        else:
            assert blocks == []
    assert {title: len(blocks) for title, blocks in shown.items()} == {
        "GitLab": 1,
        "CircleCI": 3,
        "Buildkite": 3,
        "Jenkins": 1,
    }


def test_the_installed_version_is_this_one() -> None:
    files = [PAGE, *(f for name in SECTIONS.values() for f in (EXAMPLES / name).rglob("*"))]
    texts = [file.read_text(encoding="utf-8") for file in files if file.is_file()]
    pins = [pin for text in texts for pin in re.findall(r"impact-filter\S*", text)]
    assert len(pins) > 4
    allowed = {f"impact-filter=={impact.__version__}", "impact-filter`,"}
    assert set(pins) <= allowed


# A repository and its clones.


@dataclass
class Checkout:
    """A clone as a CI system makes it, and a shell in it."""

    clone: Repository
    path: str
    commits: dict[str, str]
    server: socket.socket

    def out(self, revision: str) -> None:
        self.clone.git("checkout", "--quiet", "--detach", self.commits.get(revision, revision))

    def run(
        self, script: str, variables: Mapping[str, str], *shell: str
    ) -> subprocess.CompletedProcess[str]:
        whole = plain_git_environment(self.clone.path.parent)
        kept = {name: whole[name] for name in whole if name.startswith(("GIT", "HOME", "XDG"))}
        return subprocess.run(
            [*(shell or SH), "-c", script],
            cwd=self.clone.path,
            env={"PATH": self.path, "LC_ALL": "C.UTF-8", **kept, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            pass_fds=[self.server.fileno()],
        )

    def read(self, name: str) -> str:
        return (self.clone.path / name).read_text(encoding="utf-8")

    def exists(self, name: str) -> bool:
        return (self.clone.path / name).exists()


CLIENT = """
import json, os, socket, sys

server = socket.socket(fileno=int(sys.argv[1]))
server.settimeout(60)
request = {"arguments": sys.argv[2:], "directory": os.getcwd(), "user": None}
data = json.dumps({**request, "environment": dict(os.environ)}).encode()
socket.send_fds(server, [b"%20d" % len(data)], [0, 1, 2])
server.sendall(data)
os._exit(int(server.recv(20)))
"""
"""`impact` for a script: it has the server of `tests.program` run it, where it stands."""


@pytest.fixture
def programs(tmp_path: Path, program: Program) -> Path:
    """What a CI image has: impact, a pip and a venv that install it, an agent."""
    directory = tmp_path / "programs"
    directory.mkdir()
    (directory / "client.py").write_text(CLIENT)
    client = f'"{sys.executable}" -I -S "{directory}/client.py" {program.server.fileno()}'
    for name, text in {
        "impact": f'exec {client} "$@"',
        "pip": f'[ "$*" = "install --quiet impact-filter=={impact.__version__}" ]',
        "python3": f"""
            if [ "$*" != "-m venv --clear .impact" ]; then exec "{sys.executable}" "$@"; fi
            mkdir -p .impact/bin && cp "{directory}/pip" "{directory}/impact" .impact/bin/
        """,
        "buildkite-agent": """
            [ "$1 $2 $3" = "pipeline upload --no-interpolation" ] && cp "$4" uploaded.json
        """,
    }.items():
        (directory / name).write_text(f"#!/bin/sh\n{text}\n")
        (directory / name).chmod(0o755)
    return directory


@dataclass(frozen=True)
class Template:
    """A repository and its clone, beside each other, to be copied for each test."""

    folder: Path
    commits: dict[str, str]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """`main` and `topic` parted at `base`; `late` left `release`, which left `base` too."""
    folder = tmp_path_factory.mktemp("template")
    (folder / "repository").mkdir()
    repository = Repository(folder / "repository")
    repository.git("init", "--quiet", "--template=")
    (filters,) = [
        step
        for step in steps(PAGE.read_text(encoding="utf-8"))
        if isinstance(step, File) and step.name == "filters.yml"
    ]
    for examples in (CIRCLECI, BUILDKITE):
        for file in examples.iterdir():
            repository.write(f"{examples.name}/{file.name}", file.read_text(encoding="utf-8"))
    targets = "sdk server contracts"
    repository.write("Makefile", f"{targets}:\n\t@echo made $@\n.PHONY: {targets}\n")
    repository.commit(**{"filters.yml": filters.text, "sdk__x.txt": "old\n"})
    repository.git("tag", "base")
    for branch, start, changed in (
        ("topic", "base", "sdk/a.txt"),
        ("release", "base", "openapi.json"),
        ("late", "release", "server/late.txt"),
        (HOSTILE, "base", "README.md"),
        ("main", "main", "server/a.txt"),
    ):
        repository.git("checkout", "--quiet", "-B", branch, start)
        repository.write(changed)
        repository.commit()
    clone = repository.clone("clone", "--no-tags")
    names = ("base", "main", "topic", "release", "late")
    commits = {name: repository.id(name) for name in names}
    clone.git("checkout", "--quiet", "--detach", commits["main"])
    clone.git("merge", "--quiet", "--no-ff", "--message", "Merge", commits["topic"])
    commits["merge"] = clone.id("HEAD")
    return Template(folder, commits)


@pytest.fixture
def origin(template: Template, tmp_path: Path) -> Repository:
    shutil.copytree(template.folder / "repository", tmp_path / "repository", symlinks=True)
    return Repository(tmp_path / "repository")


@pytest.fixture
def checkout(
    origin: Repository, template: Template, programs: Path, program: Program
) -> Checkout:
    clone = Repository(origin.path.with_name("clone"))
    shutil.copytree(template.folder / "clone", clone.path, symlinks=True)
    config = clone.path / ".git" / "config"
    text, old = config.read_text(), (template.folder / "repository").as_uri()
    assert old in text
    config.write_text(text.replace(old, origin.path.as_uri()))
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    commits = template.commits | {"origin": origin.path.as_uri()}
    return Checkout(clone, path, commits, program.server)


@dataclass(frozen=True)
class Case:
    """What is checked out, the variables, and what is compared: a base and who wakes.

    ``base`` None: undetermined, and both wake.
    """

    out: str
    variables: dict[str, str]
    base: str | None = None
    woken: tuple[str, ...] = BOTH

    def filled(self, commits: Mapping[str, str]) -> dict[str, str]:
        """The variables; ``@base`` is the id of that commit, ``@origin`` the repository."""
        return {
            name: commits[text[1:]] if text.startswith("@") else text
            for name, text in self.variables.items()
        }

    def dotenv(self, commits: Mapping[str, str]) -> str:
        asleep = [name for name in BOTH if name not in self.woken]
        known = self.base is not None
        return (
            f"IMPACT_SDK={str('sdk' in self.woken).lower()}\n"
            f"IMPACT_SERVER={str('server' in self.woken).lower()}\n"
            f"IMPACT_WOKEN={','.join(self.woken)}\n"
            f"IMPACT_ASLEEP={','.join(asleep)}\n"
            f"IMPACT_ANY=true\n"
            f"IMPACT_DETERMINED={str(known).lower()}\n"
            f"IMPACT_BASE={commits[self.base] if self.base else ''}\n"
            f"IMPACT_HEAD={commits[self.out] if known else ''}\n"
        )

    def check_plan(self, plan: Any, commits: Mapping[str, str]) -> None:
        known = self.base is not None
        assert plan["determined"] is known
        assert plan["base"] == (commits[self.base] if self.base else None)
        assert plan["head"] == (commits[self.out] if known else None)
        woken = [name for name in BOTH if plan["surfaces"][name]["woken"]]
        assert woken == list(self.woken)


# GitLab.

REQUEST = {
    "CI_PIPELINE_SOURCE": "merge_request_event",
    "CI_COMMIT_BEFORE_SHA": ZERO,
    "CI_PROJECT_ID": "7",
    "CI_MERGE_REQUEST_PROJECT_ID": "7",
}
FORK = REQUEST | {
    "CI_PROJECT_ID": "8",
    "CI_MERGE_REQUEST_PROJECT_URL": "@origin",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
}


def request(target: str, **more: str) -> dict[str, str]:
    return REQUEST | {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": target} | more


PUSH = {"CI_PIPELINE_SOURCE": "push", "CI_DEFAULT_BRANCH": "main"}


def pushed(branch: str, before: str, **more: str) -> dict[str, str]:
    return PUSH | {"CI_COMMIT_BRANCH": branch, "CI_COMMIT_BEFORE_SHA": before} | more


GITLAB_CASES = {
    "merge request": Case("topic", request("main"), "base", SDK),
    "merge request, to another branch": Case("late", request("release"), "release", SERVER),
    "merge request, retargeted": Case(
        "late",
        request("release", CI_MERGE_REQUEST_DIFF_BASE_SHA="@late"),
        "release",
        SERVER,
    ),
    "merge request, to a hostile branch": Case("topic", request(HOSTILE), "base", SDK),
    "merge request, from a hostile branch": Case(
        "topic",
        request("main", CI_MERGE_REQUEST_SOURCE_BRANCH_NAME=HOSTILE),
        "base",
        SDK,
    ),
    "merge request, its target gone": Case(
        "topic", request("trunk", CI_MERGE_REQUEST_DIFF_BASE_SHA="@base")
    ),
    "merge request, no base at all": Case("topic", REQUEST),
    "merged results": Case(
        "merge",
        request("main", CI_MERGE_REQUEST_TARGET_BRANCH_SHA="@main"),
        "main",
        SDK,
    ),
    "merge request in a fork": Case("topic", FORK, "base", SDK),
    "merge request in a fork, its target out of reach": Case(
        "topic", FORK | {"CI_MERGE_REQUEST_PROJECT_URL": NOWHERE}
    ),
    "merge request in a fork, its target lost": Case(
        "topic", FORK | {"CI_MERGE_REQUEST_PROJECT_URL": ""}
    ),
    "merge request in a fork, to a hostile branch": Case(
        "topic", FORK | {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": HOSTILE}, "base", SDK
    ),
    "push to the default branch": Case("main", pushed("main", "@base"), "base", SERVER),
    "first push of the default branch": Case("main", pushed("main", ZERO)),
    "force push of the default branch": Case("main", pushed("main", GONE)),
    "push to a branch": Case("topic", pushed("topic", "@base"), "base", SDK),
    "new branch": Case("topic", pushed("topic", ZERO), "base", SDK),
    "new hostile branch": Case("topic", pushed(HOSTILE, ZERO), "base", SDK),
    "new branch of nothing new": Case("base", pushed("topic", ZERO)),
    "another default branch": Case(
        "late", pushed("late", ZERO, CI_DEFAULT_BRANCH="release"), "release", SERVER
    ),
    "new branch, the default branch gone": Case(
        "topic", pushed("topic", ZERO, CI_DEFAULT_BRANCH="trunk")
    ),
    "tag": Case("main", PUSH | {"CI_COMMIT_TAG": "v1", "CI_COMMIT_BEFORE_SHA": "@base"}),
    "schedule": Case("main", pushed("main", ZERO, CI_PIPELINE_SOURCE="schedule")),
    "somebody's click": Case("topic", pushed("topic", ZERO, CI_PIPELINE_SOURCE="web")),
    "nothing": Case("main", {}),
}


def gitlab(job: str) -> str:
    return "\n".join(loaded(GITLAB)[job]["script"])


@pytest.mark.parametrize("case", GITLAB_CASES.values(), ids=GITLAB_CASES)
def test_gitlab(checkout: Checkout, case: Case) -> None:
    checkout.out(case.out)
    done = checkout.run(gitlab("impact"), case.filled(checkout.commits))
    assert done.returncode == 0, done
    report = loaded(GITLAB)["impact"]["artifacts"]["reports"]["dotenv"]
    assert checkout.read(report) == done.stdout == case.dotenv(checkout.commits)
    assert not checkout.exists("pwned")


def test_gitlab_fetches_what_the_script_needs() -> None:
    assert loaded(GITLAB)["impact"]["variables"] == {"GIT_DEPTH": "0"}


SCRIPTS_THAT_ASK = {
    "gitlab": lambda: gitlab("impact"),
    "circleci": lambda: circleci(),
    "buildkite": lambda: buildkite(),
    "jenkins": lambda: jenkins_asks(),
}


@pytest.mark.parametrize("name", SCRIPTS_THAT_ASK)
def test_with_broken_filters_the_step_is_red(checkout: Checkout, name: str) -> None:
    checkout.out("main")
    checkout.clone.write("filters.yml", "version: 2\n")
    done = checkout.run(SCRIPTS_THAT_ASK[name](), {})
    assert done.returncode == 2, done
    assert not checkout.exists("parameters.json")
    assert not checkout.exists("uploaded.json")


@pytest.mark.parametrize("name", SCRIPTS_THAT_ASK)
def test_where_it_cannot_be_installed_the_step_is_red(
    checkout: Checkout, programs: Path, name: str
) -> None:
    checkout.out("main")
    (programs / "pip").write_text("#!/bin/sh\nexit 1\n")
    checkout.clone.write("impact.env", "IMPACT_SDK=false\n")
    done = checkout.run(SCRIPTS_THAT_ASK[name](), {})
    assert done.returncode != 0
    if name == "jenkins":  # its workspace is kept from build to build
        assert not checkout.exists("impact.env")


def targeted(name: str, target: str) -> dict[str, str]:
    """The variables for a change that is for the branch ``target``."""
    return {
        "gitlab": request(target),
        "circleci": {"TRIGGER_SOURCE": "webhook", "CIRCLE_BRANCH": "topic"},
        "buildkite": {
            "BUILDKITE_SOURCE": "webhook",
            "BUILDKITE_PULL_REQUEST_BASE_BRANCH": target,
        },
        "jenkins": {"CHANGE_TARGET": target},
    }[name]


def check_answer(
    checkout: Checkout, done: subprocess.CompletedProcess[str], case: Case
) -> None:
    """The script left the plan of a case, whichever format it asks for."""
    assert done.returncode == 0, done
    if checkout.exists("plan.json"):
        case.check_plan(json.loads(checkout.read("plan.json")), checkout.commits)
    else:
        assert checkout.read("impact.env") == done.stdout == case.dotenv(checkout.commits)


@pytest.mark.parametrize("name", SCRIPTS_THAT_ASK)
def test_in_a_shallow_clone_the_answer_is_the_same(
    origin: Repository, checkout: Checkout, name: str
) -> None:
    """What is missing is fetched; where it cannot be, everything wakes."""
    checkout.clone = origin.clone(
        "short", "--depth=1", "--single-branch", "--no-tags", "--branch=topic"
    )
    before = checkout.clone.git("rev-list", "--all")
    done = checkout.run(SCRIPTS_THAT_ASK[name](), targeted(name, "main"))
    check_answer(checkout, done, Case("topic", {}, "base", SDK))
    if name != "buildkite":  # its script fetches
        assert checkout.clone.git("rev-list", "--all") == before
    checkout.clone.git("remote", "set-url", "origin", NOWHERE)
    checkout.clone.git("update-ref", "-d", "refs/remotes/origin/main")
    done = checkout.run(SCRIPTS_THAT_ASK[name](), targeted(name, "main"))
    check_answer(checkout, done, Case("topic", {}))


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("gitlab", pushed("main", "@base")),
        (
            "circleci",
            {"TRIGGER_SOURCE": "webhook", "CIRCLE_BRANCH": "main", "BASE_REVISION": "@base"},
        ),
        ("buildkite", {"IMPACT_BASE": "@base"}),
        ("jenkins", {"BRANCH_IS_PRIMARY": "true", "GIT_PREVIOUS_SUCCESSFUL_COMMIT": "@base"}),
    ],
)
def test_a_base_that_a_shallow_clone_lacks_is_fetched(
    origin: Repository, checkout: Checkout, name: str, variables: dict[str, str]
) -> None:
    case = Case("main", variables, "base", SERVER)
    checkout.clone = origin.clone("short", "--depth=1", "--single-branch", "--no-tags")
    done = checkout.run(SCRIPTS_THAT_ASK[name](), case.filled(checkout.commits))
    check_answer(checkout, done, case)


@pytest.mark.parametrize("name", ["gitlab", "jenkins"])
def test_a_tag_is_not_taken_for_the_branch(checkout: Checkout, name: str) -> None:
    checkout.out("topic")
    for tag in ("main", "origin/main"):
        checkout.clone.git("tag", tag, "HEAD")
    done = checkout.run(SCRIPTS_THAT_ASK[name](), targeted(name, "main"))
    check_answer(checkout, done, Case("topic", {}, "base", SDK))


@pytest.mark.parametrize("name", ["gitlab", "buildkite", "jenkins"])
def test_every_merge_base_counts(origin: Repository, checkout: Checkout, name: str) -> None:
    """Criss-cross merges left two, and each hides one of the two changes."""
    for side, file in (("left", "sdk/left.txt"), ("right", "server/right.txt")):
        origin.git("checkout", "--quiet", "-B", side, "base")
        origin.write(file)
        origin.commit()
        origin.git("tag", f"{side}-1")
    for side, other in (("left", "right-1"), ("right", "left-1")):
        origin.git("checkout", "--quiet", side)
        origin.git("merge", "--quiet", "--no-ff", "--message", "Merge", other)
    origin.git("checkout", "--quiet", "left")
    origin.git("rm", "--quiet", "sdk/left.txt", "server/right.txt")
    origin.commit()
    checkout.clone.git("fetch", "--quiet", "origin")
    checkout.out("origin/left")
    done = checkout.run(SCRIPTS_THAT_ASK[name](), targeted(name, "right"))
    assert done.returncode == 0, done
    if name == "buildkite":
        plan = json.loads(checkout.read("plan.json"))
        assert plan["determined"]
        assert all(plan["surfaces"][surface]["woken"] for surface in BOTH)
    else:
        assert "IMPACT_WOKEN=sdk,server\n" in done.stdout
        assert "IMPACT_DETERMINED=true\n" in done.stdout


AWAKE, ASLEEP = "true", "false"


@pytest.mark.parametrize(
    ("job", "variables", "runs"),
    [
        ("sdk", {"IMPACT_SDK": AWAKE}, True),
        ("sdk", {"IMPACT_SDK": ASLEEP}, False),
        ("sdk", {"IMPACT_SDK": ""}, True),
        ("sdk", {"IMPACT_SDK": "False"}, True),
        ("sdk", {"IMPACT_SERVER": ASLEEP}, True),
        ("server", {"IMPACT_SERVER": AWAKE}, True),
        ("server", {"IMPACT_SERVER": ASLEEP}, False),
        ("server", {}, True),
        ("contracts", {"IMPACT_SDK": ASLEEP, "IMPACT_SERVER": ASLEEP}, False),
        ("contracts", {"IMPACT_SDK": ASLEEP, "IMPACT_SERVER": AWAKE}, True),
        ("contracts", {"IMPACT_SDK": AWAKE, "IMPACT_SERVER": ASLEEP}, True),
        ("contracts", {"IMPACT_SDK": ASLEEP}, True),
        ("contracts", {}, True),
    ],
)
def test_a_job_of_gitlab(
    checkout: Checkout, job: str, variables: dict[str, str], runs: bool
) -> None:
    done = checkout.run(gitlab(job), variables)
    assert (done.returncode, done.stdout) == (0, f"made {job}\n" if runs else "asleep\n")


def test_every_job_of_gitlab_needs_the_one_that_asks() -> None:
    jobs = {n: job for n, job in loaded(GITLAB).items() if n not in ("stages", "workflow")}
    assert {name for name, job in jobs.items() if job.get("needs") == ["impact"]} == {
        "sdk",
        "server",
        "contracts",
    }
    assert len(jobs) == 4


@pytest.mark.parametrize(
    ("variables", "runs"),
    [
        ({"IMPACT_ASLEEP": "sdk"}, False),
        ({"IMPACT_ASLEEP": "docs,sdk,server"}, False),
        ({"IMPACT_ASLEEP": "sdk-next,server"}, True),
        ({"IMPACT_ASLEEP": ""}, True),
        ({}, True),
    ],
)
def test_the_two_lines_for_many_surfaces(
    checkout: Checkout, variables: dict[str, str], runs: bool
) -> None:
    text = PAGE.read_text(encoding="utf-8")
    (line,) = re.findall(r"`(case \",\$\{IMPACT_ASLEEP[^`]*)`", text)
    (grep,) = re.findall(r"`(grep -E '[^`]*)`", text)
    done = checkout.run(f"{line}\nmake sdk", variables)
    assert (done.returncode, done.stdout) == (0, "made sdk\n" if runs else "")
    checkout.clone.write("all.env", Case("main", {}, "base", SDK).dotenv(checkout.commits))
    kept = checkout.run(f"{grep} < all.env", {})
    assert kept.stdout == "IMPACT_ASLEEP=server\nIMPACT_DETERMINED=true\n"


# CircleCI.


def circleci() -> str:
    job = loaded(CIRCLECI / "config.yml")["jobs"]["impact"]
    runs = [step["run"] for step in job["steps"] if isinstance(step, dict) and "run" in step]
    return "\n".join(run if isinstance(run, str) else run["command"] for run in runs)


def webhook(branch: str, base: str, **more: str) -> dict[str, str]:
    return {
        "TRIGGER_SOURCE": "webhook",
        "CIRCLE_BRANCH": branch,
        "BASE_REVISION": base,
        **more,
    }


CIRCLECI_CASES = {
    "push to the default branch": Case("main", webhook("main", "@base"), "base", SERVER),
    "first pipeline of the default branch": Case("main", webhook("main", "")),
    "force push of the default branch": Case("main", webhook("main", GONE)),
    "push to a branch": Case("topic", webhook("topic", "@base"), "base", SDK),
    "new branch": Case("topic", webhook("topic", ""), "base", SDK),
    "new hostile branch": Case("topic", webhook(HOSTILE, ""), "base", SDK),
    "pull request of a fork": Case("topic", webhook("pull/5", ""), "base", SDK),
    "tag": Case("main", {"TRIGGER_SOURCE": "webhook", "CIRCLE_TAG": "v1"}),
    "api": Case("topic", webhook("topic", "", TRIGGER_SOURCE="api")),
    "schedule": Case("main", webhook("main", "@base", TRIGGER_SOURCE="scheduled_pipeline")),
    "nothing": Case("main", {}),
}


def asked(condition: Any, parameters: Mapping[str, bool]) -> bool:
    """What CircleCI makes of a `when`."""
    if isinstance(condition, dict):
        ((operator, rows),) = condition.items()
        assert operator == "or"
        return any(asked(row, parameters) for row in rows)
    (name,) = re.fullmatch(r"<< pipeline\.parameters\.(\w+) >>", condition).groups()  # type: ignore[union-attr]
    return parameters[name]


def continued(woken: tuple[str, ...]) -> Any:
    """The second configuration with the parameters of a plan."""
    config = loaded(CIRCLECI / "continue_config.yml")
    assert list(config["parameters"]) == list(BOTH)
    for name, parameter in config["parameters"].items():
        parameter["default"] = name in woken
    return config


@pytest.mark.parametrize("case", CIRCLECI_CASES.values(), ids=CIRCLECI_CASES)
def test_circleci(checkout: Checkout, case: Case) -> None:
    checkout.out(case.out)
    done = checkout.run(circleci(), case.filled(checkout.commits), *BASH)
    assert done.returncode == 0, done
    parameters = json.loads(checkout.read("parameters.json"))
    assert parameters == {name: name in case.woken for name in BOTH}
    case.check_plan(json.loads(checkout.read("plan.json")), checkout.commits)
    assert not checkout.exists("pwned")
    workflows = continued(case.woken)["workflows"]
    run = [name for name in workflows if asked(workflows[name]["when"], parameters)]
    assert run == [*case.woken, "contracts"]


def test_circleci_without_a_default_branch_in_the_clone(checkout: Checkout) -> None:
    checkout.clone.git("remote", "set-head", "origin", "--delete")
    checkout.clone.git("remote", "set-url", "origin", NOWHERE)
    for branch in ("main", "master"):
        checkout.clone.git("update-ref", "-d", f"refs/remotes/origin/{branch}")
    for name in ("push to the default branch", "new branch"):
        case = CIRCLECI_CASES[name]
        checkout.out(case.out)
        done = checkout.run(circleci(), case.filled(checkout.commits), *BASH)
        assert done.returncode == 0, done
        Case(case.out, {}).check_plan(json.loads(checkout.read("plan.json")), {})


def test_circleci_with_a_tag_and_no_default_branch_in_the_clone(checkout: Checkout) -> None:
    checkout.clone.git("remote", "set-head", "origin", "--delete")
    case = Case("main", {**CIRCLECI_CASES["tag"].variables, "BASE_REVISION": "@base"})
    checkout.out(case.out)
    done = checkout.run(circleci(), case.filled(checkout.commits), *BASH)
    assert done.returncode == 0, done
    case.check_plan(json.loads(checkout.read("plan.json")), {})


def test_the_workflows_of_circleci() -> None:
    config = loaded(CIRCLECI / "continue_config.yml")
    awake = {"type": "boolean", "default": True}
    assert config["parameters"] == {"sdk": awake, "server": awake}
    asleep = dict.fromkeys(BOTH, False)
    for name, workflow in config["workflows"].items():
        assert workflow["jobs"] == [name]
        assert not asked(workflow["when"], asleep)
    assert list(config["workflows"]) == list(config["jobs"])


def test_circleci_continues_with_what_the_script_wrote() -> None:
    config = loaded(CIRCLECI / "config.yml")
    assert config["setup"] is True
    assert config["jobs"]["impact"]["steps"][-1] == {
        "continuation/continue": {
            "configuration_path": ".circleci/continue_config.yml",
            "parameters": "parameters.json",
        }
    }
    assert config["jobs"]["impact"]["environment"] == {
        "BASE_REVISION": "<< pipeline.git.base_revision >>",
        "TRIGGER_SOURCE": "<< pipeline.trigger_source >>",
    }
    assert "<<" not in circleci()


# Buildkite.


def buildkite() -> str:
    (step,) = loaded(BUILDKITE / "pipeline.yml")["steps"]
    # The agent fills in what looks like a variable before any shell sees it.
    assert "$" not in (BUILDKITE / "pipeline.yml").read_text(encoding="utf-8")
    return "\n".join(step["commands"])


def build(base: str = "", **more: str) -> dict[str, str]:
    return {
        "BUILDKITE_SOURCE": "webhook",
        "BUILDKITE_PIPELINE_DEFAULT_BRANCH": "main",
        "BUILDKITE_PULL_REQUEST_BASE_BRANCH": base,
        **more,
    }


BUILDKITE_CASES = {
    "pull request": Case("topic", build("main"), "base", SDK),
    "pull request, to another branch": Case("late", build("release"), "release", SERVER),
    "pull request, to a hostile branch": Case("topic", build(HOSTILE), "base", SDK),
    "pull request, from a hostile branch": Case(
        "topic", build("main", BUILDKITE_BRANCH=HOSTILE), "base", SDK
    ),
    "pull request, its target gone": Case("topic", build("trunk")),
    "push to a branch": Case("topic", build(BUILDKITE_BRANCH="topic"), "base", SDK),
    "push to the default branch": Case("main", build(BUILDKITE_BRANCH="main")),
    "push to the default branch, overtaken": Case("base", build(BUILDKITE_BRANCH="main")),
    "given base": Case("main", build(IMPACT_BASE="@base"), "base", SERVER),
    "given base that is gone": Case("main", build(IMPACT_BASE=GONE)),
    "tag": Case("topic", build(BUILDKITE_TAG="v1")),
    "somebody's click": Case("topic", build(BUILDKITE_SOURCE="ui")),
    "schedule": Case("topic", build(BUILDKITE_SOURCE="schedule")),
    "nothing": Case("main", {}),
}


def uploaded(woken: tuple[str, ...]) -> Any:
    """What is uploaded for a plan."""
    wanted: list[dict[str, str]] = []
    for names in (SDK, SERVER, BOTH):
        label = "contracts" if names == BOTH else names[0]
        wanted.append({"label": label, "command": f"make {label}"})
        if not set(names).intersection(woken):
            wanted[-1]["skip"] = "asleep: nothing in its paths changed"
    return {"steps": wanted}


@pytest.mark.parametrize("case", BUILDKITE_CASES.values(), ids=BUILDKITE_CASES)
def test_buildkite(checkout: Checkout, case: Case) -> None:
    checkout.out(case.out)
    done = checkout.run(buildkite(), case.filled(checkout.commits), *BASH)
    assert done.returncode == 0, done
    case.check_plan(json.loads(checkout.read("plan.json")), checkout.commits)
    assert json.loads(checkout.read("uploaded.json")) == uploaded(case.woken)
    assert not checkout.exists("pwned")


def test_buildkite_in_an_old_checkout(origin: Repository, checkout: Checkout) -> None:
    """The target changed a file, the branch merged that and changed it back.

    To an old `origin/main` nothing has changed.
    """
    origin.commit(**{"sdk__x.txt": "new\n"})
    origin.git("checkout", "--quiet", "topic")
    origin.git("reset", "--quiet", "--hard", "main")
    origin.commit(**{"sdk__x.txt": "old\n"})
    checkout.clone.git("fetch", "--quiet", "origin", "topic")
    checkout.commits |= {"main": origin.id("main"), "topic": origin.id("topic")}
    checkout.out("topic")
    done = checkout.run(buildkite(), build("main"))
    assert done.returncode == 0, done
    case = Case("topic", {}, "main", SDK)
    case.check_plan(json.loads(checkout.read("plan.json")), checkout.commits)
    assert json.loads(checkout.read("uploaded.json")) == uploaded(case.woken)


@pytest.mark.parametrize("plan", ["", "{}", '{"surfaces": {"sdk": {"woken": false}}}'])
def test_buildkite_uploads_nothing_without_a_whole_plan(checkout: Checkout, plan: str) -> None:
    checkout.out("main")
    checkout.clone.write("plan.json", plan)
    after = buildkite().split("\n", 1)[1]
    assert checkout.run(after, {}).returncode != 0
    assert not checkout.exists("uploaded.json")


def test_buildkite_where_all_sleeps(checkout: Checkout) -> None:
    checkout.out("base")
    checkout.clone.commit(**{"README.md": "# Read this\n"})
    done = checkout.run(buildkite(), build(IMPACT_BASE=checkout.commits["base"]))
    assert done.returncode == 0, done
    assert json.loads(checkout.read("uploaded.json")) == uploaded(())


# Jenkins.


@dataclass(frozen=True)
class Stage:
    """The shell scripts of a stage: its steps', and those whose exit code decides."""

    name: str
    steps: list[str]
    conditions: list[str]


_PIECE = re.compile(r"'''(?P<block>.*?)'''|'(?P<word>[^'\n]*)'|//[^\n]*", re.DOTALL)


def stages() -> list[Stage]:
    """The stages of the Jenkinsfile; its brackets are held to be balanced."""
    text = JENKINS.read_text(encoding="utf-8")
    found: list[Stage] = []
    bare, end = "", 0
    for piece in _PIECE.finditer(text):
        before = text[end : piece.start()]
        bare, end = bare + before, piece.end()
        if before.endswith("stage("):
            found.append(Stage(piece["word"], [], []))
        elif piece["block"] is not None:
            assert "\\" not in piece["block"]  # Groovy would read an escape
            kind = found[-1].steps if before.endswith(" sh ") else found[-1].conditions
            kind.append(piece["block"])
    bare += text[end:]
    assert '"' not in bare  # no string that Groovy would interpolate
    opened: list[str] = []
    pairs = {"}": "{", ")": "(", "]": "["}
    for character in bare:
        if character in pairs.values():
            opened.append(character)
        elif character in pairs:
            assert opened.pop() == pairs[character]
    assert opened == []
    return found


def jenkins_asks() -> str:
    (script,) = stages()[0].steps
    return script


PRIMARY = {"BRANCH_IS_PRIMARY": "true", "BRANCH_NAME": "main"}

JENKINS_CASES = {
    "pull request, its head": Case("topic", {"CHANGE_TARGET": "main"}, "base", SDK),
    "pull request, merged": Case("merge", {"CHANGE_TARGET": "main"}, "main", SDK),
    "pull request, to another branch": Case(
        "late", {"CHANGE_TARGET": "release"}, "release", SERVER
    ),
    "pull request, to a hostile branch": Case("topic", {"CHANGE_TARGET": HOSTILE}, "base", SDK),
    "pull request, from a hostile branch": Case(
        "topic", {"CHANGE_TARGET": "main", "CHANGE_BRANCH": HOSTILE}, "base", SDK
    ),
    "pull request, its target gone": Case("topic", {"CHANGE_TARGET": "trunk"}),
    "primary branch": Case(
        "main", PRIMARY | {"GIT_PREVIOUS_SUCCESSFUL_COMMIT": "@base"}, "base", SERVER
    ),
    "primary branch, first build": Case("main", PRIMARY),
    "primary branch, built again": Case(
        "main", PRIMARY | {"GIT_PREVIOUS_SUCCESSFUL_COMMIT": "@main"}
    ),
    "primary branch, force push": Case(
        "main", PRIMARY | {"GIT_PREVIOUS_SUCCESSFUL_COMMIT": GONE}
    ),
    "primary branch, not told": Case("main", {"GIT_PREVIOUS_SUCCESSFUL_COMMIT": "@base"}),
    "branch": Case("topic", {"BRANCH_NAME": "topic"}, "base", SDK),
    "hostile branch": Case("topic", {"BRANCH_NAME": HOSTILE}, "base", SDK),
    "tag": Case("topic", {"TAG_NAME": "v1"}),
}


@pytest.mark.parametrize("case", JENKINS_CASES.values(), ids=JENKINS_CASES)
def test_jenkins(checkout: Checkout, case: Case) -> None:
    checkout.out(case.out)
    done = checkout.run(jenkins_asks(), case.filled(checkout.commits), *TRACED)
    assert done.returncode == 0, done
    assert checkout.read("impact.env") == done.stdout == case.dotenv(checkout.commits)
    assert not checkout.exists("pwned")


def test_jenkins_without_the_default_branch_in_the_clone(checkout: Checkout) -> None:
    checkout.clone.git("remote", "set-head", "origin", "--delete")
    checkout.clone.git("remote", "set-url", "origin", NOWHERE)
    checkout.clone.git("update-ref", "-d", "refs/remotes/origin/main")
    checkout.out("topic")
    done = checkout.run(jenkins_asks(), {"BRANCH_NAME": "topic"}, *TRACED)
    assert (done.returncode, done.stdout) == (0, Case("topic", {}).dotenv({}))


def test_jenkins_asks_the_server_for_the_default_branch(
    origin: Repository, checkout: Checkout
) -> None:
    """It is not `main`, and the job does not say that it builds it."""
    origin.git("symbolic-ref", "HEAD", "refs/heads/release")
    checkout.clone.git("remote", "set-head", "origin", "--delete")
    for out, base, woken in (("release", None, BOTH), ("late", "release", SERVER)):
        checkout.out(out)
        done = checkout.run(jenkins_asks(), {"BRANCH_NAME": out}, *TRACED)
        expected = Case(out, {}, base, woken).dotenv(checkout.commits)
        assert (done.returncode, done.stdout) == (0, expected)


@pytest.mark.parametrize(
    ("report", "run"),
    [
        ("IMPACT_SDK=true\nIMPACT_SERVER=true\n", ["sdk", "server", "contracts"]),
        ("IMPACT_SDK=false\nIMPACT_SERVER=true\n", ["server", "contracts"]),
        ("IMPACT_SDK=true\nIMPACT_SERVER=false\n", ["sdk", "contracts"]),
        ("IMPACT_SDK=false\nIMPACT_SERVER=false\n", []),
        ("IMPACT_SDK=false\n", ["server", "contracts"]),
        ("IMPACT_SDK=false?\nXIMPACT_SERVER=false\n", ["sdk", "server", "contracts"]),
        ("", ["sdk", "server", "contracts"]),
        (None, ["sdk", "server", "contracts"]),
    ],
)
def test_the_stages_of_jenkins(checkout: Checkout, report: str | None, run: list[str]) -> None:
    if report is not None:
        checkout.clone.write("impact.env", report)
    gated = stages()[1:]
    awake = [
        stage
        for stage in gated
        if any(
            checkout.run(condition, {}, *TRACED).returncode for condition in stage.conditions
        )
    ]
    assert [stage.name for stage in awake] == run
    for stage in awake:
        (script,) = stage.steps
        assert checkout.run(script, {}, *TRACED).stdout == f"made {stage.name}\n"


def test_every_condition_of_jenkins_wakes_on_all_but_found() -> None:
    text = JENKINS.read_text(encoding="utf-8")
    question = r"expression \{ sh\(returnStatus: true, script: '''[^']*'''\) (\S+ \S+) \}"
    assert re.findall(question, text) == ["!= 0"] * text.count("expression")
    assert [(stage.name, len(stage.conditions)) for stage in stages()] == [
        ("impact", 0),
        ("sdk", 1),
        ("server", 1),
        ("contracts", 2),
    ]
