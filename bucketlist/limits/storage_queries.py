"""SQL queries of the storage quota."""

from sqlalchemy import BigInteger, ColumnElement, bindparam, cast, func, or_, select, update

from bucketlist.auth import access
from bucketlist.kit.db.database import Statement, execute
from bucketlist.models import files, users

_ADDED, _MOST = bindparam("added", type_=BigInteger), bindparam("most", type_=BigInteger)
ADD_BYTES = Statement(
    update(users)
    .where(users.c.id == access.OWNER, or_(users.c.text_bytes + _ADDED <= _MOST, _ADDED <= 0))
    .values(text_bytes=users.c.text_bytes + _ADDED)
    .returning(users.c.id)
)


def _bytes_of_files(is_there: ColumnElement[bool]) -> ColumnElement[int]:
    held = cast(func.coalesce(func.sum(files.c.kept_bytes), 0), BigInteger)
    return select(held).where(access.owned(files), is_there).scalar_subquery()


# What an account keeps of files, in all of their forms, in the trash as well; each of two indexes has a part of it.
FILE_BYTES = _bytes_of_files(files.c.trash_id.is_(None)) + _bytes_of_files(files.c.trash_id.is_not(None))
HAS_ROOM_FOR_FILE = FILE_BYTES + _ADDED <= _MOST
COUNT_FILE_BYTES = Statement(select(FILE_BYTES))


def count_file_bytes(user_id: str) -> int:
    """How many bytes the files of an account have."""
    return int(execute(COUNT_FILE_BYTES, access.of_owner(user_id))[0][0])


def add_bytes(user_id: str, added: int, most: int) -> bool:
    """False, and nothing is changed, when there would be more than `most`, and more than before."""
    return bool(execute(ADD_BYTES, access.of_owner(user_id, added=added, most=most)))
