"""Migrations: the schema's history, inside the package, so that an installed wheel can upgrade its database."""

from pathlib import Path

# Of the names of the files, without Alembic, which serving does not need; a test holds it against what Alembic says.
NEWEST_REVISION = max(path.name[:4] for path in (Path(__file__).parent / "versions").glob("[0-9]*_*.py"))

RENAMED = {"outbox": "letters", "email_addresses": "emails"}  # tables, as they were called before revision 0010
