"""The program: its commands, and what each kind of end looks like."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn, TextIO

from impact import __version__
from impact.cli.output import silence
from impact.cli.startup import hurried
from impact.errors import EXIT_BUG, EXIT_INTERRUPTED, EXIT_USAGE, FileError, ImpactError
from impact.quoting import one_line

COMMANDS = {
    "detect": "say which surfaces wake for what changed",
    "explain": "say what paths wake and why, every rule considered",
    "check": "hold the filters against tracked files and workflows; exit 1 on an error",
    "gate": "turn a plan and the results of jobs into pass or fail",
    "wire": "print the jobs, conditions and gate of a workflow, or say where one departs",
    "schema": "print the JSON Schema of filters.yml, for editors",
}
"""What each module of a command is for; only that of the one that runs is imported."""
_DESCRIPTION = "Which parts of CI must wake for a change, and exactly why."
_EPILOG = """\
examples:
  impact detect                      what would CI run for my work tree now?
  impact explain scripts/build.sh    what does this path wake, and why?
  impact check                       what in filters.yml is dead, or not as expected?
  impact wire                        what does a workflow have to say to sleep safely?

exit codes: 0 fine, 1 findings or a failed gate, 2 usage or filters, 3 the change set is
unknown and --require-determined was given, 70 a bug in impact, 130 interrupted
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code.  ``argv`` is without the program."""
    _set_up_streams()
    with suppress(ValueError):  # not the main thread, whose signals are not ours
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
                signal.signal(number, _interrupt)
    arguments = argparse.Namespace()
    try:
        return _run(argv, arguments)
    except FileError as error:
        _complain_of_file(error, arguments)
        return error.exit_code
    except ImpactError as error:
        _complain(f"impact: {one_line(str(error))}\n")
        _annotate(arguments, str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except ImportError as error:
        told = f"what is installed does not run on this machine: {error}"
        _complain(f"impact: {one_line(told)}\n")
        _annotate(arguments, told)
        return EXIT_USAGE
    except BrokenPipeError:
        return EXIT_USAGE  # whoever read our output has gone; nobody is left to tell
    except Exception as error:
        report = _bug_report(error)
        _complain(report)
        _annotate(arguments, report.splitlines()[0].removeprefix("impact: "))
        return EXIT_BUG


def _interrupt(number: int, frame: object) -> NoReturn:
    """End as for Ctrl-C: what was started is stopped, what was written is removed."""
    raise KeyboardInterrupt


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """End with a message in which nothing typed can command a terminal or a runner."""
        super().error(f"{one_line(message)}; see `{self.prog} --help`")


class _Command(_Parser):
    """The parser of a command, complete as soon as it has something to parse."""

    def parse_known_args(self, *given: Any, **named: Any) -> Any:
        """As argparse does it, which passes on here the words behind the command's name."""
        module = import_module(f"impact.cli.{self.prog.rpartition(' ')[2]}")
        self.epilog = f"example:\n  {module.EXAMPLE}"
        module.add_options(self)
        self.set_defaults(run=module.run)
        return super().parse_known_args(*given, **named)


def _set_up_streams() -> None:
    """Print whatever a path contains, and stand a stream that the caller closed."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  lives as long as the process
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _run(argv: Sequence[str] | None, arguments: argparse.Namespace) -> int:
    """Fill in the arguments, which say how an error is to be told, and run the command."""
    words = sys.argv[1:] if argv is None else list(argv)
    with hurried(words):
        return _obey(words, arguments)


def _obey(words: Sequence[str], arguments: argparse.Namespace) -> int:
    parser = _parser()
    for word in words:
        # argparse before Python 3.13 takes the value away and then misses it.
        if word.startswith("-") and word.endswith("=--"):
            parser.error(f"{word}: -- is no value")
    parser.parse_args(words, arguments)
    arguments.directory = os.path.join(".", *arguments.directories)
    if not os.path.isdir(arguments.directory):
        parser.error(f"-C {os.path.join(*arguments.directories)}: no such directory")
    code: int = arguments.run(arguments)
    return code


def _parser() -> argparse.ArgumentParser:
    layout = argparse.RawDescriptionHelpFormatter
    parser = _Parser(
        prog="impact",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=layout,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"impact {__version__}")
    parser.add_argument(
        "-C",
        dest="directories",
        metavar="DIR",
        action="append",
        default=[],
        help="run as if started in this directory; repeatable, each from the one before",
    )
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", required=True, parser_class=_Command
    )
    for name, purpose in COMMANDS.items():
        commands.add_parser(
            name,
            help=purpose,
            description=purpose[0].upper() + purpose[1:] + ".",
            formatter_class=layout,
            allow_abbrev=False,
        )
    return parser


def _complain(text: str) -> None:
    _tell(sys.stderr, text)


def _complain_of_file(error: FileError, arguments: argparse.Namespace) -> None:
    from impact.report import findings, github

    told = "".join(findings.render_finding(finding) for finding in error.findings)
    _complain(f"{told}impact: {error}; nothing is decided\n")
    if _is_for_runner(arguments):
        _tell(sys.stdout, github.render_findings(error.findings))


def _annotate(arguments: argparse.Namespace, message: str) -> None:
    """An error as an annotation, for a runner, which reads it on standard output."""
    if _is_for_runner(arguments):
        from impact.report import github

        _tell(sys.stdout, github.render_error(message))


def _is_for_runner(arguments: argparse.Namespace) -> bool:
    return getattr(arguments, "format", None) == "github"


def _tell(stream: TextIO, text: str) -> None:
    """Print how it ended; where even that fails, the exit code has to do."""
    try:
        stream.write(text)
        stream.flush()
    except OSError:
        silence(stream)


def _bug_report(error: Exception) -> str:
    import platform
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1]
    return (
        f"impact: a bug in impact, not in your filters: "
        f"{type(error).__name__}: {one_line(str(error))}\n"
        f"  at {os.path.basename(last.filename)}:{last.lineno} in {last.name}\n"
        f"  impact {__version__}, Python {platform.python_version()}, {platform.system()}\n"
        "  nothing is decided; please report this with the command that you ran\n"
    )
