"""The schema moves, the data stay."""
