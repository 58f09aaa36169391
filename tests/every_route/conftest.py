"""Test fixtures of both resources: what holds for buckets and items alike is tested with each of them."""

import pytest

from tests.people import Person
from tests.resources import Things, buckets_of, items_of


@pytest.fixture(params=["buckets", "items"])
def things(request: pytest.FixtureRequest, ada: Person) -> Things:
    """Ada's buckets, or the items of a bucket of hers."""
    return buckets_of(ada) if request.param == "buckets" else items_of(ada)


@pytest.fixture(params=["buckets", "items of a bucket", "all items"])
def listed(request: pytest.FixtureRequest, ada: Person) -> Things:
    """Each of the three lists, of Ada; still empty."""
    if request.param == "buckets":
        return buckets_of(ada)
    return items_of(ada, everywhere=request.param == "all items")
