"""Migration autogenerate: what `models/` has and the schema of the newest migration lacks.

    make migration NAME="places of items"

Source: https://alembic.sqlalchemy.org/en/latest/autogenerate.html
"""

import sys

from bucketlist.migrations.runner import make_migration

if __name__ == "__main__":
    print(make_migration(" ".join(sys.argv[1:])))  # noqa: T201  # whoever asked for it wants to know where it is
