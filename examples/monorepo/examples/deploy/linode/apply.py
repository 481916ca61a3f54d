"""Applies a migration to a database: apply.py DATABASE FILE."""

import sqlite3
import sys

database = sqlite3.connect(sys.argv[1])
with open(sys.argv[2], encoding="utf-8") as migration:
    database.executescript(f"BEGIN;\n{migration.read()}\nCOMMIT;")
