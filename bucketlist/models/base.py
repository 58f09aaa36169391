"""What the pages of the database schema share: names of constraints, column types, and whose a row is."""

from sqlalchemy import Column, DateTime, ForeignKey, MetaData, Text, Uuid

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
