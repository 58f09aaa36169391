"""Bulk actions: several items changed, added or undone at once, all or none."""
