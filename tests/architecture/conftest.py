"""Test fixtures that tests/every_route has as well."""

from tests.every_route.conftest import (  # noqa: F401  # fixtures
    listed,
)
