"""REST resource trash: what was deleted and can be restored, for 30 days."""
