"""``impact schema``: the JSON Schema of filters.yml, for editors."""

from __future__ import annotations

import argparse
import json

from impact.cli.output import write

EXAMPLE = "impact schema > filters.schema.json"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The command has no options."""


def run(arguments: argparse.Namespace) -> int:
    """Print the schema."""
    from impact.config.schema import json_schema

    write(json.dumps(json_schema(), indent=2) + "\n")
    return 0
