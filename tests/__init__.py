"""The tests. A test's name is a sentence about behaviour."""
