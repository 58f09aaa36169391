"""Changes feed: everything of one account that was created, changed or deleted, in order, for offline clients."""
