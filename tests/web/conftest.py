"""Test fixtures of the web app."""

import pytest

from bucketlist.kit.http.openapi import ApiApp
from tests.people import Person
from tests.web.browsing import Visitor, browse


@pytest.fixture
def visitor(app: ApiApp, ada: Person) -> Visitor:
    """Ada, in a browser."""
    return browse(app, ada)
