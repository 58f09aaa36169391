"""Test suite. A test's name is a sentence about behaviour."""
