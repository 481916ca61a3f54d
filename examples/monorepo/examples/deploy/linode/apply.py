"""Applies a migration to a database: apply.py DATABASE FILE."""

import sqlite3
import sys

database = sqlite3.connect(sys.argv[1])
with open(sys.argv[2], encoding="utf-8") as migration:
    try:
        database.executescript(f"BEGIN;\n{migration.read()}\nCOMMIT;")
    except sqlite3.Error as error:
        sys.exit(f"{migration.name} fails, and nothing of it is applied: {error}")
