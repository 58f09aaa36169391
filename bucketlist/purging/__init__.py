"""Soft delete and purge: what is deleted is gone at once, and its rows go in batches (deferred deletion)."""
