"""Backup, restore and verification, and migrations with a backup at hand."""
