"""Test fixture of the trash."""

import pytest

from tests.people import Person
from tests.trash.life import Life


@pytest.fixture
def life(ada: Person) -> Life:
    return Life(ada)
