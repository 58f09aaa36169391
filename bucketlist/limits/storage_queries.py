"""SQL queries of the storage quota."""

from sqlalchemy import BigInteger, bindparam, or_, update

from bucketlist.auth import access
from bucketlist.kit.db.database import Statement, execute
from bucketlist.models import users

_ADDED, _MOST = bindparam("added", type_=BigInteger), bindparam("most", type_=BigInteger)
ADD_BYTES = Statement(
    update(users)
    .where(users.c.id == access.OWNER, or_(users.c.text_bytes + _ADDED <= _MOST, _ADDED <= 0))
    .values(text_bytes=users.c.text_bytes + _ADDED)
    .returning(users.c.id)
)


def add_bytes(user_id: str, added: int, most: int) -> bool:
    """False, and nothing is changed, when there would be more than `most`, and more than before."""
    return bool(execute(ADD_BYTES, access.of_owner(user_id, added=added, most=most)))
