"""Row lock: whoever deletes a bucket they have seen holds it still for that long, that one, and nobody else's."""

from bucketlist.auth import access
from bucketlist.buckets.queries import LOCK_BUCKET
from bucketlist.kit.db.database import execute, transaction
from tests.people import Person


def test_ada_locks_one_bucket_and_not_bens_of_the_same_id(ada: Person, ben: Person) -> None:
    bucket = ada.make_bucket()["id"]
    ada.make_bucket()
    ben.make_bucket(id=bucket)
    ben.make_bucket()

    with transaction():
        locked = execute(LOCK_BUCKET, access.values(ada.actor, bucket_id=bucket))

    assert [list(row) for row in locked] == [[bucket]]
