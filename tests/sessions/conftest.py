"""Test fixtures that tests/auth has as well."""

from tests.auth.conftest import (  # noqa: F401  # fixtures
    clock,
    other_worker,
)
