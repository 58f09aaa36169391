"""Shared library: the tools that have never heard of a bucket."""
