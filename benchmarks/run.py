"""Matching, start-up and growth, one after the other; what is printed is Markdown.

    make bench                                      # on what is made for it; some minutes
    make bench ARGS='--action DIR'                  # beside a checkout of dorny/paths-filter
    make bench ARGS='--repository DIR'              # on the files of any repository
    make bench ARGS='--repository DIR --filters FILE'    # and with its own rules
    make bench ARGS='--part startup'

The modules of the three say what is measured, and run alone, too.
"""

from __future__ import annotations

import argparse

from benchmarks import growth, matching, measure, startup

PARTS = {"matching": matching, "startup": startup, "growth": growth}


def main() -> None:
    """Run the parts that are asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--part", action="append", choices=PARTS, help="default: all of them")
    for part in PARTS.values():
        part.add_options(parser)
    arguments = parser.parse_args()
    print(f"{measure.machine()}\n")
    for name in arguments.part or PARTS:
        print(f"## {name.replace('startup', 'start-up').capitalize()}\n")
        PARTS[name].run(arguments)


if __name__ == "__main__":
    main()
