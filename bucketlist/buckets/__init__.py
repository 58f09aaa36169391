"""Buckets: the lists that items are kept in."""
