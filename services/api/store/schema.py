"""The migrations, which make the tables."""

from pathlib import Path

# For pkg.db.migrate, and for a test's MySQL(schema=SCHEMA).
SCHEMA = Path(__file__).parents[1] / "schema"
