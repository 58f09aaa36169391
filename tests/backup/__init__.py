"""Backups: taken under load, damaged, restored, and the database verified."""
