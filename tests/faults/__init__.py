"""A database that goes away, hangs or is full, and answers that get lost: told as they should be, and got over."""
