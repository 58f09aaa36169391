"""REST resource of tags: what items are found by, whatever bucket they are in."""
