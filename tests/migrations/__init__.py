"""Migrations: the schema moves, the data stay."""
