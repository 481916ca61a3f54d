"""Applies all migrations in order to a new database; what comes out is migrations/schema.txt."""

import sqlite3
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "migrations"

files = sorted(FOLDER.glob("*.sql"))
for number, file in enumerate(files, start=1):
    if not file.name.startswith(f"{number:04}_"):
        sys.exit(f"migrations/{file.name}: its number is not the next; call it {number:04}_...")

database = sqlite3.connect(":memory:")
for file in files:
    try:
        database.executescript(file.read_text(encoding="utf-8"))
    except sqlite3.Error as error:
        sys.exit(f"migrations/{file.name} fails after those before it: {error}")

made = ""
for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
    columns = database.execute("SELECT name FROM pragma_table_info(?)", (table,))
    made += f"{table}: {' '.join(name for (name,) in columns)}\n"
if made != (FOLDER / "schema.txt").read_text(encoding="utf-8"):
    sys.exit(f"migrations/schema.txt is not what the migrations make; it should be:\n{made}")
print(f"{len(files)} migrations apply, and make what schema.txt says")
