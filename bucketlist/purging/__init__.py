"""Deferred deletion: what is deleted is gone at once, and its rows go in batches."""
