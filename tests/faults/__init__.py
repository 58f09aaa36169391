"""Fault injection: a database that goes away, hangs or is full, and lost answers: told as they should be, and over."""
