"""Shared library: tools that have never heard of a bucket."""
