"""Backup, restore and verify, and the schema moved with a backup at hand."""
