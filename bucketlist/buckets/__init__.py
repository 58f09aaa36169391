"""REST resource bucket: a list that items are kept in."""
