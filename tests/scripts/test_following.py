"""What is used by way of scripts, make, package managers, docker and pip, and the way."""

from __future__ import annotations

import json

import pytest

from tests.scripts.tracked import told, used


def package(name: str = "x", **more: object) -> str:
    return json.dumps({"name": name, **more})


SCRIPTS: dict[str, str | None] = {
    "ci/all.sh": '#!/usr/bin/env bash\nset -e\ncd "$(dirname "$0")/.."\n./ci/one.sh web\n',
    "ci/one.sh": '#!/bin/sh -eu\npython "$1/x.py"\nsh ci/all.sh\n',
    "ci/here.sh": (
        '#!/bin/bash\nHERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)\n'
        '. "$HERE/lib.sh"\nread_it b\nROOT="$HERE/.."\ncat "$ROOT/web/x.py"\n'
        'cat ${BASH_SOURCE%/*}/lib.sh "$(dirname "$(realpath "$0")")/one.sh"\n'
    ),
    "ci/lib.sh": 'read_it() { cat "$HERE/data/$1.txt"; }\n',
    "ci/data/b.txt": "",
    "ci/plain": "cat web/x.py",
    "ci/tool.py": "#!/usr/bin/env python\nopen('web/x.py')",
    "ci/self.sh": "sh ci/self.sh\n",
    "ci/binary.sh": None,
    "web/x.py": "",
}


@pytest.mark.parametrize(
    ("script", "found"),
    [
        (
            "\nbash ci/all.sh",
            [
                "2 ci/all.sh",
                "2 ci/one.sh > ci/all.sh:4",
                "2 web/x.py > ci/all.sh:4 > ci/one.sh:2",
            ],
        ),
        (
            "cd web; ../ci/here.sh",
            [
                "1 ci/here.sh",
                "1 ci/lib.sh > ci/here.sh:3",
                "1 ci/data/b.txt > ci/here.sh:4",
                "1 web/x.py > ci/here.sh:6",
                "1 ci/one.sh > ci/here.sh:7",
            ],
        ),
        ("sh ci/plain", ["1 ci/plain", "1 web/x.py > ci/plain:1"]),
        ("./ci/plain", ["1 ci/plain"]),
        ("./ci/tool.py", ["1 ci/tool.py"]),
        ("sh ci/self.sh", ["1 ci/self.sh"]),
        ("echo ci/all.sh; cat ci/all.sh", ["1 ci/all.sh"]),
        ("tool > ci/all.sh; sh ci/all.sh", []),
        ("sh ci/binary.sh", ["1 ci/binary.sh", "1 ci/binary.sh: it cannot be read"]),
        ("source ci/lib.sh; HERE=ci; read_it b", ["1 ci/lib.sh", "1 ci/data/b.txt"]),
    ],
)
def test_shell_scripts(script: str, found: list[str]) -> None:
    assert told(script, SCRIPTS) == found


def test_scripts_within_scripts_have_an_end() -> None:
    files: dict[str, str | None] = {f"{n}.sh": f"sh {n + 1}.sh" for n in range(30)}
    *_, last = told("sh 0.sh", files)
    assert last.startswith("1 10.sh > 0.sh:1 > ")
    assert last.endswith(": more than 10 scripts within each other")


MAKE: dict[str, str | None] = {
    "Makefile": """\
SCRIPTS := ci
include $(SCRIPTS)/more.mk
-include local.mk missing.mk
.PHONY: all test
# A comment
.DEFAULT_GOAL := test
all: lint test ; @cat x.txt
test: data.json | order.txt
\t@echo testing; \\
\t  cat long.txt
\t-cd web && python $(TOOL)
\tcat web/x.py
lint:: x.txt
\t$(MAKE) -C web lint
ifdef CI
TOOL ?= never.py
endif
TOOL = t.py
generated.txt: input.txt
\tsh ci/gen.sh $< > $@
%.out: %.in
\tcat $< $*.txt
uses-out: a.out
own: X = own.txt
own:
\tcat $(X)
static: s.o
s.o: %.o: %.in
\tcat $^
shell:
\tcat $(shell ls) $(wildcard *.txt) $(UNSET)
define LINES
cat x.txt
cat long.txt
endef
lines:
\t$(LINES)
loop: loop
""",
    "ci/more.mk": "more:\n\tcat $(CURDIR)/x.txt\n",
    "ci/gen.sh": "",
    "web/GNUmakefile": "first:\n\tcat x.py\nlint:\n\tcat lint.cfg\n",
    "web/Makefile": "lint:\n\tcat wrong.cfg\n",
    "web/lint.cfg": "",
    "web/wrong.cfg": "",
    "web/t.py": "",
    "web/never.py": "",
    "web/x.py": "",
    **dict.fromkeys(
        ("data.json", "order.txt", "x.txt", "long.txt", "input.txt", "generated.txt", "a.in",
         "a.txt", "own.txt", "s.in", "local.mk"),
        "",
    ),
}  # fmt: skip
READ = ["1 Makefile", "1 ci/more.mk > Makefile:2", "1 local.mk > Makefile:3"]


@pytest.mark.parametrize(
    ("script", "found"),
    [
        (
            "make",
            [
                "1 data.json > make test (Makefile:8)",
                "1 order.txt > make test (Makefile:8)",
                "1 long.txt > make test (Makefile:10)",
                "1 web/t.py > make test (Makefile:11)",
                "1 web/x.py > make test (Makefile:12)",
            ],
        ),
        ("make -j 4 -k more", ["1 x.txt > make more (ci/more.mk:2)"]),
        (
            "make lint",
            [
                "1 x.txt > make lint (Makefile:13)",
                "1 web/GNUmakefile > make lint (Makefile:14)",
                "1 web/lint.cfg > make lint (Makefile:14) > make lint (web/GNUmakefile:4)",
            ],
        ),
        (
            "make generated.txt",
            [
                "1 input.txt > make generated.txt (Makefile:19)",
                "1 ci/gen.sh > make generated.txt (Makefile:20)",
            ],
        ),
        (
            "make uses-out",
            [
                "1 a.in > make uses-out (Makefile:23) > make a.out (Makefile:21)",
                "1 a.txt > make uses-out (Makefile:23) > make a.out (Makefile:22)",
            ],
        ),
        ("make own", ["1 own.txt > make own (Makefile:26)"]),
        ("make static", ["1 s.in > make static (Makefile:27) > make s.o (Makefile:28)"]),
        ("make shell", []),
        (
            "make lines",
            ["1 x.txt > make lines (Makefile:37)", "1 long.txt > make lines (Makefile:38)"],
        ),
        ("make loop", []),
        ("make nothing", ["1 make nothing: no rule for nothing in Makefile"]),
    ],
)
def test_make(script: str, found: list[str]) -> None:
    lines = told(script, MAKE)
    assert lines[:3] == READ
    assert lines[3:] == found


def test_make_elsewhere() -> None:
    assert used("make -C web", MAKE) == ["web/GNUmakefile", "web/x.py"]
    assert used("cd web; make -f Makefile lint", MAKE) == ["web/Makefile", "web/wrong.cfg"]
    assert used("make -n lint; make --version", MAKE) == []
    assert told("make -C ci", MAKE) == ["1 make -C ci: no makefile is tracked in ci"]
    assert told("make -C $X", MAKE) == ["1 make -C …: the directory is not known"]
    assert told("make -f no.mk", MAKE) == ["1 make -f no.mk: no.mk is not tracked"]
    assert told("make $X", MAKE)[-1] == "1 make …: the target is not known"
    assert "web/t.py" in used("make TOOL=t.py", MAKE)
    assert used("make nothing", {"Makefile": "a:\n\tb"}) == ["Makefile"]
    assert told("make nothing", {"Makefile": "a:\n\tb"})[-1] == (
        "1 make nothing: no rule for nothing in Makefile"
    )


PACKAGES: dict[str, str | None] = {
    "package.json": package(
        workspaces=["packages/*"],
        scripts={
            "build": "node build.mjs",
            "prebuild": "cat pre.txt",
            "all": "run-s build lint:*",
            "lint:a": "cross-env A=b eslint src -c eslint.mjs",
            "lint:b:c": "cat pre.txt",
            "web": "npm run --prefix web build",
            "many": "concurrently -n build 'npm:build' \"cat x.txt\"",
            "turbo": "turbo run build",
            "test": "yarn build && npm test",
            "postinstall": "cat x.txt",
        },
    ),
    "package-lock.json": "",
    "turbo.json": "",
    "yarn.lock": "",
    "web/package.json": package("web", scripts={"build": "cat ./a.txt $INIT_CWD"}),
    "web/a.txt": "",
    "web/pnpm-lock.yaml": "",
    "packages/one/package.json": package("@x/one", scripts={"test": "cat one.txt"}),
    "packages/one/one.txt": "",
    "src/a.ts": "",
    **dict.fromkeys(("build.mjs", "pre.txt", "x.txt", "eslint.mjs"), ""),
}
BUILD = [
    "1 package.json",
    "1 pre.txt > npm run prebuild (package.json)",
    "1 build.mjs > npm run build (package.json)",
]


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("npm run build -- --x", BUILD),
        ("cd src && npm run build", BUILD),
        (
            "npm run all",
            [
                "1 package.json",
                "1 pre.txt > npm run all (package.json) > npm run prebuild (package.json)",
                "1 build.mjs > npm run all (package.json) > npm run build (package.json)",
                "1 eslint.mjs > npm run all (package.json) > npm run lint:a (package.json)",
                "1 src/ > npm run all (package.json) > npm run lint:a (package.json)",
            ],
        ),
        (
            "npm run web",
            [
                "1 package.json",
                "1 web/package.json > npm run web (package.json)",
                "1 web/a.txt > npm run web (package.json) > npm run build (web/package.json)",
            ],
        ),
        (
            "npm run many",
            [
                "1 package.json",
                "1 pre.txt > npm run many (package.json) > npm run prebuild (package.json)",
                "1 build.mjs > npm run many (package.json) > npm run build (package.json)",
                "1 x.txt > npm run many (package.json)",
            ],
        ),
        (
            "yarn turbo",
            [
                "1 package.json",
                "1 turbo.json > yarn run turbo (package.json)",
                "1 turbo run build > yarn run turbo (package.json): "
                "it runs in several workspaces",
            ],
        ),
        (
            "npm ci",
            ["1 package.json", "1 package-lock.json", "1 x.txt > npm install (package.json)"],
        ),
        ("npm ci --ignore-scripts", ["1 package.json", "1 package-lock.json"]),
        ("yarn --cwd web", ["1 web/package.json", "1 yarn.lock"]),
        ("cd web; pnpm i", ["1 web/package.json", "1 web/pnpm-lock.yaml"]),
        ("npm install -g x", []),
        ("npm run nothing", ["1 package.json",
                             "1 npm run nothing: no such script in package.json"]),
        ("npm run $X", ["1 package.json", "1 npm run …: the script is not known"]),
        ("yarn eslint src", ["1 package.json", "1 src/"]),
        ("npx eslint src", ["1 src/"]),
        ("npx --yes x@1 src/a.ts", ["1 src/a.ts"]),
        ("npm test -w packages/one", ["1 packages/one/package.json",
                                      "1 packages/one/one.txt > npm run test "
                                      "(packages/one/package.json)"]),
        ("pnpm --filter one test", ["1 packages/one/package.json",
                                    "1 packages/one/one.txt > pnpm run test "
                                    "(packages/one/package.json)"]),
        ("yarn workspace @x/one test", ["1 packages/one/package.json",
                                        "1 packages/one/one.txt > yarn run test "
                                        "(packages/one/package.json)"]),
        ("pnpm --filter 'x...' test",
         ["1 pnpm --filter x... test: it is not known where the workspace is"]),
        ("pnpm -r build", ["1 package.json",
                           "1 pnpm -r build: it runs in several workspaces"]),
        ("npm publish; npm version 1; npm view x.txt", []),
        ("lerna run x", ["1 lerna run x: it runs in several workspaces"]),
    ],
)  # fmt: skip
def test_package_managers(script: str, found: list[str]) -> None:
    assert told(script, PACKAGES) == found


DOCKER: dict[str, str | None] = {
    "Dockerfile": "FROM x\nCOPY . .\nCOPY web/a.txt api /x/\n",
    "api/Dockerfile": """\
# COPY comment.txt /
FROM x AS one
COPY --from=one conf/a.json /
COPY --chown=1:1 conf/a.json \\
  # between
  run.sh ./
ADD ["src", "with space.txt", "/x/"]
ADD https://x.test/run.sh $HIDDEN /
COPY <<EOF /x
COPY hidden.txt /
EOF
RUN --mount=type=bind,source=bound.txt,target=/b cat hidden.txt
COPY m*.txt none.txt /
COPY . /
""",
    "compose.yml": "",
    "docker-compose.override.yml": "",
    "other.yml": "",
    "web/docker-compose.yaml": "",
    "web/docker-compose.override.yml": "",
    "web/a.txt": "",
    **dict.fromkeys(
        [f"api/{name}" for name in ("conf/a.json", "run.sh", "src/x", "with space.txt",
                                    "hidden.txt", "bound.txt", "m1.txt", "comment.txt")],
        "",
    ),
}  # fmt: skip
API = [
    "1 api/Dockerfile",
    "1 api/conf/a.json > docker build api (api/Dockerfile:4)",
    "1 api/run.sh > docker build api (api/Dockerfile:4)",
    "1 api/src/ > docker build api (api/Dockerfile:7)",
    "1 api/with space.txt > docker build api (api/Dockerfile:7)",
    "1 api/bound.txt > docker build api (api/Dockerfile:12)",
    "1 api/m1.txt > docker build api (api/Dockerfile:13)",
    "1 api/ > docker build api (api/Dockerfile:14)",
    "1 COPY $HIDDEN > docker build api (api/Dockerfile:8): its name is not known",
]


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("docker build -t x api", API),
        ("docker buildx build --platform=x --push api", API),
        ("docker build -f api/Dockerfile api --target one", API),
        (
            "docker build .",
            [
                "1 Dockerfile",
                "1 web/a.txt > docker build . (Dockerfile:3)",
                "1 api/ > docker build . (Dockerfile:3)",
            ],
        ),
        ("docker build web", ["1 docker build web: no tracked Dockerfile in web"]),
        ("docker build $X", ["1 docker build …: the context is not known"]),
        ("docker build - < Dockerfile", ["1 Dockerfile"]),
        ("docker compose up -d", ["1 compose.yml"]),
        ("docker compose -f other.yml -p x up", ["1 other.yml"]),
        (
            "cd web; docker-compose up",
            ["1 web/docker-compose.yaml", "1 web/docker-compose.override.yml"],
        ),
        ("docker pull api; docker push web/a.txt; docker version", []),
    ],
)
def test_docker(script: str, found: list[str]) -> None:
    assert told(script, DOCKER) == found


def test_pip() -> None:
    files: dict[str, str | None] = {
        "req/a.txt": "x==1\n-r b.txt\n-c ../c.txt # why\n--requirement=d.txt\n-r a.txt\n",
        **dict.fromkeys(("req/b.txt", "c.txt", "req/d.txt", "web/setup.py", "x"), ""),
    }
    assert told("pip install x -r req/a.txt -e ./web[dev]", files) == [
        "1 req/a.txt",
        "1 req/b.txt > req/a.txt:2",
        "1 c.txt > req/a.txt:3",
        "1 req/d.txt > req/a.txt:4",
        "1 web/",
    ]
    assert used("python -m pip install -rc.txt; uv pip sync req/d.txt", files) == [
        "c.txt",
        "req/d.txt",
    ]
    assert used("pip list; pip uninstall c.txt", files) == []


def test_an_option_may_be_glued_to_its_value() -> None:
    contents = {"extra/D.x": "FROM x\nCOPY a.txt .\n", "app/Dockerfile": "", "app/a.txt": ""}
    assert used("docker build -fextra/D.x app", contents) == ["app/a.txt", "extra/D.x"]


def test_yarn_has_no_short_names_for_scripts() -> None:
    contents = {"app/package.json": package(scripts={"t": "cat x.txt", "test": "cat y.txt"})}
    contents |= {"app/x.txt": "", "app/y.txt": ""}
    assert used("yarn --cwd app t", contents) == ["app/package.json", "app/x.txt"]
    assert used("cd app; npm t", contents) == ["app/package.json", "app/y.txt"]
