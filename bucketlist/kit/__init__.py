"""Shared library: tools that name nothing of what the service is about."""
