"""REST resource history: what was done to an item, and by which session or token."""
