"""What the pages of the database schema share: names of constraints, column types, and whose a row is."""

from sqlalchemy import Column, DateTime, ForeignKey, ForeignKeyConstraint, Index, MetaData, Text, Uuid, text

NAMES = {  # of constraints and indexes, so that migrations can speak of them on both databases
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)

Id = Uuid(as_uuid=False).with_variant(Text(), "sqlite")
Time = DateTime(timezone=True).with_variant(Text(), "sqlite")
Folded = Text(collation="C").with_variant(Text(collation="BINARY"), "sqlite")  # compared byte by byte

JSON_LIST = {"is_json_list": True}  # of a text: a list as it is answered; null when it is empty


def owner() -> Column[str]:
    """The column that says whose row this is; it goes when its user goes."""
    return Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False)


def parent(column: str, table: str) -> ForeignKeyConstraint:
    """A foreign key between recorded tables: who goes on with a child that is there is refused, once all is done.

    So a forgotten child is an error and not a loss; only with an account goes all that is its own.
    """
    return ForeignKeyConstraint(["user_id", column], [f"{table}.user_id", f"{table}.id"])


def where(condition: str, *columns: str, name: str | None = None) -> Index:
    """A partial index: of the rows that keep a condition only."""
    return Index(name, *columns, postgresql_where=text(condition), sqlite_where=text(condition))


def index_of_list(*columns: str, name: str | None = None) -> Index:
    """The index of a list of all, without what lies in the trash. With `trash_id` in it SQLite, too, needs no rows."""
    return where("trash_id IS NULL", "user_id", *columns, "trash_id", name=name)


def index_of_parts(*columns: str) -> Index:
    """The index of a list of what is in something, which is looked up by its foreign key in the trash as well."""
    return Index(None, "user_id", *columns, "trash_id")


def index_of_trash(*columns: str) -> Index:
    """What lies in the trash, found by its row there, with all that is asked of it."""
    return where("trash_id IS NOT NULL", "user_id", "trash_id", *columns)
