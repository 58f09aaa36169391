"""The schema's history, inside the package, so that an installed wheel can upgrade its database."""

NEWEST_REVISION = "0005"  # known without Alembic, which serving does not need; a test holds it against the files
