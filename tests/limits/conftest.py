"""Test fixtures that tests/auth has as well."""

from tests.auth.conftest import (  # noqa: F401  # fixtures
    clock,
    limited_ada,
    limited_app,
    limited_client,
    other_limited_worker,
    other_worker,
    patient_hashing,
)
