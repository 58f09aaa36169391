"""What holds everywhere, and what nothing starts with."""
