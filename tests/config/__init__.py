"""Configuration: what holds everywhere, and what nothing starts with."""
