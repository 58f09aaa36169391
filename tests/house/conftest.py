"""What holds for buckets and items alike is tested with each of them."""

from pathlib import Path

import pytest

from tests.people import Person
from tests.things import Things, buckets_of, items_of

HOUSE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They ask all routes the same. Covered is what the tests of a room have run: that is quicker."""
    for item in items:
        if item.path.is_relative_to(HOUSE):
            item.add_marker("no_cover")


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
